/** Revocations and retention on the running system, over HTTP and the command line. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const DAY = 86_400_000;
const PERSON = {
  sub: 'zebedee',
  name: 'Zebedee Quartzfield',
  email: 'zq@quartzfield.example',
  roles: ['operator'],
} as const;
const PLAIN = [PERSON.name, PERSON.email, 'Quartzfield objective text', 'quartzfield-parameter'];
const run = promisify(execFile);

let t: TestRuntime;
let offset = 0;
const clock = () => Date.now() + offset;

const admin = () => t.token({ sub: 'ada', name: 'Ada Admin', roles: ['admin'] });
const second = () => t.token({ sub: 'bob', name: 'Bob Second', roles: ['admin'] });
const person = () => t.token(PERSON);
const ask = async (method: string, path: string, body?: unknown) =>
  t.call(method, path, { token: await admin(), ...(body === undefined ? {} : { body }) });

async function chancery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = {
    ...process.env,
    CHANCERY_DATA: t.folder,
    CHANCERY_URL: t.runtime.url,
    CHANCERY_TOKEN: await admin(),
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [join(PROJECT, 'bin/chancery.ts'), ...args], {
      env,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** Files of the data folder, logs included, that hold any of these texts. */
async function holding(texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(t.folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const forms = texts.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('base64').slice(0, -4)),
  ]);
  const contents = await Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
  return contents.filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([file]) => file);
}

const entriesOf = async (type: string) =>
  (await ask('GET', `/ledger/entries?type=${type}&limit=1000`)).body.entries as {
    id: string;
    record: { subject?: string; data: Record<string, unknown>; personal?: unknown; after?: string };
    record_hash: string;
  }[];

beforeAll(async () => {
  t = await startTestRuntime({}, { clock });
});
afterAll(() => t.stop());

describe('a revocation', () => {
  let id = '';

  it('is for whoever holds revocations:write, and names what is wrong with an order', async () => {
    const body = { subject: 'zebedee', reason: 'user_request' };
    expect((await t.call('POST', '/revocations', { body })).body.code).toBe('AUTH_REQUIRED');
    expect((await t.call('POST', '/revocations', { body, token: await person() })).body.code).toBe(
      'INSUFFICIENT_SCOPE',
    );
    for (const [wrong, path] of [
      [{ subject: 'zebedee', reason: 'boredom' }, '/reason'],
      [{ reason: 'user_request' }, '/subject'],
      [{ subject: '', reason: 'user_request' }, '/subject'],
    ] as const) {
      const { status, body: said } = await ask('POST', '/revocations', wrong);
      expect([status, said.code, said.reasons[0].path]).toEqual([400, 'VALIDATION_ERROR', path]);
    }
    expect((await ask('GET', '/revocations/rev_01ARZ3NDEKTSV4RRFFQ69G5FAV')).body.code).toBe('NOT_FOUND');
  });

  it('stops access at once, exports, erases and proves it', async () => {
    const request = governed({
      aim: {
        actor: { name: PERSON.name },
        input: { sources: [{ type: 'ledger', description: 'the last day' }] },
        mission: { objective: 'Quartzfield objective text', success_criteria: ['a report is written'] },
      },
      parameters: {},
    });
    const kept = { 'idempotency-key': 'quartz-1' };
    expect((await t.execute(request, PERSON, kept)).status).toBe(200);
    const exporting = governed({
      workflow_name: 'data-export',
      drag_mode: 'execute',
      parameters: { subject: PERSON.sub },
    });
    expect((await t.execute(exporting)).status).toBe(200);
    expect((await holding(PLAIN)).some((file) => file.includes('exports'))).toBe(true);

    const { capability } = (await t.call('POST', '/decisions', { token: await person(), body: request }))
      .body;
    const redeem = async () =>
      (await ask('POST', '/decisions/verify', { token: capability.token, keep: true })).body;
    expect(await redeem()).toMatchObject({ valid: true });

    const order = { subject: PERSON.sub, reason: 'account_closure' };
    const first = await ask('POST', '/revocations', order);
    expect(await redeem()).toMatchObject({ valid: false, reason: 'sanctioned' });
    expect([first.status, first.body]).toMatchObject([
      202,
      { status: 'requested', access: 'stopped', waits_for: 'second_person' },
    ]);
    id = first.body.revocation_id;
    const again = await ask('POST', `/revocations/${id}/confirm`);
    expect([again.status, again.body.reasons[0].code]).toEqual([409, 'second_person_is_first']);
    const { status, body } = await t.call('POST', '/revocations', { token: await second(), body: order });
    expect(body.revocation_id).toBe(id);
    expect([status, body]).toMatchObject([
      201,
      {
        success: true,
        status: 'erased',
        access: 'stopped',
        reason: 'account_closure',
        export: { status: 'available' },
        proof: {
          id: expect.stringMatching(/^\d+\.\d+$/),
          record_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
    ]);
    expect((await ask('GET', `/revocations/${id}`)).body).toMatchObject({
      status: 'erased',
      revocation_id: id,
    });
    expect((await ask('GET', '/revocations')).body.revocations).toMatchObject([{ revocation_id: id }]);

    // The same token, a moment later: on every route, whether it weighs or not.
    for (const refused of [
      await t.execute(request, PERSON),
      await t.execute(request, PERSON, kept),
      await t.call('GET', '/workflows', { token: await person() }),
      await t.call('GET', '/ledger/entries', { token: await person() }),
    ])
      expect([refused.status, refused.body.code]).toEqual([403, 'SANCTIONED']);
    expect((await ask('GET', '/workflows')).status).toBe(200);
  });

  it('leaves nothing readable of the person in any file, a refusal after it included', async () => {
    expect(await holding(PLAIN)).toEqual([]);
    const refusals = (await entriesOf('auth.scope_denied')).filter(
      ({ record }) => record.data.reason === 'revoked',
    );
    expect(refusals).toHaveLength(3);
    const after = (await entriesOf('decision.made')).filter(({ record }) =>
      JSON.stringify(record.data.reasons).includes('sanction_revocation'),
    );
    expect([...refusals, ...after].map(({ record }) => record.personal)).toEqual(
      [...refusals, ...after].map(() => undefined),
    );
    expect((await ask('GET', `/ledger/entries?subject=${PERSON.sub}`)).body.entries.length).toBeGreaterThan(
      3,
    );
    const { verdict, findings } = (await ask('POST', '/ledger/verify')).body;
    const told = new Set(findings.map((finding: { verdict: string }) => finding.verdict));
    told.delete('PENDING');
    expect([['OK', 'PENDING'].includes(verdict), [...told]]).toEqual([true, ['ERASED']]);
  });

  it('is told by three records that are chained, and by its metrics', async () => {
    const [[requested], [exported], [erased]] = [
      await entriesOf('revocation.requested'),
      await entriesOf('revocation.exported'),
      await entriesOf('revocation.erased'),
    ];
    expect(requested?.record.data).toMatchObject({ revocation_id: id, reason: 'account_closure' });
    const hash = requested?.record_hash;
    expect(exported?.record).toMatchObject({
      after: hash,
      data: { revocation_id: id, records: expect.any(Number) },
    });
    expect(erased?.record).toMatchObject({ after: hash, subject: requested?.record.data.subject });
    expect(erased?.record.data).toMatchObject({
      revocation_id: id,
      keys: [expect.stringMatching(/^[0-9a-f]{64}\.\d+$/)],
      duration_us: expect.any(Number),
    });
    const metrics = (await ask('GET', '/metrics')).text;
    expect(metrics).toContain('chancery_charter_data_revocations_total{reason="account_closure"} 1');
    expect(metrics).toMatch(/chancery_charter_data_revocation_duration_seconds_count(\{\})? 1/);
  });

  it('hands the export over until it is destroyed', async () => {
    const headers = { authorization: `Bearer ${await admin()}` };
    const response = await fetch(`${t.runtime.url}/revocations/${id}/export`, { headers });
    expect(response.headers.get('content-type')).toBe('application/jsonl');
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(lines.some(({ personal }) => personal?.name === PERSON.name)).toBe(true);
    expect((await ask('DELETE', `/revocations/${id}/export`)).body).toMatchObject({ removed: true });
    expect((await ask('GET', `/revocations/${id}/export`)).status).toBe(404);
    expect((await ask('DELETE', `/revocations/${id}/export`)).status).toBe(404);
    expect((await ask('GET', `/revocations/${id}`)).body.export.status).toBe('removed');
  });

  it('waits for a legal hold on the person, and goes on when it is lifted', async () => {
    expect((await t.execute(governed(), { sub: 'heidi', name: 'Jake Smith' })).status).toBe(200);
    expect((await ask('POST', '/ledger/holds', { reason: 'short' })).body.reasons[0].path).toBe('/reason');
    const hold = (
      await ask('POST', '/ledger/holds', { subject: 'heidi', reason: 'case 2026-11, court order' })
    ).body;
    expect((await ask('GET', '/ledger/holds')).body.holds).toMatchObject([{ hold_id: hold.hold_id }]);
    const own = { subject: 'heidi', reason: 'user_request' };
    const theirs = async (sub: string) => ({ ...own, subject_token: await t.token({ sub }) });
    expect((await ask('POST', '/revocations', await theirs('jake'))).body.reasons[0].code).toBe(
      'not_their_request',
    );
    // First on somebody's word alone, then with hers: the same one goes on.
    const waits = await ask('POST', '/revocations', own);
    expect(waits.body).toMatchObject({ status: 'requested', waits_for: 'second_person' });
    const asked = await ask('POST', '/revocations', await theirs('heidi'));
    expect(asked.body.revocation_id).toBe(waits.body.revocation_id);
    expect([asked.status, asked.body]).toMatchObject([202, { status: 'exported', held_by: hold.hold_id }]);
    const heidi = await t.token({ sub: 'heidi' });
    expect((await t.call('GET', '/workflows', { token: heidi })).body.code).toBe('SANCTIONED');
    expect((await ask('DELETE', `/ledger/holds/${hold.hold_id}`)).body).toMatchObject({ lifted: true });
    expect((await ask('DELETE', `/ledger/holds/${hold.hold_id}`)).status).toBe(404);
    offset += 61_000;
    await t.runtime.office.revocations.sweep();
    expect((await ask('GET', `/revocations/${asked.body.revocation_id}`)).body).toMatchObject({
      status: 'erased',
    });
    const told = (await entriesOf('admin.config_changed')).map(({ record }) => record.data.what);
    expect(told).toEqual(expect.arrayContaining(['legal_hold_placed', 'legal_hold_lifted']));
  });

  it('removes an export whose thirty days are over', async () => {
    offset += 31 * DAY;
    await t.runtime.office.revocations.sweep();
    const { revocations } = (await ask('GET', '/revocations')).body;
    expect(revocations.map((each: { export: { status: string } }) => each.export.status)).toEqual([
      'removed',
      'removed',
    ]);
    offset = 0;
  });

  it('is one command', async () => {
    const order = ['revoke', 'mallory', '--reason', 'security_incident'];
    // Nobody can be asked here, and nothing is done without being asked.
    expect((await chancery(...order)).code).toBe(2);
    expect((await chancery(...order, '--dry-run')).out).toMatch(/^would stop the access of mallory/);
    expect((await chancery('revocations')).out).not.toContain('security_incident');
    const { code, out } = await chancery(...order, '--yes', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { status: 'requested', waits_for: 'second_person' }]);
    const { revocation_id } = JSON.parse(out);
    expect((await chancery('revocations', 'lift', revocation_id, '--yes')).out).toContain('access restored');
    const mallory = await t.token({ sub: 'mallory' });
    expect((await t.call('GET', '/workflows', { token: mallory })).status).toBe(200);
    const anew = JSON.parse((await chancery(...order, '--yes', '--json')).out);
    const agreed = await t.call('POST', `/revocations/${anew.revocation_id}/confirm`, {
      token: await second(),
    });
    expect(agreed.body).toMatchObject({ status: 'erased', reason: 'security_incident' });
    expect((await ask('DELETE', `/revocations/${anew.revocation_id}`)).body.reasons[0].code).toBe(
      'already_erased',
    );
    expect((await chancery('revoke', 'mallory', '--reason', 'whim')).code).toBe(2);
    expect((await chancery('revocations')).out).toContain('security_incident');
    const shown = await chancery('revocations', 'show', anew.revocation_id);
    expect(shown.out).toContain('proof');
    const file = join(t.folder, 'handed-over.jsonl');
    const written = await chancery('revocations', 'export', anew.revocation_id, file, '--destroy');
    expect([written.code, (await chancery('revocations', 'export', anew.revocation_id, file)).code]).toEqual([
      0, 1,
    ]);
  });
});

describe('pruning', () => {
  it('keeps what is younger than 183 days, whatever is asked', async () => {
    expect((await ask('POST', '/ledger/prunings', { retention_days: 30 })).body.reasons[0].path).toBe(
      '/retention_days',
    );
    expect((await ask('POST', '/ledger/prunings')).body.lanes).toEqual([]);
    expect((await chancery('ledger', 'prune')).out).toBe('nothing is old enough to go\n');
    expect((await chancery('ledger', 'prune', '--retention-days', '3')).code).toBe(1);
  });
});

describe('half a year later', () => {
  let later: TestRuntime;
  let old = '';

  beforeAll(async () => {
    await t.stop();
    offset = 200 * DAY;
  });

  it('removes old lanes on record, keeps their proofs, and raises no alarm', async () => {
    // Lanes of the first start are closed; the second start is half a year on.
    const first = await startTestRuntime({}, { clock: Date.now });
    const { body } = await first.execute(governed());
    old = body.receipt.id;
    await first.runtime.stop();
    later = await startTestRuntime({ dataFolder: first.folder }, { clock });
    t = later;
    const hold = await chancery(
      'ledger',
      'hold',
      'place',
      '--subject',
      'jake',
      '--reason',
      'case 2026-12, court order',
    );
    expect(hold.code).toBe(0);
    expect((await chancery('ledger', 'prune', '--json')).out).toContain('"removed":0');
    const [{ hold_id }] = JSON.parse((await chancery('ledger', 'hold', '--json')).out).holds;
    expect((await chancery('ledger', 'hold', 'lift', hold_id, '--yes')).code).toBe(0);
    const pruned = await chancery('ledger', 'prune', '--json');
    expect([pruned.code, JSON.parse(pruned.out)]).toMatchObject([0, { lanes: [{ lane: 1 }] }]);
    expect(JSON.parse(pruned.out).removed).toBeGreaterThan(3);
    expect((await ask('GET', `/ledger/entries/${old}`)).status).toBe(404);
    expect((await ask('GET', `/ledger/entries/${old}/proof`)).text).toContain('c2sp.org/tlog-proof@v1');
    // Two rounds of the sentinel.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await entriesOf('security.tamper_detected')).toEqual([]);
    expect(await later.faults()).toEqual([]);
    expect((await chancery('metrics', 'verify', '--json')).code).toBe(0);
  }, 60_000);
});
