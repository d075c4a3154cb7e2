/**
 * Somebody with the store open in another process writes what gives power: puts, changes and takes away each kind of
 * item. Nothing of it is acted on, each is named on record, and each item is as the ledger says again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dataPaths } from '../../local/stores.ts';
import { DEV_ISSUER } from '../../src/identity/development.ts';
import { bundleWith } from '../charter/world.ts';
import { charterWithTools } from '../mcp/charter.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

let t: TestRuntime;
let tool: DatabaseSync;
let charters = '';

const somebody = (name: string, role: string): Claims => ({
  sub: name.slice(0, 3).toLowerCase(),
  name,
  roles: [role],
});
const ADMIN = { sub: 'ada', name: 'Ada Admin', roles: ['admin'] };

type Claims = Parameters<TestRuntime['token']>[0];
const as = async (claims: Claims, method: string, path: string, body?: unknown) =>
  t.call(method, path, { token: await t.token(claims), ...(body === undefined ? {} : { body }) });

const rowOf = (pk: string, sk: string) =>
  tool.prepare('SELECT * FROM items WHERE pk = ? AND sk = ?').get(pk, sk) as { more: string } | undefined;
const read = (pk: string, sk: string) => JSON.parse(rowOf(pk, sk)?.more ?? '{}');
function write(pk: string, sk: string, item: object): void {
  tool
    .prepare('INSERT OR REPLACE INTO items (pk, sk, version, more) VALUES (?, ?, ?, ?)')
    .run(pk, sk, (item as { version?: number }).version ?? null, JSON.stringify(item));
}
const remove = (pk: string, sk: string) =>
  tool.prepare('DELETE FROM items WHERE pk = ? AND sk = ?').run(pk, sk);

async function alarms(item: string, [partition, place]: readonly [string, string]): Promise<string[]> {
  const { body } = await as(
    { sub: `aud-${item}`, roles: ['auditor'] },
    'GET',
    '/ledger/entries?type=security.tamper_detected&limit=200',
  );
  return body.entries
    .map(({ record }: { record: { data: Record<string, string> } }) => record.data)
    .filter(
      (data: Record<string, string>) =>
        data.item === item && data.partition === partition && data.place === place,
    )
    .map((data: Record<string, string>) => data.kind)
    .reverse();
}

/** Far longer than it takes, for a machine that does much beside. */
const PATIENCE = { timeout: 20_000, interval: 200 };

/** Does it, waits until it is named and mended, and has seen meanwhile that it gave nothing. */
async function tampered(
  item: string,
  [pk, sk]: readonly [string, string],
  how: () => void,
  kind: string,
  givesNothing: () => Promise<void>,
): Promise<void> {
  const before = (await alarms(item, [pk, sk])).length;
  const was = read(pk, sk);
  how();
  await givesNothing();
  await vi.waitFor(async () => {
    await givesNothing();
    expect((await alarms(item, [pk, sk])).slice(before)).toEqual([kind]);
  }, PATIENCE);
  await vi.waitFor(() => expect(read(pk, sk)).toMatchObject(strip(was)), PATIENCE);
}
/** Without what changes with any writing, and what a stop is for: its record has that sealed. */
function strip({ version: _, ...item }: Record<string, unknown>): object {
  const { reason: __, ...stop } = item;
  return 'stopped' in item ? stop : item;
}

const outcome = async (claims: Claims = {}, more: Record<string, unknown> = {}) => {
  const { body } = await as(claims, 'POST', '/decisions', governed(more));
  return body.reasons[0]?.code ?? body.outcome;
};

beforeAll(async () => {
  charters = await mkdtemp(join(tmpdir(), 'chancery-power-'));
  const tools = ['echo', 'slow'].map((name) => ({
    id: `fixture.${name}`,
    server: 'fixture',
    category: 'test',
  }));
  t = await startTestRuntime({
    charterFolder: charterWithTools(
      charters,
      [{ id: 'fixture', sensitivity: 'low', environment: 'local', limits: { seconds: 3, bytes: 100_000 } }],
      tools.map((each) => ({ ...each, sensitivity: 'low', writes: true })),
    ),
    programs: {
      fixture: {
        command: process.execPath,
        args: [join(PROJECT, 'test/fixtures/mcp/server.ts')],
        env: {},
        cwd: PROJECT,
      },
    },
  });
  tool = new DatabaseSync(dataPaths(t.folder).table, { timeout: 2_000 });
});
afterAll(async () => {
  tool.close();
  await t.stop();
  await rm(charters, { recursive: true });
});

const [fay, gil] = [
  somebody('Fay Stone', 'emergency_responder'),
  somebody('Gil Wood', 'emergency_responder'),
];
const [ann, ben] = [somebody('Ann Lee', 'committee_member'), somebody('Ben Ray', 'committee_member')];

describe('an emergency stop', () => {
  const at = ['SYSTEM', 'emergency'] as const;

  it('that nobody ordered is found and taken back', async () => {
    write(...at, {
      version: 1,
      stopped: true,
      since: Date.now(),
      until: Date.now() + 3_600_000,
      releases: [],
      record: '1.0',
    });
    expect(await outcome()).toBe('allow');
    await vi.waitFor(async () => expect(await alarms('emergency', at)).toEqual(['state_inserted']), 5_000);
    await vi.waitFor(() => expect(read(...at).stopped ?? false).toBe(false), 2_000);
  });

  it('cannot be lifted, shortened or taken away in the store', async () => {
    await as(fay, 'POST', '/emergency-stop', { reason: 'a drill' });
    const stands = async () => expect(await outcome()).toBe('emergency_stop');
    await tampered(
      'emergency',
      at,
      () => write(...at, { ...read(...at), stopped: false }),
      'state_changed',
      stands,
    );
    await tampered(
      'emergency',
      at,
      () => write(...at, { ...read(...at), until: 1 }),
      'state_changed',
      stands,
    );
    await tampered('emergency', at, () => remove(...at), 'state_removed', stands);
    const voice = { by: 'x', marks: ['x'], at: Date.now(), record: '1.1' };
    await tampered(
      'emergency',
      at,
      () => write(...at, { ...read(...at), releases: [voice] }),
      'state_changed',
      stands,
    );
    expect((await as(gil, 'POST', '/emergency-release')).body).toMatchObject({ released: false, missing: 1 });
    expect((await as(fay, 'POST', '/emergency-release')).body).toMatchObject({ released: true });
    expect(await outcome()).toBe('allow');
  });
});

describe('a charter', () => {
  const out = {
    'policies/out.cedar':
      '@id("operators-out")\nforbid (principal in Chancery::Role::"operator", action, resource is Chancery::Workflow);\n',
  };
  const active = ['CHARTER', 'active'] as const;
  let id = '';

  it('cannot be put in force by votes or an item in the store', async () => {
    const files = Object.fromEntries(bundleWith(out));
    id = (await as(ADMIN, 'POST', '/charters', { files })).body.id;
    await as(ann, 'POST', `/charters/${id}/replay`, {});
    const draft = ['CHARTER#DRAFTS', id] as const;
    const { body } = await as(ann, 'POST', `/charters/${id}/activate`, { acknowledge: ['allow_to_deny'] });
    expect(body).toMatchObject({ votes: 1, missing: 1 });
    const stillOne = async () => {
      const { body } = await as(ann, 'GET', `/charters/${id}`);
      // Without the replay that it was cast on, which only the store has, no vote counts.
      expect(body.draft?.votes ?? 0).toBeLessThanOrEqual(1);
      expect(await outcome()).toBe('allow');
    };
    const [vote] = read(...draft).votes;
    const forged = { ...vote, by: 'f'.repeat(64), marks: ['f'.repeat(64)] };
    await tampered(
      'charter_votes',
      draft,
      () => write(...draft, { ...read(...draft), votes: [vote, forged] }),
      'state_changed',
      stillOne,
    );
    await tampered(
      'charter_votes',
      draft,
      () => write(...draft, { ...read(...draft), votes: [] }),
      'state_changed',
      stillOne,
    );
    await tampered('charter_votes', draft, () => remove(...draft), 'state_removed', stillOne);

    const item = {
      version: 1,
      digest: id,
      charter_version: '1',
      activated_at: 1,
      record: '1.1',
      how: 'activated',
      earlier: [],
    };
    await tampered(
      'charter_in_force',
      active,
      () => write(...active, item),
      'state_inserted',
      async () => {
        await t.runtime.office.charterWatch.refresh();
        expect(await outcome()).toBe('allow');
      },
    );
  });

  it('in force cannot be replaced or taken away in the store, nor its bundle', async () => {
    const second = await as(ben, 'POST', `/charters/${id}/activate`, { acknowledge: ['allow_to_deny'] });
    expect(second.body).toMatchObject({ activated: true });
    const holds = async () => {
      await t.runtime.office.charterWatch.refresh();
      expect(await outcome()).toBe('policy_forbids');
    };
    const { earlier } = read(...active);
    await tampered(
      'charter_in_force',
      active,
      () => write(...active, { ...read(...active), digest: earlier[0] }),
      'state_changed',
      holds,
    );
    await tampered('charter_in_force', active, () => remove(...active), 'state_removed', holds);
    const bundle = ['CHARTER', `bundle#${id}`] as const;
    await tampered('charter_bundle', bundle, () => write(...bundle, { files: '{}' }), 'state_changed', holds);
    await tampered('charter_bundle', bundle, () => remove(...bundle), 'state_removed', holds);
    expect((await as(ann, 'POST', '/charters/rollback', {})).body.rolled_back).toBe(true);
    expect(await outcome()).toBe('allow');
  });
});

describe.concurrent('an approval', () => {
  it('cannot be moved, changed or taken away in the store', async () => {
    const ask = async () => (await t.execute(production())).body.approval.approval_id;
    const [one, other] = [await ask(), await ask()];
    const at = ['APPROVALS', one] as const;
    await as(ann, 'POST', `/approvals/${one}/approve`);
    const waits = async () => {
      const { body } = await as(ben, 'GET', `/approvals/${one}`);
      expect(body.code ?? body.status).toMatch(/pending|NOT_FOUND/);
    };
    const earlier = read('APPROVALS', other);
    await tampered(
      'approval',
      at,
      () => write(...at, { ...read(...at), record: '1.1' }),
      'state_changed',
      waits,
    );
    await tampered('approval', at, () => write(...at, earlier), 'state_changed', waits);
    await tampered('approval', at, () => remove(...at), 'state_removed', waits);
    expect((await as(ben, 'POST', `/approvals/${one}/approve`)).body.status).toBe('approved');
    const forged = ['APPROVALS', 'apr_01ARZ3NDEKTSV4RRFFQ69G5FAV'] as const;
    await tampered(
      'approval',
      forged,
      () => write(...forged, earlier),
      'state_inserted',
      async () => {
        expect((await as(ben, 'POST', `/approvals/${forged[1]}/approve`)).status).toBe(404);
      },
    );
  });
});

describe.concurrent('a legal hold', () => {
  it('cannot be made, changed or lifted in the store', async () => {
    const reason = 'a court has asked for it';
    const { body } = await as(ADMIN, 'POST', '/ledger/holds', { subject: 'zed', reason });
    const at = ['HOLDS', body.hold_id] as const;
    const holds = async () => {
      const listed = (await as(ADMIN, 'GET', '/ledger/holds')).body.holds;
      expect(listed).toMatchObject([{ hold_id: body.hold_id, subject: body.subject }]);
    };
    await tampered('hold', at, () => write(...at, { ...read(...at), subject: 'x' }), 'state_changed', holds);
    await tampered('hold', at, () => remove(...at), 'state_removed', holds);
    const forged = ['HOLDS', 'hold_1'] as const;
    const item = { version: 1, hold_id: 'hold_1', reason: 'x', placed_at: '' };
    await tampered('hold', forged, () => write(...forged, item), 'state_inserted', holds);
  });
});

describe.concurrent('a case and its sanction', () => {
  const decided = async (subject: string) =>
    (
      await as({ sub: subject, name: subject, kind: 'service' }, 'POST', '/decisions', governed())
    ).body.reasons.map(({ code }: { code: string }) => code);

  it('cannot be lifted, closed, turned on somebody else or made up in the store', async () => {
    const report = {
      violation_type: 'silent_collection',
      node_or_service: 'node-9',
      description: 'it listened',
    };
    const { violation_id } = (await as(somebody('Vera Holt', 'auditor'), 'POST', '/violations', report)).body;
    await as(ann, 'POST', `/violations/${violation_id}/confirm`, { reason: 'the log shows it' });
    const { sanctions } = (await as(ann, 'GET', '/sanctions?subject=node-9&status=active')).body;
    const ban = sanctions.find(({ kind }: { kind: string }) => kind === 'ban');
    const banned = async () => expect(await decided('node-9')).toContain('sanction_ban');
    await banned();

    const entry = ['SANCTIONS', ban.sanction_id] as const;
    const listed = async () =>
      expect((await as(ann, 'GET', `/sanctions/${ban.sanction_id}`)).body).toMatchObject({
        status: 'active',
        until: ban.until,
      });
    const entryIs = async () => {
      await listed();
      await banned();
    };
    const change = (change: object) => () => write(...entry, { ...read(...entry), ...change });
    await tampered('sanction_entry', entry, change({ status: 'lifted' }), 'state_changed', entryIs);
    await tampered('sanction_entry', entry, change({ until: 1 }), 'state_changed', entryIs);
    await tampered('sanction_entry', entry, () => remove(...entry), 'state_removed', entryIs);

    const kase = ['VIOLATIONS', violation_id] as const;
    const confirmed = async () =>
      expect((await as(ann, 'GET', `/violations/${violation_id}`)).body).toMatchObject({
        status: 'confirmed',
        accused: ban.subject,
      });
    const closed = () => write(...kase, { ...read(...kase), status: 'dismissed' });
    const turned = () => write(...kase, { ...read(...kase), accused: { by: 'f'.repeat(64), marks: [] } });
    await tampered('case', kase, closed, 'state_changed', confirmed);
    await tampered('case', kase, turned, 'state_changed', confirmed);
    await tampered('case', kase, () => remove(...kase), 'state_removed', confirmed);

    const forged = ['VIOLATIONS', 'vio_01KAG0000000000000000000AA'] as const;
    const nothing = async () => expect((await as(ann, 'GET', `/violations/${forged[1]}`)).status).toBe(404);
    await tampered('case', forged, () => write(...forged, read(...kase)), 'state_inserted', nothing);
    await banned();
  });
});

describe.concurrent('a revocation', () => {
  it('cannot be taken back, or turned on somebody else, in the store', async () => {
    const { body } = await as(ADMIN, 'POST', '/revocations', { subject: 'zed', reason: 'security_incident' });
    const standing = [`PRINCIPAL#${body.subject}`, 'standing'] as const;
    const out = async () => {
      const refused = await as({ sub: 'zed', name: 'Zed Moor' }, 'GET', '/workflows');
      expect(refused.body.code).toBe('SANCTIONED');
    };
    await out();
    const lifted = { s_revocation: 0, s_revocation_w: 0 };
    await tampered(
      'sanction',
      standing,
      () => write(...standing, { ...read(...standing), ...lifted }),
      'state_changed',
      out,
    );
    await tampered('sanction', standing, () => remove(...standing), 'state_removed', out);

    const at = ['REVOCATIONS', body.revocation_id] as const;
    const same = async () => {
      const shown = (await as(ADMIN, 'GET', `/revocations/${body.revocation_id}`)).body;
      expect(shown).toMatchObject({ subject: body.subject, status: body.status });
    };
    await tampered(
      'revocation',
      at,
      () => write(...at, { ...read(...at), subject: 'f'.repeat(64) }),
      'state_changed',
      same,
    );
    await tampered('revocation', at, () => remove(...at), 'state_removed', same);
  });

  it('of somebody whom nobody sanctioned denies until it is found and taken back', async () => {
    const pseudonym = t.runtime.office.pseudonym({ issuer: DEV_ISSUER.issuer, sub: 'kim' });
    const at = [`PRINCIPAL#${pseudonym}`, 'standing'] as const;
    const ban = { s_ban: 1, s_ban_w: Date.now() + 3_600_000 };
    const kims = () =>
      outcome({ sub: 'kim', name: 'Kim Moor' }, { aim: { ...governed().aim, actor: { name: 'Kim Moor' } } });
    expect(await kims()).toBe('allow');
    write(...at, { ...read(...at), ...ban });
    expect(await kims()).toBe('sanction_ban');
    await vi.waitFor(async () => expect(await alarms('sanction', at)).toContain('state_inserted'), 10_000);
    await vi.waitFor(() => expect(read(...at).s_ban).toBe(0), 5_000);
    expect(await kims()).toBe('allow');
  });
});

describe.concurrent('a capability', () => {
  it('that was used is not good again when the store forgets it', async () => {
    const { body } = await as({}, 'POST', '/decisions', governed());
    const verify = async () =>
      (await as({}, 'POST', '/decisions/verify', { token: body.capability.token })).body;
    expect((await verify()).valid).toBe(true);
    const row = tool.prepare("SELECT sk FROM items WHERE pk = 'CAPABILITY'").get() as { sk: string };
    const at = ['CAPABILITY', row.sk] as const;
    await tampered(
      'capability_use',
      at,
      () => remove(...at),
      'state_removed',
      async () => {
        expect(await verify()).toMatchObject({ valid: false, reason: 'used' });
      },
    );
  });
});

const production = () =>
  governed({
    workflow_name: 'deploy-to-production',
    drag_mode: 'execute',
    parameters: { version: '1.4.0' },
  });

describe.concurrent('an alert', () => {
  it('is not taken on by what somebody writes into the store, nor given back', async () => {
    const labels = {
      alertname: 'CriticalViolation',
      severity: 'critical',
      group: 'charter',
      channel: 'violations',
    };
    const annotations = { summary: 'A CRIMINAL violation', description: 'One.' };
    const alert = {
      status: 'firing',
      labels,
      annotations,
      startsAt: '2026-11-21T08:00:00.000Z',
      fingerprint: 'f1',
    };
    const group = { version: '4', groupKey: '{}:{}', status: 'firing', groupLabels: {} };
    const sre: Claims = { sub: 'sre', name: 'Sal Reed', roles: ['sre'] };
    const told = await as(sre, 'POST', '/notify/alertmanager', {
      ...group,
      alerts: [{ ...alert, endsAt: '0001-01-01T00:00:00Z' }],
    });
    expect(told.status, told.text).toBe(202);
    const at = ['ALERTS', 'f1'] as const;
    const shown = async () =>
      (await as(sre, 'GET', '/alerts')).body.alerts.map(
        ({ acknowledged_by }: { acknowledged_by?: string }) => acknowledged_by,
      );
    await tampered(
      'acknowledgement',
      at,
      () => write(...at, { ...read(...at), acknowledged_by: 'Mallory', acknowledged_record: '1.1' }),
      'state_inserted',
      async () => expect(await shown()).toEqual([undefined]),
    );
    await as(sre, 'POST', '/alerts/f1/acknowledge');
    expect(await shown()).toEqual(['Sal Reed']);
    const { acknowledged_by: _, acknowledged_record: __, ...taken } = read(...at);
    write(...at, taken);
    await vi.waitFor(
      async () => expect(await alarms('acknowledgement', at)).toEqual(['state_inserted', 'state_changed']),
      { timeout: 10_000, interval: 200 },
    );
    await vi.waitFor(async () => expect(await shown()).toEqual(['Sal Reed']), 5_000);
  });
});

describe.concurrent('the review of a tool', () => {
  it('cannot be made, turned to another definition or taken away in the store', async () => {
    const offered = async (name = 'fixture.echo') => {
      const { tools } = (await as(ADMIN, 'GET', '/tools')).body;
      return tools.find(({ tool }: { tool: string }) => tool === name);
    };
    const { definition_digest } = await offered();
    const slow = await offered('fixture.slow');
    const forged = ['TOOL_REVIEWS', 'fixture.slow'] as const;
    const reviewed = await as(ann, 'POST', '/tools/reviews', { tool: 'fixture.echo', definition_digest });
    expect(reviewed.status, reviewed.text).toBe(201);
    const at = ['TOOL_REVIEWS', 'fixture.echo'] as const;
    // Reviewed as it was, or, while the store says otherwise, not at all: never as somebody else wrote it.
    const asReviewed = async () => expect(await offered()).toMatchObject({ definition_digest });
    const change = (item: object) => () => write(...at, { ...read(...at), ...item });
    await tampered('tool_review', at, change({ said: '{' }), 'state_changed', asReviewed);
    await tampered('tool_review', at, change({ record: null }), 'state_changed', asReviewed);
    await tampered('tool_review', at, () => remove(...at), 'state_removed', asReviewed);
    const nobodys = async () => expect(await offered('fixture.slow')).toMatchObject({ reviewed: false });
    const made = () => write(...forged, { ...read(...at), said: JSON.stringify(slow.definition) });
    await tampered('tool_review', forged, made, 'state_inserted', nobodys);
    await vi.waitFor(async () => expect(await offered()).toMatchObject({ reviewed: true }), PATIENCE);
  });
});

describe.concurrent('an override', () => {
  it('cannot be made, made longer or taken away in the store', async () => {
    const { body } = await as(somebody('Mia Holm', 'committee_member'), 'POST', '/overrides', {
      reason: 'time_limited_exception',
      justification: 'The payment provider rotates its certificates tonight',
      workflow_name: 'data-export',
    });
    const at = ['OVERRIDES', body.override_id] as const;
    const same = async () => {
      const shown = (await as(ann, 'GET', `/overrides/${body.override_id}`)).body;
      expect(shown).toMatchObject({ status: 'active', until: body.until });
    };
    const longer = () => write(...at, { ...read(...at), until: 4e12 });
    await tampered('override', at, longer, 'state_changed', same);
    await tampered('override', at, () => remove(...at), 'state_removed', same);
    const forged = ['OVERRIDES', 'ovr_01ARZ3NDEKTSV4RRFFQ69G5FAV'] as const;
    const nothing = async () => expect((await as(ann, 'GET', `/overrides/${forged[1]}`)).status).toBe(404);
    await tampered('override', forged, () => write(...forged, read(...at)), 'state_inserted', nothing);
  });
});

describe.concurrent('what the loop did', () => {
  it('cannot be hidden from whoever undoes it, nor made up, in the store', async () => {
    const node = { sub: 'node-77', name: 'Node 77', kind: 'service', roles: ['operator'] } as const;
    for (let times = 0; times < 3; times += 1) {
      const timestamp = new Date().toISOString();
      const attempt = { metric_name: 'user_location', value: 1, timestamp, source: 'node-77' };
      await as(node, 'POST', '/charter/metrics/validate', attempt);
    }
    const id = await vi.waitFor(
      async () => {
        const { healing } = (await as(ADMIN, 'GET', '/healing?status=executed')).body;
        const done = healing.find(({ action }: { action: string }) => action === 'quarantine_network');
        expect(done?.nodes).toContain('node-77');
        return String(done.healing_id);
      },
      { timeout: 20_000, interval: 200 },
    );
    const at = ['HEALING', id] as const;
    const done = async () =>
      expect((await as(ADMIN, 'GET', `/healing/${id}`)).body).toMatchObject({ status: 'executed' });
    const undone = () => write(...at, { ...read(...at), status: 'undone' });
    await tampered('healing', at, undone, 'state_changed', done);
    await tampered('healing', at, () => remove(...at), 'state_removed', done);
    const forged = ['HEALING', 'heal_01KAG0000000000000000000AA'] as const;
    const nothing = async () => expect((await as(ADMIN, 'GET', `/healing/${forged[1]}`)).status).toBe(404);
    await tampered('healing', forged, () => write(...forged, read(...at)), 'state_inserted', nothing);
    const { body } = await as(ADMIN, 'POST', `/healing/${id}/undo`, { reason: 'it was a test of ours' });
    expect(body).toMatchObject({ status: 'undone' });
  });
});
