/** A report without a name: nothing of who handed it in is anywhere, the committee reads and answers it, in time. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const MEMBER = {
  sub: 'mia',
  name: 'Mia Member',
  email: 'mia@example.org',
  roles: ['committee_member'],
} as const;
const SECRET = 'They copy the call logs at night into the basement archive';

describe('a whistleblower', () => {
  let it_: TestRuntime;
  let late = 0;
  beforeAll(async () => {
    it_ = await startTestRuntime({ traceRate: 1 }, { clock: () => Date.now() + late });
  });
  afterAll(() => it_.stop());

  const member = async (method: string, path: string, body?: unknown) =>
    it_.call(method, path, { token: await it_.token(MEMBER), ...(body === undefined ? {} : { body }) });
  const report = (body: unknown = { description: SECRET }, headers: Record<string, string> = {}) =>
    it_.call('POST', '/whistleblower/reports', { body, headers });

  it('leaves nothing of who they are: no address, agent, token or trace in store, logs or traces', async () => {
    const token = await it_.token({ ...OPERATOR, sub: 'wilma-whistler', email: 'wilma@example.org' });
    const marks = {
      'user-agent': 'WilmaBrowser/77.7',
      'x-forwarded-for': '203.0.113.77',
      'x-trace-id': 'wilma77trace77id77',
      traceparent: `00-${'77'.repeat(16)}-${'7a'.repeat(8)}-01`,
      authorization: `Bearer ${token}`,
      'idempotency-key': 'wilma-key-77',
    };
    const taken = await report({ description: SECRET }, marks);
    expect(taken.status).toBe(201);
    const code = String(taken.body.code);
    const bad = await report({ description: SECRET, surname: 'Whistler-77' }, marks);
    expect(bad.status).toBe(400);
    for (const [wrong, path] of [
      [{ violation_type: 'silent_colection' }, '/violation_type'],
      [{ evidence: ['\u200b '] }, '/evidence/0'],
      [{ description: '\u2800' }, '/description'],
    ] as const)
      expect((await report({ description: SECRET, ...wrong }, marks)).body.reasons[0]).toMatchObject({
        path,
      });
    // On a way that is not quite it, and by a page that asks first, nobody is known either.
    for (const [method, path, status] of [
      ['POST', '/whistleblower/reports/', 404],
      ['POST', '/Whistleblower/Reports', 404],
      ['POST', '/api/%57histleblower/reports', 404],
      ['PUT', '/whistleblower/reports', 405],
      ['OPTIONS', '/whistleblower/reports', 204],
    ] as const)
      expect((await it_.call(method, path, { headers: marks })).status, path).toBe(status);
    await member('GET', '/whistleblower/reports');
    await it_.runtime.office.lane.append({
      type: 'admin.access',
      trace: '0'.repeat(32),
      data: { what: 'flush' },
    });

    const found = (text: string): string[] =>
      filesIn(it_.folder).filter((file) => bytesOf(file).includes(text));
    // The search finds what is there.
    expect(found(String(taken.body.report_id)).length).toBeGreaterThan(0);
    expect(found('whistleblower_list').length).toBeGreaterThan(0);
    for (const mark of [
      ...Object.values(marks),
      token.slice(-40),
      'wilma',
      'Whistler-77',
      SECRET,
      code,
      '127.0.0.1',
    ])
      expect(found(mark), mark).toEqual([]);
    expect(taken.headers.get('x-trace-id')).not.toBe(marks['x-trace-id']);
    const spans = readFileSync(join(it_.folder, 'spans.jsonl'), 'utf8');
    expect(spans).toContain('"name":"GET /whistleblower/reports"');
    expect(spans).not.toContain('"name":"POST /whistleblower');
  });

  it('is read by people of the committee alone, on record, and reads their answer by a code', async () => {
    const { body: taken } = await report();
    const path = `/whistleblower/reports/${taken.report_id}`;
    expect(Date.parse(taken.answer_by) - Date.parse(taken.received_at)).toBe(24 * 3_600_000);
    expect((await it_.call('GET', path, { token: await it_.token(OPERATOR) })).status).toBe(403);
    const robot = await it_.token({ ...MEMBER, kind: 'service' });
    expect((await it_.call('GET', path, { token: robot })).body.reasons[0].code).toBe('people_only');
    expect((await member('GET', path)).body).toMatchObject({
      status: 'open',
      report: { description: SECRET },
    });
    const ask = (code: string) => it_.call('POST', '/whistleblower/answers', { body: { code } });
    expect((await ask(taken.code)).body).toMatchObject({ status: 'open' });
    const answered = await member('POST', `${path}/answer`, {
      answer: 'We have closed the archive. Thank you.',
    });
    expect(answered.body).toMatchObject({ status: 'answered', overdue: false });
    expect((await ask(taken.code.toLowerCase())).body.answer).toBe('We have closed the archive. Thank you.');
    expect((await ask('0'.repeat(26))).status).toBe(404);
    expect((await member('POST', `${path}/answer`, { answer: 'again' })).status).toBe(409);
    const token = await it_.token({ sub: 'audra', roles: ['auditor'] });
    const { body } = await it_.call('GET', '/ledger/entries?type=whistleblower.*&limit=50', { token });
    expect(JSON.stringify(body)).not.toContain('archive');
  });

  it('is waited for: the committee is warned before the day is over, of each once', async () => {
    await report({ description: 'Another thing' });
    late += 20.5 * 3_600_000;
    expect(await it_.runtime.office.whistleblower.sweep()).toBeGreaterThan(0);
    expect(await it_.runtime.office.whistleblower.sweep()).toBe(0);
    const token = await it_.token({ sub: 'audra', roles: ['auditor'] });
    await vi.waitFor(async () => {
      const { body } = await it_.call('GET', '/ledger/entries?type=committee.notified&limit=200', { token });
      const kinds = body.entries.map(
        (entry: { record: { data: { kind: string } } }) => entry.record.data.kind,
      );
      expect(kinds).toContain('report_received');
      expect(kinds).toContain('report_due');
    });
    late += 4 * 3_600_000;
    expect(await it_.runtime.office.whistleblower.sweep()).toBeGreaterThan(0);
    expect(await it_.runtime.office.whistleblower.sweep()).toBe(0);
    const later = await it_.token({ sub: 'audra', roles: ['auditor'] });
    await vi.waitFor(async () => {
      const { body } = await it_.call('GET', '/ledger/entries?type=committee.notified&limit=200', {
        token: later,
      });
      const overdue = body.entries
        .map((entry: { record: { data: Record<string, unknown> } }) => entry.record.data)
        .filter(({ kind }: Record<string, unknown>) => kind === 'report_overdue');
      expect(overdue).toContainEqual(expect.objectContaining({ priority: 'critical' }));
    });
  });

  it('is limited with all others together', async () => {
    late += 3_600_000;
    const statuses: number[] = [];
    for (let many = 0; many < 22; many += 1)
      statuses.push((await report({ description: `Report ${many}` })).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    const over = await report();
    expect(over).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

/** A file that sealing had begun may be gone the next moment, under another name. */
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}
