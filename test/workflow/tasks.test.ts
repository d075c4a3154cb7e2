import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { sha256 } from '../../src/basics/digest.ts';
import { runSpanId } from '../../src/basics/trace.ts';
import { removeDocuments } from '../../src/execution/executions.ts';
import type { Json } from '../../src/json.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { executionInput, fullParameters, LARGEST_PARAMETERS } from '../../src/workflow/input.ts';
import { httpCall } from '../../src/workflow/tasks/http-call.ts';
import { ledgerReport } from '../../src/workflow/tasks/ledger-report.ts';
import { subjectExport } from '../../src/workflow/tasks/subject-export.ts';
import { emptyTally } from '../../src/workflow/tasks/tally.ts';
import { issuers, person, pseudonym } from '../support/person.ts';
import { keepingTracer, untraced } from '../support/tracers.ts';

const context = { signal: new AbortController().signal };
const blobs = () => openFolderBlobs(mkdtempSync(join(tmpdir(), 'chancery-tasks-')));
const unasked = (): never => {
  throw new Error('not asked for');
};
const record = (lane: number, seq: number, changes: Partial<LedgerRecord> = {}): LedgerRecord => ({
  v: 1,
  lane,
  seq,
  prev: '0'.repeat(64),
  type: 'decision.made',
  time: '2026-11-21T07:00:00.000Z',
  trace: 't',
  labels: { drag_mode: 'execute', workflow: 'w' },
  data: { outcome: 'allow' },
  ...changes,
});
const hashOf = ({ lane, seq }: LedgerRecord) => sha256(`${lane}.${seq}`);

describe('ledger_report', () => {
  it('counts, names the range of each lane and its newest hash, and writes the document', async () => {
    const records = [
      record(2, 4),
      record(1, 0, { type: 'ledger.lane_opened', labels: {}, data: {} }),
      record(1, 1, { data: { outcome: 'deny' } }),
      record(1, 2),
    ];
    const asked: string[] = [];
    const documents = await blobs();
    const output = await ledgerReport({
      documents,
      clock: () => Date.parse('2026-11-21T08:00:00Z'),
      recordsBetween: async function* (from, to) {
        asked.push(from, to);
        for (const each of records) yield { record: each, hash: hashOf(each) };
      },
      lastDay: unasked,
    })({ parameters: { from: '2026-11-21T08:00:00+01:00' }, execution_id: 'exe_1' }, context);
    expect(asked).toEqual(['2026-11-21T07:00:00.000Z', '2026-11-21T08:00:00.000Z']);
    expect(output).toMatchObject({
      document: 'reports/exe_1.json',
      records: 4,
      by_type: { 'decision.made': 3, 'ledger.lane_opened': 1 },
      by_outcome: { allow: 2, deny: 1 },
      by_workflow: { w: 3 },
      lanes: [
        { lane: 1, first_seq: 0, last_seq: 2, records: 3, head_hash: sha256('1.2') },
        { lane: 2, first_seq: 4, last_seq: 4, records: 1, head_hash: sha256('2.4') },
      ],
    });
    const bytes = await documents.get('reports/exe_1.json');
    expect(output).toMatchObject({ document_sha256: sha256(bytes ?? ''), document_bytes: bytes?.byteLength });
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
      records: 4,
      by_type: { 'decision.made': 3 },
    });
  });

  it('without a range reports on the last day, and of an empty ledger says zero', async () => {
    const report = ledgerReport({
      documents: await blobs(),
      clock: () => 0,
      recordsBetween: unasked,
      lastDay: async () => ({
        from: '1969-12-31T00:00:00.000Z',
        to: '1970-01-01T00:00:00.000Z',
        tally: emptyTally(),
      }),
    });
    expect(await report({ parameters: {}, execution_id: 'exe_1' }, context)).toMatchObject({
      records: 0,
      lanes: [],
      by_type: {},
    });
  });
});

describe('subject_export', () => {
  it('writes one person’s records with their personal fields, and keeps those out of its output', async () => {
    const sealed = { key: 'k', nonce: 'n', box: 'b' };
    const documents = await blobs();
    const output = await subjectExport({
      documents,
      issuers,
      pseudonym,
      recordsOf: async function* (subject) {
        const open = record(1, 1, { personal: sealed });
        const gone = record(1, 2, { personal: sealed });
        yield { record: open, hash: hashOf(open), personal: { sub: subject, email: 'a@example.org' } };
        yield { record: gone, hash: hashOf(gone) };
      },
    })({ parameters: { subject: 'alice' }, execution_id: 'exe_1' }, context);
    const document = `exports/${pseudonym(person('alice'))}/exe_1.jsonl`;
    expect(output).toMatchObject({ document, records: 2, erased_records: 1 });
    expect(JSON.stringify(output)).not.toContain('alice');
    const lines = new TextDecoder()
      .decode(await documents.get(document))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.id, line.personal])).toEqual([
      ['1.1', { sub: pseudonym(person('alice')), email: 'a@example.org' }],
      ['1.2', null],
    ]);
    expect(lines[0].record.personal).toBeUndefined();
  });
});

describe('parameters that went as a document', () => {
  const put = async (name: string, value: Json) => {
    const documents = await blobs();
    await documents.put(name, new TextEncoder().encode(JSON.stringify(value)));
    return documents;
  };

  it('are read by the run that they belong to, and by no other', async () => {
    const documents = await put('executions/exe_1/parameters.json', { subject: 'alice' });
    const reference = { parameters_ref: 'executions/exe_1/parameters.json' };
    expect(await fullParameters(documents, 'exe_1', reference)).toEqual({ subject: 'alice' });
    expect(await fullParameters(documents, 'exe_2', reference)).toEqual(reference);
    const elsewhere = { parameters_ref: 'exports/alice/exe_9.jsonl' };
    expect(await fullParameters(documents, 'exe_1', elsewhere)).toEqual(elsewhere);
  });

  it('and are gone fail the run', async () => {
    const reference = { parameters_ref: 'executions/exe_1/parameters.json' };
    await expect(fullParameters(await blobs(), 'exe_1', reference)).rejects.toMatchObject({
      name: 'TaskInput',
    });
  });

  it('are only those above the limit', async () => {
    const documents = await blobs();
    const facts = {
      execution_id: 'exe_1',
      decision_id: 'd',
      trace_id: 't',
      tracestate: '',
      drag_mode: 'execute',
      workflow: 'w',
    } as const;
    const fitting = { text: 'x'.repeat(LARGEST_PARAMETERS - '{"text":""}'.length) };
    expect(await executionInput(documents, facts, fitting)).toEqual({ ...facts, parameters: fitting });
    const large = { text: `${fitting.text}x` };
    const input = await executionInput(documents, facts, large);
    expect(input.parameters).toEqual({ parameters_ref: 'executions/exe_1/parameters.json' });
    expect(await fullParameters(documents, 'exe_1', input.parameters ?? null)).toEqual(large);
  });
});

describe('the documents of a person', () => {
  it('are all found and removed, and nobody else’s', async () => {
    const documents = await blobs();
    const mine = [
      'executions/exe_1/parameters.json',
      'executions/exe_1/output.json',
      'reports/exe_1.json',
      'exports/p1/exe_7.jsonl',
    ];
    const others = ['executions/exe_2/output.json', 'exports/p2/exe_8.jsonl', 'reports/exe_2.json'];
    for (const name of [...mine, ...others]) await documents.put(name, new Uint8Array([1]));
    const records = async function* () {
      yield record(1, 1, { data: { execution_id: 'exe_1' } });
      yield record(1, 2, { data: { execution_id: 'exe_1', output_ref: mine[1], document: mine[2] } });
    };
    expect(await removeDocuments({ documents }, 'p1', records())).toBe(4);
    expect(await removeDocuments({ documents }, 'p1', records())).toBe(0);
    for (const name of mine) expect(await documents.get(name)).toBeUndefined();
    for (const name of others) expect(await documents.get(name)).toBeDefined();
  });
});

describe('http_call', () => {
  const call = (input: Json, respond: () => Promise<Response>) =>
    httpCall({ fetch: respond, endpoints: { E: 'http://127.0.0.1:1', EMPTY: '' }, tracer: untraced })(
      input,
      context,
    );
  const good = { endpoint: 'E', method: 'GET', path: '/x', execution_id: 'exe_1' };

  it.each([
    ['a path that climbs', { ...good, path: '/../admin' }],
    ['a path with a query', { ...good, path: '/x?y' }],
    ['a URL instead of a path', { ...good, path: 'http://evil.example' }],
    ['a method of its own', { ...good, method: 'TRACE' }],
    ['an unknown field', { ...good, headers: {} }],
  ])('refuses %s', async (_, input) => {
    await expect(call(input, async () => new Response())).rejects.toMatchObject({ name: 'TaskInput' });
  });

  it.each(['EMPTY', 'GONE'])('names the endpoint that is not configured: %s', async (endpoint) => {
    await expect(call({ ...good, endpoint }, async () => new Response())).rejects.toMatchObject({
      name: 'EndpointMissing',
      message: expect.stringContaining(endpoint),
    });
  });

  it('passes a text through, and reads no more than its limit', async () => {
    expect(await call(good, async () => new Response('fine'))).toEqual({ status: 200, body: 'fine' });
    expect(await call(good, async () => new Response(null, { status: 204 }))).toEqual({
      status: 204,
      body: '',
    });
    await expect(call(good, async () => new Response('x'.repeat(100_001)))).rejects.toMatchObject({
      name: 'EndpointAnswer',
    });
  });

  it('sends the endpoint’s own token, and the trace that the run belongs to', async () => {
    let sent: unknown;
    const { lines, tracer } = keepingTracer();
    const task = httpCall({
      fetch: async (_, init) => {
        sent = init?.headers;
        return new Response('{}');
      },
      endpoints: { E: 'http://127.0.0.1:1' },
      tokens: { E: 'secret' },
      tracer,
    });
    const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736';
    await task({ ...good, trace_id, tracestate: 'vendor=1' }, context);
    expect(sent).toMatchObject({
      authorization: 'Bearer secret',
      'idempotency-key': 'exe_1',
      traceparent: `00-${trace_id}-${lines[0]?.span_id}-01`,
      tracestate: 'vendor=1',
    });
    expect(lines[0]).toMatchObject({
      name: 'GET',
      kind: 'client',
      // The run's own span, which the office wrote.
      parent_id: runSpanId('exe_1'),
      attributes: { 'http.request.method': 'GET', 'server.port': 1, 'http.response.status_code': 200 },
    });
    await task({ ...good, trace_id, tracestate: '' }, context);
    expect(sent).not.toHaveProperty('tracestate');
  });
});
