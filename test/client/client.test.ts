/** The API's client as a caller has it: a governed run, followed, and its receipt proven without believing the server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Access,
  feedAddress,
  openChancery,
  ProblemError,
  receiptIn,
  UnreachableError,
  type VerifySources,
  verifyPromise,
  verifyReceipt,
} from '../../client/index.ts';
import { headOf } from '../../scripts/client-types.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let system: TestRuntime;
let token: string;
beforeAll(async () => {
  system = await startTestRuntime();
  // Runs workflows: no scope for the ledger, for others' executions or for approvals.
  token = await system.token({ roles: ['operator'] });
});
afterAll(() => system.stop());

const open = (access: Partial<Access> = {}) => openChancery({ url: system.runtime.url, token, ...access });
const sealed = async () =>
  system.call('POST', '/ledger/verify', { token: await system.token({ sub: 'ada', roles: ['auditor'] }) });
// The literal's members are what the document says that they are: this is the types' own test.
const report = () => ({
  workflow_name: 'compliance-report',
  drag_mode: 'grunt' as const,
  aim: governed().aim,
  parameters: {},
});
const production = () => ({
  ...report(),
  workflow_name: 'deploy-to-production',
  drag_mode: 'execute' as const,
});

it('has the types of the present document', () => {
  const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
  const head = headOf(read('docs/openapi.json'));
  expect(read('client/api.gen.ts').slice(0, head.length)).toBe(head);
});

describe('a governed run', () => {
  it('is asked for, ends, and its receipt is proven from the raw bytes', async () => {
    const chancery = open();
    const executed = await chancery.execute(report());
    expect(executed).toMatchObject({ kind: 'ran', answer: { success: true, outcome: 'success' } });
    expect(await chancery.follow(report(), executed)).toMatchObject({ success: true });
    const { receipt, outcome_receipt } = executed.kind === 'ran' ? executed.answer : {};
    if (receipt === undefined || outcome_receipt === undefined) throw new Error('no receipts');

    const trust = await chancery.trust();
    await sealed();
    expect(await chancery.checkReceipt(receipt)).toMatchObject({ status: 'kept' });
    expect(await chancery.proveReceipt(receipt, trust)).toMatchObject({ status: 'kept' });

    // A server that shows another record, another tree or other keys is not believed.
    const proof = await chancery.proof(receipt.id);
    const another = await chancery.proof(outcome_receipt.id);
    expect(await verifyReceipt(receipt, another, trust)).toMatchObject({ status: 'not_shown' });
    const keyless = { ...trust, log_keys: [] };
    expect(await verifyReceipt(receipt, proof, keyless)).toMatchObject({ status: 'not_shown' });
    const other = { ...receipt, signature: Buffer.alloc(64).toString('base64') };
    expect(await verifyReceipt(other, proof, trust)).toMatchObject({ status: 'not_shown' });
    expect(await verifyReceipt(receipt, undefined, trust)).toEqual({ status: 'pending' });
  });

  it('waits for people, and is followed to its end', async () => {
    const chancery = open();
    const asked = await chancery.execute(production());
    expect(asked.kind).toBe('waits');
    if (asked.kind !== 'waits') return;
    const path = `/approvals/${asked.answer.approval?.approval_id}/approve`;
    const approve = async () => {
      for (const sub of ['ann', 'bea']) {
        const member = await system.token({ sub, name: `${sub} Member`, roles: ['committee_member'] });
        await system.call('POST', path, { token: member, body: {} });
      }
    };
    // The shipped deployment has no endpoint to call: that it was run shows in how it failed.
    const error = await chancery.follow(production(), asked, { pause: approve }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ProblemError', code: 'EXECUTION_FAILED', status: 500 });
  });

  it('happens once where the answer is lost, and the same answer comes', async () => {
    let sent = 0;
    const lost = open({
      pause: async () => undefined,
      fetch: async (request) => {
        const response = await fetch(request);
        sent += 1;
        if (sent === 1) throw new TypeError('the connection broke');
        return response;
      },
    });
    const executed = await lost.execute(report(), { key: 'lost-answer' });
    const again = await open().execute(report(), { key: 'lost-answer' });
    expect(sent).toBe(2);
    expect(again.answer).toEqual(executed.answer);
  });
});

describe('a receipt', () => {
  const VERDICTS = ['promised', 'signature', 'certificate', 'inclusion', 'checkpoint'] as const;

  it('is held to what stands sealed, step by step, by whoever has no scope for the ledger', async () => {
    const chancery = open();
    const { answer } = await chancery.execute(report());
    const receipt = receiptIn({
      jsonrpc: '2.0',
      result: { _meta: { 'org.chancery/receipt': answer.receipt } },
    });
    if (receipt === undefined) throw new Error('no receipt');
    expect(receiptIn(answer)).toEqual(receipt);
    for (const none of [undefined, 1, [receipt], { receipt: 'x' }, { ...receipt, lane: '1' }])
      expect(receiptIn(none)).toBeUndefined();
    const [trust] = [await chancery.trust(), await sealed()];
    const sources: VerifySources = {
      proof: (id) => chancery.proof(id),
      consistency: async () => 'not_allowed',
    };
    const seen = { size: 1, root: new Uint8Array(32) };
    const kept = await verifyPromise(receipt, trust, sources, seen);
    expect(kept.verdict).toBe('ok');
    expect(Object.fromEntries(kept.steps.map(({ name, verdict }) => [name, verdict]))).toEqual({
      ...Object.fromEntries(VERDICTS.map((name) => [name, 'ok'])),
      history: 'skipped',
    });
    expect(kept.record).toMatchObject({ type: 'decision.made', time: receipt.time });

    const zeros = '0'.repeat(64);
    for (const other of [
      { record_hash: zeros },
      { certificate_hash: zeros },
      { signature: Buffer.alloc(64).toString('base64') },
      { time: '2001-01-01T00:00:00.000Z' },
      { seq: receipt.seq + 1 },
    ]) {
      const { verdict, steps } = await verifyPromise({ ...receipt, ...other }, trust, sources);
      expect(verdict, JSON.stringify(other)).toBe('bad');
      expect(steps.filter((step) => step.verdict === 'bad').map(({ name }) => name)).toEqual(['promised']);
    }
    const nothing = { ...sources, proof: async () => undefined };
    expect((await verifyPromise(receipt, trust, nothing)).verdict).toBe('waiting');
  });

  it('is asked about with a signature as long as that of the largest run, and with none that is longer', async () => {
    const chancery = open();
    const { receipt } = (await chancery.execute(report())).answer;
    if (receipt === undefined) throw new Error('no receipt');
    const longer = (bytes: number) =>
      chancery.checkReceipt({ ...receipt, signature: Buffer.alloc(bytes).toString('base64') });
    await sealed();
    expect(await longer(323)).toMatchObject({ status: 'NOT_OURS' });
    await expect(longer(325)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

it('finds the live feed beside the API or where that says, and never one that takes a token in the clear', () => {
  for (const [api, said, feed] of [
    ['http://127.0.0.1:8787', undefined, 'ws://127.0.0.1:8787/live'],
    ['http://127.0.0.1:8787/', { live: 'live' }, 'ws://127.0.0.1:8787/live'],
    ['https://office.example.org/v1', { live: 'live', more: 1 }, 'wss://office.example.org/v1/live'],
    ['https://a.example.org/v1', { live: 'wss://b.example.org/live' }, 'wss://b.example.org/live'],
    ['https://a.example.org', { live: 7 }, 'wss://a.example.org/live'],
  ] as const)
    expect(feedAddress(api, said).href).toBe(feed);
  for (const live of ['ws://b.example.org/live', 'http://a.example.org/live', 'file:///live', 'javascript:1'])
    expect(() => feedAddress('https://a.example.org', { live }), live).toThrow('must not go there');
});

describe('a refusal', () => {
  it('is an error with its code, reasons and the scope that is missing', async () => {
    const refused = await open()
      .api.GET('/ledger/entries')
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({ code: 'INSUFFICIENT_SCOPE', status: 403, scope: 'ledger:read' });
    const wrong = await open()
      .execute({ ...report(), workflow_name: 'no such name' })
      .catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      status: 400,
      problem: { reasons: [{ code: 'invalid_workflow_name' }], decision_id: expect.any(String) },
    });
  });

  /** A server that answers so, in turn. */
  const answering = (...answers: readonly (() => Response)[]) => {
    const asked: { method: string; bearer: string | null }[] = [];
    const waits: number[] = [];
    const access: Partial<Access> = {
      fetch: async ({ method, headers }) => {
        asked.push({ method, bearer: headers.get('authorization') });
        const answer = answers[Math.min(asked.length, answers.length) - 1];
        if (answer === undefined) throw new TypeError('fetch failed');
        return answer();
      },
      pause: async (ms) => void waits.push(ms),
    };
    return { asked, waits, access };
  };
  const busy = (seconds: string) => () =>
    Response.json(
      { code: 'DRAINING', error: 'draining' },
      { status: 503, headers: { 'retry-after': seconds } },
    );
  const fine = () => Response.json({ slos: [] });

  it('that says when to come again is obeyed, with a token that is asked for anew', async () => {
    let turn = 0;
    const { asked, waits, access } = answering(busy('2'), busy('Mon, 01 Jan 2001 00:00:00 GMT'), fine);
    await open({ ...access, token: () => `token-${++turn}` }).api.GET('/slos');
    expect(asked.map(({ bearer }) => bearer)).toEqual([1, 2, 3].map((n) => `Bearer token-${n}`));
    expect(waits).toEqual([2_000, 0]);
  });

  it('stands where it would take too long, where tries are used up, and where sending twice could do it twice', async () => {
    const long = answering(busy('600'), fine);
    await expect(open(long.access).api.GET('/slos')).rejects.toMatchObject({
      code: 'DRAINING',
      retryAfterSeconds: 600,
    });
    const always = answering(busy('1'));
    await expect(open(always.access).api.GET('/slos')).rejects.toThrow(ProblemError);
    expect(always.asked).toHaveLength(3);
    const once = answering(busy('1'), fine);
    const body = { environment: 'staging', version: '1', commit: '3f2a9c1', result: 'success' } as const;
    await expect(open(once.access).api.POST('/deployments', { body })).rejects.toThrow(ProblemError);
    expect(once.asked).toHaveLength(1);
  });

  it('by nobody is told apart, and a page of a proxy is no problem document', async () => {
    const nobody = open({ ...answering().access }).api.GET('/slos');
    await expect(nobody).rejects.toBeInstanceOf(UnreachableError);
    await expect(nobody).rejects.toMatchObject({ late: false });
    const proxy = answering(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(open(proxy.access).api.GET('/slos')).rejects.toMatchObject({
      code: 'UNREADABLE',
      status: 502,
    });
  });

  it('that takes too long is told apart from nobody there', async () => {
    const silent = (request: Request): Promise<Response> =>
      new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
      });
    const { access } = answering();
    const asked = open({ ...access, fetch: silent, timeoutMs: 20, tries: 1 }).api.GET('/slos');
    await expect(asked).rejects.toMatchObject({ name: 'UnreachableError', late: true });
  });
});
