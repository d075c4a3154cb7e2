/** From the report to the appeal, over HTTP against the real runtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let t: TestRuntime;
beforeAll(async () => {
  t = await startTestRuntime();
});
afterAll(() => t.stop());

type Claims = Parameters<TestRuntime['token']>[0];
const as = async (claims: Claims, method: string, path: string, body?: unknown) =>
  t.call(method, path, { token: await t.token(claims), ...(body === undefined ? {} : { body }) });
const member = (sub: string, name: string): Claims => ({ sub, name, roles: ['committee_member'] });
const [ann, ben, cleo] = [member('ann', 'Ann Lee'), member('ben', 'Ben Ray'), member('cleo', 'Cleo Fox')];
const vera: Claims = { sub: 'vera', name: 'Vera Holt', roles: [], scopes: ['violations:report'] };
const collector = (sub: string): Claims => ({ sub, name: sub, kind: 'service', roles: ['node_operator'] });

const WHY = { reason: 'the query log shows it', evidence: ['query log, lines 40 to 52'] };
let nodes = 0;
async function reported(violation_type = 'data_extraction') {
  nodes += 1;
  const node = `node-${nodes}`;
  const report = {
    violation_type,
    node_or_service: node,
    description: 'Vera Holt saw it copy the customer table',
    evidence: ['query log of 3 November'],
  };
  const { status, body } = await as(vera, 'POST', '/violations', report);
  expect(status).toBe(201);
  return { id: body.violation_id as string, node };
}
const step = (id: string, which: string, claims: Claims, body: unknown = WHY) =>
  as(claims, 'POST', `/violations/${id}/${which}`, body);
const decision = async (sub: string) =>
  (
    await as(collector(sub), 'POST', '/decisions', {
      action: 'gateway:server:list',
      resource: { type: 'server', id: 'search-mcp' },
    })
  ).body.reasons?.[0]?.code;
const collect = (sub: string, metric_name = 'user_location') =>
  as(collector(sub), 'POST', '/charter/metrics/validate', {
    metric_name,
    value: 1,
    timestamp: new Date().toISOString(),
    source: sub,
  });
const open = async () =>
  (await as({ sub: 'sam', roles: ['sre'] }, 'GET', '/metrics')).text
    .split('\n')
    .filter((line) => line.startsWith('chancery_charter_violations_open{'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

describe('a case', () => {
  it('is confirmed by somebody else, and its sanction holds from the next request on', async () => {
    const { id, node } = await reported();
    expect(await decision(node)).not.toBe('sanction_suspension');
    const confirmed = await step(id, 'confirm', ann);
    expect(confirmed.body).toMatchObject({ success: true, status: 'confirmed', missing: 0, repeat: 1 });
    expect(await decision(node)).toBe('sanction_suspension');
    const { body } = await as(ann, 'GET', `/violations/${id}`);
    expect(body.sanctions).toContainEqual(
      expect.objectContaining({ kind: 'suspension', status: 'active', violation_id: id }),
    );
    expect(body.history).toMatchObject([
      { type: 'violation.reported', description: 'Vera Holt saw it copy the customer table' },
      { type: 'violation.confirmed', ...WHY },
    ]);
  });

  it('is appealed by whom it accuses, heard by another, and made good', async () => {
    const { id, node } = await reported('silent_collection');
    await step(id, 'confirm', ann);
    // Banned: neither read nor run, but see the own case, and appeal.
    expect((await as(collector(node), 'GET', '/metrics')).body).toMatchObject({ code: 'SANCTIONED' });
    const own = await as(collector(node), 'GET', `/violations/${id}`);
    expect(own.body.sanctions).toContainEqual(expect.objectContaining({ kind: 'ban', severity: 'BAN' }));
    expect(own.text).not.toContain('Vera Holt');
    expect((await step(id, 'appeal', collector(node))).body).toMatchObject({ status: 'appealed' });
    expect(await decision(node)).toBe('sanction_ban');
    expect((await step(id, 'restore', ann)).body.reasons[0].code).toBe('heard_by_finder');
    expect((await step(id, 'restore', ben)).body).toMatchObject({ status: 'restored' });
    expect(await decision(node)).not.toBe('sanction_ban');
    const { body } = await as(ben, 'GET', `/sanctions?subject=${node}`);
    for (const { status } of body.sanctions) expect(status).toBe('lifted');
  });

  it('of a crime takes two people', async () => {
    const { id, node } = await reported('unauthorized_override');
    expect((await step(id, 'confirm', ann)).body).toMatchObject({ status: 'investigating', missing: 1 });
    expect((await step(id, 'confirm', ann)).body.reasons[0].code).toBe('already_decided');
    expect(await decision(node)).not.toBe('sanction_ban');
    expect((await step(id, 'confirm', ben)).body).toMatchObject({ status: 'confirmed', missing: 0 });
    expect(await decision(node)).toBe('sanction_ban');
  });

  it('of a crime is not made less by one alone, and each word counts for what it found', async () => {
    const { id } = await reported('unauthorized_override');
    const less = { ...WHY, severity: 'WARNING' };
    expect((await step(id, 'confirm', ann, less)).body).toMatchObject({
      status: 'investigating',
      severity: 'CRIMINAL',
      missing: 1,
      votes_for: { WARNING: 1 },
    });
    expect((await step(id, 'confirm', ann, less)).body.reasons[0].code).toBe('already_decided');
    expect((await step(id, 'confirm', ben)).body).toMatchObject({
      status: 'investigating',
      missing: 1,
      votes_for: { WARNING: 1, CRIMINAL: 1 },
    });
    expect((await step(id, 'confirm', ann)).body).toMatchObject({
      status: 'confirmed',
      severity: 'CRIMINAL',
    });
  });

  it('is shown to, and appealed by, the service that it accuses, and none whose name reads alike', async () => {
    const { id, node } = await reported();
    await step(id, 'confirm', ann);
    const alike = node.replace('-', '_');
    expect((await as(collector(alike), 'POST', `/violations/${id}/appeal`, WHY)).status).toBe(403);
    const seen = await as(collector(alike), 'GET', `/violations/${id}`);
    expect([200, 403]).toContain(seen.status);
    expect(seen.text).not.toContain(WHY.reason);
    expect((await as(collector(node), 'GET', `/violations/${id}`)).text).toContain(WHY.reason);
  });

  it('is not decided by who reported it, with no account, and the attempt is on record', async () => {
    const { id } = await reported();
    const twin: Claims = { ...ann, sub: 'v.holt', name: 'VERA  HOLT' };
    const { status, body } = await step(id, 'confirm', twin);
    expect([status, body.code, body.reasons[0].code]).toEqual([
      403,
      'CHARTER_DENIED',
      'investigator_is_reporter',
    ]);
    const { body: log } = await as(
      { sub: 'ada', roles: ['auditor'] },
      'GET',
      '/ledger/entries?type=security.suspicious_activity',
    );
    expect(log.entries[0].record.data).toMatchObject({
      pattern: 'investigator_is_reporter',
      violation_id: id,
    });
  });

  it('refuses a step that its state does not allow, a missing reason and an unknown case', async () => {
    const { id } = await reported();
    expect((await step(id, 'confirm', ann, { ...WHY, issuer: 'nobody-trusts' })).body.reasons).toMatchObject([
      { code: 'issuer_needed', path: '/issuer' },
    ]);
    expect((await step(id, 'restore', ann)).body).toMatchObject({
      code: 'CONFLICT',
      reasons: [{ code: 'illegal_transition' }],
    });
    expect((await step(id, 'confirm', ann, {})).body.reasons).toMatchObject([{ path: '/reason' }]);
    expect((await step(id, 'dismiss', ann, { ...WHY, severity: 'BAN' })).status).toBe(400);
    expect((await step('vio_01KAG0000000000000000000AA', 'confirm', ann)).status).toBe(404);
    expect((await step(id, 'confirm', vera)).body.code).toBe('INSUFFICIENT_SCOPE');
  });

  it('is decided once when two decide it at the same moment', async () => {
    const { id } = await reported();
    const answers = await Promise.all([step(id, 'confirm', ann), step(id, 'dismiss', ben)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { body } = await as(cleo, 'GET', `/violations/${id}`);
    expect(body.history).toHaveLength(2);
  });

  it('that repeats within thirty days brings more: suspension, then quarantine until it is lifted', async () => {
    const repeat = async () => {
      const { body } = await as(vera, 'POST', '/violations', {
        violation_type: 'other',
        node_or_service: 'node-again',
        description: 'once more',
      });
      return (await step(body.violation_id, 'confirm', ann)).body;
    };
    expect((await repeat()).repeat).toBe(1);
    expect(await decision('node-again')).not.toMatch(/sanction/);
    await repeat();
    expect(await decision('node-again')).toBe('sanction_suspension');
    await repeat();
    const { body } = await as(ann, 'GET', '/sanctions?subject=node-again&status=active');
    expect(body.sanctions).toMatchObject([{ kind: 'quarantine', until: null }, { kind: 'suspension' }]);
    const [{ id }] = body.sanctions;
    expect(
      (await as(ann, 'POST', `/sanctions/${id}/lift`, { reason: 'they have learnt' })).body,
    ).toMatchObject({
      status: 'lifted',
    });
    expect((await repeat()).repeat).toBe(4);
    const { body: log } = await as(
      { sub: 'ada', roles: ['auditor'] },
      'GET',
      '/ledger/entries?type=violation.confirmed',
    );
    expect(log.entries[0].record.data.pattern).toBe('legal');
  });

  it('is listed by state, severity and node, a page at a time', async () => {
    for (let many = 0; many < 3; many++) await reported();
    const { id, node } = await reported();
    const { body } = await as(
      ann,
      'GET',
      `/violations?open=true&severity=SUSPENSION&node_or_service=${node}`,
    );
    expect(body.violations).toMatchObject([{ violation_id: id, status: 'investigating' }]);
    const first = await as(ann, 'GET', '/violations?limit=2');
    const second = await as(ann, 'GET', `/violations?limit=2&cursor=${encodeURIComponent(first.body.next)}`);
    const ids = [...first.body.violations, ...second.body.violations].map((each) => each.id);
    expect([ids.length, new Set(ids).size, ids[0]]).toEqual([4, 4, id]);
    // Misspelt, it would seem that there is none of the kind.
    const misspelt = await as(ann, 'GET', '/violations?violation_type=silent_colection');
    expect(misspelt.body.reasons).toMatchObject([{ path: '/violation_type' }]);
    for (const cursor of ['zzz', '', id.toLowerCase(), id.replace('vio_', 'san_')])
      expect((await as(ann, 'GET', `/violations?cursor=${cursor}`)).body.reasons, cursor).toMatchObject([
        { path: '/cursor' },
      ]);
  });

  it('leaves the queue when it is closed, and comes back when it is appealed', async () => {
    const before = await open();
    const { id } = await reported();
    await expect.poll(open).toBe(before + 1);
    await step(id, 'dismiss', ann);
    await expect.poll(open).toBe(before);
    await step(id, 'appeal', vera);
    await expect.poll(open).toBe(before + 1);
    await step(id, 'confirm', ben);
    await expect.poll(open).toBe(before);
  });
});

describe('the erasure of whoever is in an open case', () => {
  it('waits for the finding', async () => {
    const yves: Claims = { ...vera, sub: 'yves', name: 'Yves Tor' };
    const report = { violation_type: 'other', node_or_service: 'node-y', description: 'it hid the log' };
    const id = (await as(yves, 'POST', '/violations', report)).body.violation_id;
    const admin = (sub: string, name: string): Claims => ({ sub, name, roles: ['admin'] });
    const order = { subject: 'yves', reason: 'security_incident' };
    await as(admin('cai', 'Cai One'), 'POST', '/revocations', order);
    const { body } = await as(admin('dee', 'Dee Two'), 'POST', '/revocations', order);
    expect(body).toMatchObject({ status: 'exported', access: 'stopped', held_by: id });
    await step(id, 'dismiss', ann);
    const { revocation_id } = body;
    await as(admin('dee', 'Dee Two'), 'POST', `/revocations/${revocation_id}/confirm`);
    const after = await as(admin('dee', 'Dee Two'), 'GET', `/revocations/${revocation_id}`);
    expect(after.body.status).toBe('erased');
  });
});

describe('evidence', () => {
  it('can be read by who decides after its reporter is erased, and goes with the key of the case', async () => {
    const wanda: Claims = { ...vera, sub: 'wanda', name: 'Wanda Whist' };
    const { body } = await as(wanda, 'POST', '/violations', {
      violation_type: 'other',
      node_or_service: 'node-w',
      description: 'it hid the log',
      evidence: ['a photograph'],
    });
    const id = body.violation_id;
    await step(id, 'dismiss', ann);
    const admin = (sub: string, name: string): Claims => ({ sub, name, roles: ['admin'] });
    const order = { subject: 'wanda', reason: 'security_incident' };
    await as(admin('adi', 'Adi One'), 'POST', '/revocations', order);
    expect((await as(admin('bea', 'Bea Two'), 'POST', '/revocations', order)).body.status).toBe('erased');
    const seen = await as(ann, 'GET', `/violations/${id}`);
    expect(seen.body.history[0]).toMatchObject({ description: 'it hid the log', evidence: ['a photograph'] });
    expect((await as(ben, 'DELETE', `/violations/${id}/evidence`)).body).toMatchObject({ destroyed: 1 });
    expect((await as(ann, 'GET', `/violations/${id}`)).body.history[0]).toMatchObject({ destroyed: true });
    // Nothing is missing from the ledger for it: only what the erased had given is gone, and lawfully.
    expect(new Set((await t.faults()).map(({ verdict }) => verdict))).toEqual(new Set(['ERASED']));
  });

  it('of a case that waits is not destroyed', async () => {
    const { id } = await reported();
    expect((await as(ben, 'DELETE', `/violations/${id}/evidence`)).body.reasons[0].code).toBe('case_open');
  });
});

describe('attempts to collect a forbidden metric', () => {
  it('make one case, which the third raises and the fifth raises again, each attempt on record', async () => {
    const answers = [];
    for (let attempt = 0; attempt < 5; attempt++) answers.push((await collect('hoarder')).body.violation);
    expect(answers.map(({ severity }) => severity)).toEqual([
      'WARNING',
      'WARNING',
      'SUSPENSION',
      'SUSPENSION',
      'BAN',
    ]);
    expect(new Set(answers.map(({ violation_id }) => violation_id)).size).toBe(1);
    const { body } = await as(ann, 'GET', `/violations/${answers[0].violation_id}`);
    expect(body).toMatchObject({
      origin: 'observed',
      severity: 'BAN',
      status: 'investigating',
      reported_by: null,
    });
    expect(body.history.map(({ type }: { type: string }) => type)).toEqual(Array(3).fill('metric.blocked'));
  });

  it('in one array climb the ladder as if they came one after the other', async () => {
    const timestamp = new Date().toISOString();
    const sample = { metric_name: 'browsing_history', value: 1, timestamp, source: 'bundler' };
    const { body } = await as(
      collector('bundler'),
      'POST',
      '/charter/metrics/validate',
      Array(5).fill(sample),
    );
    const violations = body.map(({ violation }: { violation: object }) => violation);
    const [{ violation_id }] = violations;
    expect(violations).toEqual(
      ['WARNING', 'WARNING', 'SUSPENSION', 'SUSPENSION', 'BAN'].map((severity, at) => ({
        violation_id,
        severity,
        attempts: at + 1,
      })),
    );
  });

  it('by one collector under the name of another are not held against that other', async () => {
    await as(
      collector('envious'),
      'POST',
      '/charter/metrics/validate',
      [1, 2, 3, 4, 5].map(() => ({
        metric_name: 'user_location',
        value: 1,
        timestamp: new Date().toISOString(),
        source: 'innocent',
      })),
    );
    expect((await collect('innocent')).body.violation).toMatchObject({ severity: 'WARNING', attempts: 1 });
  });

  it('go on as another case once the committee has closed the first', async () => {
    const first = (await collect('stubborn')).body.violation.violation_id;
    await step(first, 'dismiss', ann);
    await expect
      .poll(async () => (await collect('stubborn')).body.violation.violation_id, { timeout: 8_000 })
      .not.toBe(first);
  });

  it('count also of whom a sanction keeps from collecting anything', async () => {
    const {
      body: { violation },
    } = await collect('tenacious');
    await step(violation.violation_id, 'confirm', ann, { ...WHY, severity: 'SUSPENSION' });
    const { body } = await collect('tenacious', 'cpu_usage_percent');
    expect(body).toMatchObject({ allowed: false, enforcement_action: 'BLOCK', reason: 'SANCTIONED' });
    expect(body.errors[0]).toContain('under suspension');
    // A case that was confirmed is over: the next attempt opens another.
    const again = () => collect('tenacious').then((answer) => answer.body.violation);
    await expect.poll(again, { timeout: 8_000 }).not.toMatchObject({ violation_id: violation.violation_id });
  });
});

describe('whoever is quarantined', () => {
  it('reads, and does nothing else', async () => {
    const quinn: Claims = { sub: 'quinn', name: 'Quinn Odd', roles: ['operator'] };
    for (let many = 0; many < 3; many++) {
      const { body } = await as(vera, 'POST', '/violations', {
        violation_type: 'other',
        node_or_service: 'quinn',
        description: 'again',
      });
      await step(body.violation_id, 'confirm', ann);
    }
    expect((await as(quinn, 'GET', '/approvals')).status).toBe(200);
    expect((await as(quinn, 'POST', '/deployments', {})).body).toMatchObject({
      code: 'SANCTIONED',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'sanction_quarantine' })]),
    });
    expect((await as(quinn, 'POST', '/violations', {})).body.code).toBe('SANCTIONED');
    expect((await t.execute({}, quinn)).body.code).toBe('SANCTIONED');
  });
});

describe('all of that', () => {
  it('left the state as the ledger says, and nobody accused of tampering', async () => {
    const { body } = await as({ sub: 'adm', name: 'Adm One', roles: ['admin'] }, 'POST', '/state/verify', {});
    expect(body).toMatchObject({ verdict: 'OK', findings: [] });
    const { body: log } = await as(
      { sub: 'ada', roles: ['auditor'] },
      'GET',
      '/ledger/entries?type=security.tamper_detected',
    );
    expect(log.entries).toEqual([]);
  });
});
