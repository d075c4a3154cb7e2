import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCharterStore } from '../../src/charter/store.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Table } from '../../src/ports.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { bundleWith, edited } from './world.ts';

let chancery: TestRuntime;
let store: Table;
const shift = 0;

beforeAll(async () => {
  chancery = await startTestRuntime(
    {},
    {
      clock: () => Date.now() + shift,
      table: (table) => {
        store = table;
        return table;
      },
    },
  );
});
afterAll(() => chancery.stop());

type Claims = NonNullable<Parameters<TestRuntime['token']>[0]>;
const AUTHOR: Claims = { sub: 'root', name: 'Root', roles: ['admin'] };
const MEMBERS: Claims[] = ['ann', 'ben', 'cat'].map((sub) => ({
  sub,
  name: sub,
  roles: ['committee_member'],
  kind: 'human',
}));
const [ann, ben] = MEMBERS as [Claims, Claims, Claims];

async function call(method: string, path: string, claims: Claims, body?: unknown) {
  return chancery.call(method, path, {
    token: await chancery.token(claims),
    ...(body === undefined ? {} : { body }),
  });
}
const filesOf = (changes: Record<string, string | null>) => ({
  files: Object.fromEntries(bundleWith(changes)),
});
async function newest(type: string) {
  const { entries } = await readEntries(store, { type }, { limit: 1, order: 'newest' });
  return entries[0]?.record;
}
const operatorsOut = {
  'policies/no-reports.cedar':
    '@id("no-reports-for-operators")\n@description("Reports are for auditors.")\nforbid (principal in Chancery::Role::"operator", action, resource == Chancery::Workflow::"compliance-report");\n',
};

describe('a bundle', () => {
  it('is told what is wrong with it, by file, line, column and fix, and is not kept', async () => {
    const broken = filesOf({
      'roles.yaml': edited(
        'roles.yaml',
        'scopes: [admin:metrics:read, slo:read]',
        'scopes: [admin:metrics:raed, slo:read]',
      ),
    });
    const { body } = await call('POST', '/charters/validate', AUTHOR, broken);
    expect(body).toMatchObject({ valid: false });
    expect(body.problems).toContainEqual(
      expect.objectContaining({
        file: 'roles.yaml',
        code: 'unknown_scope',
        fix: 'Did you mean admin:metrics:read?',
        line: expect.any(Number),
        column: expect.any(Number),
      }),
    );
    const drafted = await call('POST', '/charters', AUTHOR, broken);
    expect([drafted.status, drafted.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(drafted.body.reasons[0].path).toMatch(/^roles\.yaml:\d+:\d+$/);
    expect((await call('GET', '/charters', ann)).body.drafts).toEqual([]);
    expect((await newest('charter.validated'))?.data).toMatchObject({ valid: false });
  });

  it('in force can be read, compared and tested', async () => {
    const active = (await call('GET', '/charters/active', ann)).body;
    expect(active).toMatchObject({
      version: '1.0.0',
      policy_mode: 'strict',
      violation_policy: { length: 4 },
    });
    expect(active.policies).toHaveLength(30);
    expect((await call('GET', '/charters/active/diff', ann)).body).toEqual({
      added: [],
      removed: [],
      changed: [],
    });
    expect((await call('GET', '/charters/nothing', ann)).status).toBe(404);
    expect((await call('GET', '/charters', { roles: ['operator'] })).status).toBe(403);
  });
});

describe('a change of the charter', () => {
  let id: string;

  it('is drafted, and says how it differs by meaning', async () => {
    for (let run = 0; run < 3; run++) expect((await chancery.execute(governed())).status).toBe(200);
    const { status, body } = await call('POST', '/charters', AUTHOR, filesOf(operatorsOut));
    expect(status).toBe(201);
    expect(body.diff).toMatchObject({
      added: [{ what: 'policy/no-reports-for-operators' }],
      removed: [],
      changed: [],
    });
    id = body.id;
    expect((await newest('charter.drafted'))?.data).toMatchObject({ digest: id, added: 1 });
    const tested = (await call('POST', `/charters/${id}/test`, ann)).body;
    expect(tested.failed).toBeGreaterThan(0);
    expect(tested.uncovered).toEqual([]);
  });

  it('is refused before a replay, without its flips acknowledged, and without the quorum', async () => {
    const early = await call('POST', `/charters/${id}/activate`, ann, {});
    expect([early.status, early.body.reasons[0].code]).toEqual([409, 'replay_missing']);
    const { body: report } = await call('POST', `/charters/${id}/replay`, ann, { since: '1d' });
    expect(report).toMatchObject({
      flips: [
        { kind: 'allow_to_deny', count: 3, examples: [{ because: ['no-reports-for-operators'] }, {}, {}] },
      ],
    });
    const unseen = await call('POST', `/charters/${id}/activate`, ann, {});
    expect([unseen.status, unseen.body.reasons[0].code]).toEqual([409, 'flips_not_acknowledged']);
    expect(
      (await call('POST', `/charters/${id}/activate`, AUTHOR, { acknowledge: ['allow_to_deny'] })).status,
    ).toBe(403);
    expect(
      (
        await call(
          'POST',
          `/charters/${id}/activate`,
          { ...ann, kind: 'agent' },
          { acknowledge: ['allow_to_deny'] },
        )
      ).body.reasons[0].code,
    ).toBe('people_only');
    const first = await call('POST', `/charters/${id}/activate`, ann, { acknowledge: report.flips_digest });
    expect([first.status, first.body]).toMatchObject([202, { activated: false, votes: 1, missing: 1 }]);
    expect(
      (await call('POST', `/charters/${id}/activate`, ann, { acknowledge: ['allow_to_deny'] })).body
        .reasons[0].code,
    ).toBe('already_voted');
    expect((await chancery.execute(governed())).status).toBe(200);
  });

  it('is in force with the quorum, and every record names the charter that decided it', async () => {
    const before = (await newest('decision.made'))?.meta?.charter;
    const second = await call('POST', `/charters/${id}/activate`, ben, { acknowledge: ['allow_to_deny'] });
    expect([second.status, second.body]).toMatchObject([200, { activated: true, votes: 2, missing: 0 }]);
    const refused = await chancery.execute(governed());
    expect([refused.status, refused.body.reasons[0].policy_id]).toEqual([403, 'no-reports-for-operators']);
    const after = await newest('decision.made');
    expect(after?.meta?.charter).toBe(id);
    expect(before).not.toBe(id);
    expect((await newest('charter.activated'))?.data).toMatchObject({
      digest: id,
      final: true,
      votes: 2,
      flips: [{ kind: 'allow_to_deny', count: 3 }],
    });
    expect((await call('POST', `/charters/${id}/activate`, ann, {})).body.reasons[0].code).toBe(
      'already_active',
    );
  });

  it('is rolled back by one call', async () => {
    const { body } = await call('POST', '/charters/rollback', ann, { reason: 'too strict' });
    expect(body).toMatchObject({ rolled_back: true, from: id });
    expect((await chancery.execute(governed())).status).toBe(200);
    expect((await newest('charter.rolled_back'))?.data).toMatchObject({
      from: id,
      reason: expect.stringMatching(/^said-/),
    });
    expect((await call('GET', '/charters', ann)).body.history).toHaveLength(2);
  });

  it('can be tried beside the charter in force, asked and not followed', async () => {
    expect((await call('POST', `/charters/${id}/shadow`, AUTHOR)).status).toBe(200);
    expect((await chancery.execute(governed())).status).toBe(200);
    expect((await newest('decision.made'))?.data).toMatchObject({
      outcome: 'allow',
      shadow: { digest: id, outcome: 'deny' },
    });
    expect((await call('DELETE', '/charters/shadow', AUTHOR)).status).toBe(200);
    expect((await chancery.execute(governed())).status).toBe(200);
    expect((await newest('decision.made'))?.data.shadow).toBeUndefined();
  });
});

describe('a charter that went bad in the store', () => {
  it('never replaces a good one, and is named', async () => {
    const keeper = createCharterStore(store);
    const active = await keeper.active();
    expect(active).toBeDefined();
    const { version: _, ...rest } = active as NonNullable<typeof active>;
    const bad = 'f'.repeat(64);
    await keeper.keep(bad, new Map([['charter.yaml', 'name: [']]));
    expect(await keeper.replace(active, { ...rest, digest: bad })).toBe(true);
    const { charterWatch } = chancery.runtime.office;
    await charterWatch.refresh();
    await charterWatch.refresh();
    expect((await chancery.execute(governed())).status).toBe(200);
    await chancery.runtime.office.power.check.verify();
    const { entries } = await readEntries(store, { type: 'security.tamper_detected' }, { limit: 10 });
    expect(entries.map(({ record }) => record.data)).toContainEqual(
      expect.objectContaining({ kind: 'state_changed', item: 'charter_in_force' }),
    );
    // A good bundle under a wrong digest is no better.
    await keeper.keep('e'.repeat(64), bundleWith({}));
    await keeper.replace(await keeper.active(), { ...rest, digest: 'e'.repeat(64) });
    await charterWatch.refresh();
    expect(charterWatch.last().digest).toBe(rest.digest);
  });
});
