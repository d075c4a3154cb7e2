import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const REPORT = {
  violation_type: 'data_extraction',
  node_or_service: 'node-17',
  description: 'Vera saw node-17 copy the customer table at night',
  evidence: ['query log of 3 November, lines 40 to 52'],
};

describe('POST /violations', () => {
  let chancery: TestRuntime;
  beforeAll(async () => {
    chancery = await startTestRuntime();
  });
  afterAll(() => chancery.stop());

  const report = async (body: unknown, scopes = ['violations:report']) =>
    chancery.call('POST', '/violations', {
      token: await chancery.token({ sub: 'vera', roles: [], scopes }),
      body,
    });

  it('records a report with the severity of its type, and opens an investigation', async () => {
    const answer = await report(REPORT);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      violation_type: 'data_extraction',
      severity: 'SUSPENSION',
      status: 'investigating',
    });
    const auditor = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    const { body, text } = await chancery.call('GET', `/ledger/entries/${answer.body.receipt.id}`, {
      token: auditor,
    });
    expect(body.record).toMatchObject({ type: 'violation.reported', data: { node_or_service: 'node-17' } });
    expect(text).not.toContain('Vera');
  });

  it('counts it by severity, type and node', async () => {
    const token = await chancery.token({ sub: 'sam', roles: ['sre'] });
    const metrics = async () => (await chancery.call('GET', '/metrics', { token })).text;
    await expect
      .poll(metrics, { timeout: 5_000 })
      .toMatch(
        /chancery_charter_violations_total\{severity="SUSPENSION",violation_type="data_extraction",node_or_service="node-17"\} 1/,
      );
  });

  it.each([
    ['silent_colection', 'did you mean silent_collection?'],
    ['Silent_Collection', 'did you mean silent_collection?'],
    ['rudeness', 'must be one of'],
    ['constructor', 'must be one of'],
  ])(
    'refuses the type %s: recorded as other it would be milder than what was meant',
    async (type, message) => {
      const answer = await report({ ...REPORT, violation_type: type });
      expect(answer.status).toBe(400);
      expect(answer.body.reasons).toMatchObject([{ code: 'schema_error', path: '/violation_type' }]);
      expect(answer.body.reasons[0].message).toContain(message);
    },
  );

  it.each([
    [{ ...REPORT, description: ' ' }, '/description'],
    [{ ...REPORT, node_or_service: undefined }, '/node_or_service'],
    [{ ...REPORT, evidence: ['a log', ' \n'] }, '/evidence/1'],
    [{ ...REPORT, evidence: ['\u200b\u2800'] }, '/evidence/0'],
    [{ ...REPORT, evidence: 'a log' }, '/evidence'],
    [{ ...REPORT, description: '\u200b\u2060' }, '/description'],
    [{ ...REPORT, severity: 'BAN' }, '/severity'],
  ])('refuses a report that is not right, naming the field', async (body, path) => {
    const answer = await report(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', reasons: [{ path }] });
  });

  it('needs the scope for it', async () => {
    expect((await report(REPORT, ['violations:read'])).body.code).toBe('INSUFFICIENT_SCOPE');
  });
});
