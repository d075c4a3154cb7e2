/**
 * A violation, what is done about it, and how it ends, over HTTP on the running system: attempts that are blocked, a case
 * that rises, a plan, an action, a refusal, a notice to the committee, an appeal that makes all good.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { notifyAt, type StandIn, startStandIn } from '../support/stand-in.ts';

/** A patient machine: what a test waits for is not what a source waits for. */
const WAIT = { timeout: 20_000, interval: 50 };
const MEMBER = (name: string) =>
  ({
    sub: name,
    name: `${name} Member`,
    email: `${name}@example.org`,
    roles: ['committee_member'],
    mfa: true,
  }) as const;

describe('a source that asks for a forbidden metric', () => {
  let world: TestRuntime;
  let targets: StandIn;
  beforeAll(async () => {
    targets = await startStandIn();
    world = await startTestRuntime({ notify: notifyAt(targets.url) });
  });
  afterAll(async () => {
    await world.stop();
    await targets.stop();
  });

  /** A node that may collect, and would run workflows. */
  const nodeOf = (name: string) =>
    ({ sub: name, name: `${name} node`, kind: 'service', roles: ['operator'] }) as const;
  async function ask(name: string, metric_name: string) {
    const token = await world.token(nodeOf(name));
    const timestamp = new Date().toISOString();
    const body = { metric_name, value: 1, timestamp, source: name };
    return (await world.call('POST', '/charter/metrics/validate', { token, body })).body;
  }
  const attempt = async (name: string, times: number) => {
    const answers = [];
    for (let at = 0; at < times; at += 1) answers.push(await ask(name, 'user_location'));
    return answers;
  };
  async function records(type: string, about: string) {
    const token = await world.token({ sub: 'audra', roles: ['auditor'] });
    const { body } = await world.call('GET', `/ledger/entries?type=${type}&limit=200`, { token });
    return body.entries
      .map(({ record }: { record: { data: Record<string, unknown> } }) => record.data)
      .filter((data: Record<string, unknown>) => JSON.stringify(data).includes(about));
  }
  const metrics = async () =>
    (await world.call('GET', '/metrics', { token: await world.token({ sub: 'sam', roles: ['sre'] }) })).text;
  const run = (name: string) =>
    world.execute(governed({ aim: { ...governed().aim, actor: { name: `${name} node` } } }), {
      ...nodeOf(name),
    });
  const told = (at: string, about: string) =>
    targets.arrived.filter((one) => one.at === at && JSON.stringify(one.body).includes(about));

  it('three times within a minute is suspended, on record and refused, and restored on appeal', async () => {
    expect((await run('node-7')).status).toBe(200);
    const answers = await attempt('node-7', 3);
    for (const answer of answers)
      expect(answer).toMatchObject({ allowed: false, enforcement_action: 'BLOCK', reason: 'FORBIDDEN' });
    expect(answers.map(({ violation }) => violation.severity)).toEqual(['WARNING', 'WARNING', 'SUSPENSION']);
    const id = String(answers[0].violation.violation_id);
    expect(await records('metric.blocked', id)).toHaveLength(3);

    await vi.waitFor(async () => {
      const done = (await records('healing.executed', id)).filter(
        ({ severity }: { severity: string }) => severity === 'SUSPENSION',
      );
      expect(done).toMatchObject([{ action: 'quarantine_network', outcome: 'success', case_id: id }]);
    }, WAIT);
    expect(await records('healing.planned', id)).toContainEqual(
      expect.objectContaining({ action: 'quarantine_network', status: 'planned' }),
    );
    await vi.waitFor(async () => {
      const text = await metrics();
      expect(text).toMatch(
        /chancery_healing_actions_total\{action="quarantine_network",outcome="success",severity="SUSPENSION"\} 1/,
      );
      expect(text).toMatch(
        /chancery_charter_forbidden_metric_attempts_total\{metric_name="user_location",node_or_service="node-7",status="blocked"\} 3/,
      );
    }, WAIT);

    const refused = await run('node-7');
    expect(refused.status).toBe(403);
    expect(refused.body.reasons[0].code).toBe('sanction_quarantine');
    expect(await ask('node-7', 'cpu_usage_percent')).toMatchObject({ allowed: false, reason: 'SANCTIONED' });

    await vi.waitFor(() => {
      expect(told('violations', id)).not.toEqual([]);
      expect(told('pagerduty', id)).not.toEqual([]);
    }, WAIT);

    const step = async (what: string, who: Parameters<TestRuntime['token']>[0]) =>
      world.call('POST', `/violations/${id}/${what}`, {
        token: await world.token(who),
        body: { reason: `because the ${what} is what a test of it asks for` },
      });
    expect((await step('appeal', nodeOf('node-7'))).status).toBe(200);
    expect((await step('restore', MEMBER('noa'))).status).toBe(200);
    await vi.waitFor(async () => {
      const undone = (await records('healing.executed', id)).filter(
        ({ action }: { action: string }) => action === 'restore',
      );
      expect(undone.length).toBeGreaterThan(0);
    }, WAIT);
    expect((await run('node-7')).status).toBe(200);
  }, 60_000);

  it('five times within a minute is banned', async () => {
    const answers = await attempt('node-8', 5);
    expect(answers.at(-1).violation.severity).toBe('BAN');
    const id = String(answers[0].violation.violation_id);
    await vi.waitFor(async () => {
      const done = (await records('healing.executed', id)).filter(
        ({ severity }: { severity: string }) => severity === 'BAN',
      );
      expect(done).toMatchObject([{ action: 'remove_from_cluster', outcome: 'success' }]);
    }, WAIT);
    const refused = await run('node-8');
    expect(refused.status).toBe(403);
    expect(refused.body.reasons.map(({ code }: { code: string }) => code)).toContain('sanction_ban');
  }, 60_000);

  it('with two others within a minute is told to the committee', async () => {
    const ids = [];
    for (const name of ['gang-1', 'gang-2', 'gang-3'])
      ids.push(String((await ask(name, 'user_identity')).violation.violation_id));
    await vi.waitFor(async () => {
      const escalated = (await records('healing.executed', 'gang-1')).filter(
        ({ pattern }: { pattern?: string }) => pattern,
      );
      expect(escalated).toMatchObject([
        { action: 'escalate_to_committee', nodes: ['gang-1', 'gang-2', 'gang-3'] },
      ]);
      expect(told('pagerduty', String(escalated[0].healing_id))).not.toEqual([]);
    }, WAIT);
    expect((await run('gang-1')).status).toBe(200);
  }, 60_000);

  it('is shown to whoever may read cases, with whether it helped, and taken back by a person', async () => {
    const token = await world.token(MEMBER('mia'));
    const { body } = await world.call('GET', '/healing?status=executed', { token });
    const banned = body.healing.find(({ severity }: { severity: string }) => severity === 'BAN');
    expect(banned).toMatchObject({ action: 'remove_from_cluster', nodes: ['node-8'] });
    expect(body.threats[0]).toMatchObject({ node_or_service: expect.any(String), level: expect.any(Number) });
    const undo = (who: Parameters<TestRuntime['token']>[0]) =>
      world.token(who).then((bearer) =>
        world.call('POST', `/healing/${banned.healing_id}/undo`, {
          token: bearer,
          body: { reason: 'it was a drill of ours' },
        }),
      );
    expect((await undo({ ...nodeOf('robot'), roles: ['admin'] })).body.code).toBe('CHARTER_DENIED');
    const taken = await undo({ sub: 'ann', name: 'Ann Admin', roles: ['admin'], mfa: true });
    expect(taken.body).toMatchObject({ status: 'undone', effect: 'undone' });
    const codes = (await run('node-8')).body.reasons.map(({ code }: { code: string }) => code);
    expect(codes).not.toContain('sanction_ban');
    const gone = await world.call('GET', '/healing/heal_0', { token });
    expect(gone.body.code).toBe('NOT_FOUND');
  }, 60_000);
});
