import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { effectiveDataClasses, effectiveRisk, recordedQuestion } from '../../src/charter/asked.ts';
import { type CharterSchema, fitAttributes, readSchema } from '../../src/charter/schema.ts';
import { decideOnce } from '../../src/decision/decide.ts';
import {
  createEmergency,
  createEmergencyWatch,
  EMERGENCY_POLL_MS,
  stateOf,
} from '../../src/decision/emergency.ts';
import { type Facts, neededScopes } from '../../src/decision/facts.ts';
import { type RecordedDecision, replay } from '../../src/govern/replay.ts';
import type { DecisionData } from '../../src/ledger/payloads.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { agent, charterWith, edited, facts, NOW, person, shipped } from './world.ts';

/** What the ledger would hold of a decision on these facts. */
function record(given: Facts, id = '1.1'): RecordedDecision {
  const decision = decideOnce(shipped, given);
  const { principal } = given;
  const data: DecisionData = {
    decision_id: `dec_${id}`,
    outcome: decision.outcome,
    stage: decision.stage,
    mode: 'enforce',
    action: given.action,
    resource: given.resource,
    drag_mode: given.drag_mode ?? 'none',
    risk_level: effectiveRisk(given),
    data_classes: effectiveDataClasses(given),
    actor_type: principal.actor_type,
    principal: {
      kind: principal.kind,
      roles: [...principal.roles],
      scopes: [...principal.scopes],
      act_depth: principal.act.length,
      fresh_mfa: principal.fresh_mfa,
      person: principal.person ?? false,
    },
    reasons: [],
    counterfactual: [],
    obligations: [],
    policies: [],
    policy_errors: [],
    prescriptive:
      given.prescriptive.length > 0 ? { counts: { directive: 1 }, first: [] } : { counts: {}, first: [] },
    asked: recordedQuestion(shipped, given, neededScopes(shipped, given)),
    charter: decision.charter,
    action_digest: '',
    evaluation_us: 0,
    latency_us: 0,
  };
  return { id, data };
}

async function* all(records: readonly RecordedDecision[]): AsyncGenerator<RecordedDecision> {
  yield* records;
}
const run = (candidate: Parameters<typeof replay>[1], records: readonly RecordedDecision[]) =>
  replay(shipped, candidate, all(records), async () => {});

const operator = person(['operator']);
const hit = {
  phrase: 'you should',
  phrase_type: 'directive',
  start: 0,
  end: 10,
  suggestion: 'options include',
} as const;
/** As if the workflow could be drafted by anybody whom the charter permits. */
function drafted(given: Facts): Facts {
  return given.workflow ? { ...given, workflow: { ...given.workflow, roles: [], modes: ['draft'] } } : given;
}
const RECORDS = [
  facts({ who: operator, workflow: 'compliance-report', mode: 'execute' }),
  facts({ who: operator, workflow: 'data-export', mode: 'execute' }),
  facts({ who: operator, workflow: 'deploy-to-production', mode: 'execute' }),
  facts({ who: operator, workflow: 'deploy-to-production', mode: 'execute' }, { approved: true }),
  facts({ who: agent(['agent', 'operator']), workflow: 'data-export', mode: 'execute' }),
  drafted(
    facts({ who: agent(['agent']), workflow: 'compliance-report', mode: 'draft' }, { prescriptive: [hit] }),
  ),
  facts({ who: person(['developer']), workflow: 'compliance-report', mode: 'execute' }),
  facts({ who: person(['user_basic']), workflow: 'compliance-report', mode: 'execute' }),
].map((given, index) => record(given, `1.${index}`));

describe('a replay', () => {
  it('of the charter in force flips nothing', async () => {
    expect(await run(shipped, RECORDS)).toMatchObject({ replayed: RECORDS.length, skipped: 0, flips: [] });
  });

  it('lists flips by kind, with examples and what they are because of', async () => {
    const paranoid = charterWith({
      'charter.yaml': edited('charter.yaml', 'policy_mode: strict', 'policy_mode: paranoid'),
    });
    const { flips } = await run(paranoid, RECORDS);
    expect(flips).toMatchObject([
      { kind: 'allow_to_require_approval', count: 1, examples: [{ record: '1.1', roles: ['operator'] }] },
    ]);

    const milder = charterWith({
      'policies/forbids.cedar': edited('policies/forbids.cedar', 'context.risk >= 3', 'context.risk >= 4'),
      'modes.yaml': edited('modes.yaml', 'screened: true', 'screened: false'),
    });
    expect((await run(milder, RECORDS)).flips.map(({ kind, count }) => [kind, count])).toEqual([
      ['deny_to_allow', 2],
    ]);
  });

  it('gives roles the scopes of the candidate, and keeps those of the token', async () => {
    const unscoped = charterWith({
      'roles.yaml': edited(
        'roles.yaml',
        'Runs workflows.\n    scopes: [workflows:read, workflows:execute,',
        'Runs workflows.\n    scopes: [workflows:read,',
      ),
    });
    const [first] = RECORDS;
    const byToken = record(
      facts({
        who: { ...operator, scopes: ['workflows:execute', 'x:y'] },
        workflow: 'compliance-report',
        mode: 'execute',
      }),
    );
    const { flips } = await run(unscoped, first ? [first] : []);
    expect(flips).toMatchObject([{ kind: 'allow_to_deny', examples: [{ because: ['workflows:execute'] }] }]);
    // What the role gave under the charter in force cannot be told from what the token gave: it counts as the role's.
    expect((await run(unscoped, [byToken])).flips).toHaveLength(1);
  });

  it('skips what no policy decided, and what a suspended charter would all deny is a flip', async () => {
    const [first] = RECORDS;
    if (first === undefined) throw new Error('no records');
    const { asked: _, ...unasked } = first.data;
    const limited: RecordedDecision = { id: '2.1', data: { ...first.data, stage: 'limit', outcome: 'deny' } };
    expect(await run(shipped, [{ id: '2.0', data: unasked }, limited])).toMatchObject({
      replayed: 0,
      skipped: 2,
    });
    const suspended = charterWith({
      'charter.yaml': edited('charter.yaml', 'status: active', 'status: suspended'),
    });
    expect((await run(suspended, [first])).flips).toMatchObject([
      { kind: 'allow_to_deny', examples: [{ because: ['charter_suspended'] }] },
    ]);
  });

  it('binds an acknowledgement to its flips, whatever their order', async () => {
    const paranoid = charterWith({
      'charter.yaml': edited('charter.yaml', 'policy_mode: strict', 'policy_mode: paranoid'),
    });
    const one = await run(paranoid, RECORDS);
    expect((await run(paranoid, [...RECORDS].reverse())).flips_digest).toBe(one.flips_digest);
    expect((await run(paranoid, [...RECORDS, ...RECORDS])).flips_digest).not.toBe(one.flips_digest);
  });

  it('keeps nobody waiting: it breathes between batches', async () => {
    let breaths = 0;
    const many = Array.from({ length: 450 }, () => RECORDS[0]).filter((one) => one !== undefined);
    await replay(shipped, shipped, all(many), async () => {
      breaths += 1;
    });
    expect(breaths).toBe(2);
  });
});

describe('the emergency state', () => {
  it('is unreadable while the store is away, and readable again after it', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    let now = NOW;
    const watch = createEmergencyWatch({ table, clock: () => now });
    expect(await watch.current()).toEqual({ state: 'clear' });
    table.down();
    expect(await watch.current()).toEqual({ state: 'clear' });
    now += EMERGENCY_POLL_MS;
    expect(await watch.current()).toEqual({ state: 'unreadable' });
    table.heal();
    expect(await watch.current()).toEqual({ state: 'clear' });
  });

  const who = (by: string, ...marks: string[]) => ({ by, marks });

  it('is prolonged and never shortened by another stop, and says so', async () => {
    const table = openSqliteTable(':memory:');
    const clock = () => NOW;
    const emergency = createEmergency({ table, clock, watch: createEmergencyWatch({ table, clock }) });
    const stop = (duration_seconds: number, asked = true) =>
      emergency.stop({ by: who('a'), reason: 'x', duration_seconds, asked });
    await stop(7200);
    await expect(stop(60)).rejects.toMatchObject({ reasons: [{ code: 'stop_not_shortened' }] });
    // Whoever names no duration asks for none.
    expect((await stop(60, false)).until).toBe(NOW + 7_200_000);
    expect((await stop(9000)).until).toBe(NOW + 9_000_000);
  });

  it('ends by two people within a quarter of an hour, whom accounts do not multiply', async () => {
    const table = openSqliteTable(':memory:');
    let now = NOW;
    const clock = () => now;
    const emergency = createEmergency({ table, clock, watch: createEmergencyWatch({ table, clock }) });
    let records = 0;
    const ask = async (by: ReturnType<typeof who>) =>
      (
        await emergency.askRelease(by, async () => ({
          id: `1.${records++}`,
          time: new Date(now).toISOString(),
        }))
      ).voices.length;
    const refusal = (code: string) => ({ code: 'CONFLICT', reasons: [{ code }] });
    await expect(ask(who('a'))).rejects.toMatchObject(refusal('not_stopped'));
    await emergency.stop({ by: who('a'), reason: 'x', duration_seconds: 7200, asked: true });
    expect(await ask(who('a', 'ann'))).toBe(1);
    await expect(ask(who('a'))).rejects.toMatchObject(refusal('already_asked'));
    await expect(ask(who('a2', 'second', 'ann'))).rejects.toMatchObject(refusal('already_asked'));
    now += 15 * 60_000 + 1;
    expect(await ask(who('b', 'ben'))).toBe(1);
    expect(await ask(who('a', 'ann'))).toBe(2);
    await emergency.end('1.9');
    await expect(ask(who('c'))).rejects.toMatchObject(refusal('not_stopped'));
  });

  it('that is not what was written is unreadable, and no clock says that it is over', () => {
    const key = { pk: 'SYSTEM', sk: 'emergency' };
    expect(stateOf({ ...key, stopped: 'yes' }).state).toBe('unreadable');
    expect(stateOf({ ...key, stopped: true, since: NOW }).state).toBe('unreadable');
    expect(stateOf({ ...key, stopped: true, since: NOW, until: NOW, releases: [] }).state).toBe('stopped');
  });
});

describe('attributes', () => {
  const read = readSchema(
    's',
    `namespace N { entity P; entity R = { n: Long, e: P, ip: ipaddr, many: Set<String>, inner: { a: Bool, b?: String } };
      action go appliesTo { principal: [P], resource: [R], context: {} }; }`,
  );
  const schema: CharterSchema | undefined = read.ok ? read.schema : undefined;
  const fitted = (known: Parameters<typeof fitAttributes>[1]) =>
    fitAttributes(schema?.entities.get('N::R') ?? {}, known);
  const good = { n: 1, e: 'p-1', ip: '10.0.0.1', many: ['a'], inner: { a: true } };

  it('are fitted to every type of the schema', () => {
    expect(fitted({ ...good, other: 'left out' })).toEqual({
      ok: true,
      value: {
        n: 1,
        e: { __entity: { type: 'N::P', id: 'p-1' } },
        ip: { __extn: { fn: 'ip', arg: '10.0.0.1' } },
        many: ['a'],
        inner: { a: true },
      },
    });
  });

  it('of another type, or missing, are named', () => {
    const wrong: readonly [string, Record<string, unknown>][] = [
      ['n', { n: 1.5 }],
      ['e', { e: 1 }],
      ['ip', { ip: false }],
      ['many', { many: 'a' }],
      ['many', { many: [1] }],
      ['inner', { inner: {} }],
      ['inner', { inner: [] }],
    ];
    for (const [attribute, change] of wrong) {
      expect(fitted({ ...good, ...change } as typeof good)).toEqual({
        ok: false,
        attribute,
        problem: 'wrong_type',
      });
    }
    const { n: _, ...without } = good;
    expect(fitted(without)).toEqual({ ok: false, attribute: 'n', problem: 'missing' });
  });
});
