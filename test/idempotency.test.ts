import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import {
  createIdempotency,
  type Earlier,
  type IdempotentRequest,
  type Keeping,
  type Once,
} from '../src/execution/idempotency.ts';
import { createVault } from '../src/ledger/people/vault.ts';
import { testLedger } from './ledger/support.ts';
import { FaultyTable } from './support/faulty-table.ts';
import { issuers, person, pseudonym } from './support/person.ts';

const request: IdempotentRequest = { who: person('alice'), key: 'k-1', digest: 'd1' };

async function world() {
  const documents = await openFolderBlobs(mkdtempSync(join(tmpdir(), 'chancery-idempotency-')));
  const test = testLedger();
  const table = new FaultyTable(openSqliteTable(':memory:'));
  const logged: string[] = [];
  const { clock, ids, random } = test.deps;
  const vault = createVault({
    subjects: test.subjects,
    pseudonym,
    home: issuers.home,
    random,
    ids,
    documents,
  });
  const log = { write: (_: string, __: string, message: string) => void logged.push(message) };
  return {
    ...test,
    table,
    logged,
    erase: (sub: string) => test.subjects.erase(pseudonym(person(sub))),
    idempotency: createIdempotency({ table, clock, ids, log, pseudonym, vault }),
  };
}

/** Work, whether its answer is kept, and what is known of it when its runner is gone. */
function deed<T extends object>(
  work: (decision_id: string) => Promise<T>,
  keep: (answer: T) => Keeping = () => 'final',
  earlier: (decision_id: string) => Promise<Earlier<T>> = async () => ({ kind: 'nothing' }),
): Once<T> {
  return { work, keep, earlier };
}

const answering = (answer: object) => {
  const runs = { count: 0 };
  return { runs, work: async () => ({ ...answer, run: ++runs.count }) };
};

describe('an idempotency key', () => {
  it('keeps an answer of any size that the API gives', async () => {
    const { idempotency } = await world();
    const large = { output: '"'.repeat(300_000) };
    await idempotency.once(
      request,
      deed(async () => large),
    );
    expect(
      await idempotency.once(
        request,
        deed(async () => ({ output: '' })),
      ),
    ).toEqual({
      answer: large,
      replayed: true,
    });
  });

  it('gives the first answer again for 24 hours, and then starts afresh', async () => {
    const { idempotency, time } = await world();
    const { work, runs } = answering({ text: 'first' });
    expect(await idempotency.once(request, deed(work))).toEqual({
      answer: { text: 'first', run: 1 },
      replayed: false,
    });
    time.now += 24 * 3_600_000 - 1000;
    expect(await idempotency.once(request, deed(work))).toEqual({
      answer: { text: 'first', run: 1 },
      replayed: true,
    });
    time.now += 2000;
    expect(await idempotency.once(request, deed(work))).toEqual({
      answer: { text: 'first', run: 2 },
      replayed: false,
    });
    expect(runs.count).toBe(2);
  });

  it('belongs to one person and to one body', async () => {
    const { idempotency } = await world();
    const { work, runs } = answering({});
    await idempotency.once(request, deed(work));
    await idempotency.once({ ...request, who: person('bob') }, deed(work));
    await idempotency.once({ ...request, key: 'k-2' }, deed(work));
    expect(runs.count).toBe(3);
    await expect(idempotency.once({ ...request, digest: 'd2' }, deed(work))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      headers: {},
    });
    expect(runs.count).toBe(3);
  });

  it('of a request that still runs is refused with the time to wait', async () => {
    const { idempotency, time } = await world();
    let finish = (_: object) => {};
    const first = idempotency.once(
      request,
      deed(() => new Promise<object>((resolve) => (finish = resolve))),
    );
    await expect(
      idempotency.once(
        request,
        deed(async () => ({})),
      ),
    ).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      headers: { 'retry-after': '1' },
    });
    time.now += 59_800;
    await expect(
      idempotency.once(
        request,
        deed(async () => ({})),
      ),
    ).rejects.toMatchObject({
      headers: { 'retry-after': '1' },
    });
    finish({ late: true });
    expect(await first).toEqual({ answer: { late: true }, replayed: false });
    expect(
      await idempotency.once(
        request,
        deed(async () => ({})),
      ),
    ).toEqual({
      answer: { late: true },
      replayed: true,
    });
  });

  it('whose runner died is taken over after its lease, by exactly one', async () => {
    const { idempotency, time } = await world();
    void idempotency.once(
      request,
      deed(() => new Promise<object>(() => {})),
    );
    await new Promise((resolve) => setImmediate(resolve));
    time.now += 60_001;
    const { work, runs } = answering({});
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => idempotency.once(request, deed(work))));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(runs.count).toBe(1);
  });

  it('is taken over under the same decision when the work threw and nothing was begun, and is free after an answer that is not final', async () => {
    const { idempotency } = await world();
    const asked: string[] = [];
    const thrown = idempotency.once(
      request,
      deed((id) => Promise.reject(new Error(`ledger down ${asked.push(id)}`))),
    );
    await expect(thrown).rejects.toThrow('ledger down 1');
    const busy = await idempotency.once(
      request,
      deed(
        async (id) => ({ status: 429, n: asked.push(id) }),
        ({ status }) => (status === 429 ? 'free' : 'final'),
      ),
    );
    expect(busy).toEqual({ answer: { status: 429, n: 2 }, replayed: false });
    expect(asked[1]).toBe(asked[0]);
    const other = { ...request, digest: 'd2' };
    const free = await idempotency.once(
      other,
      deed(async (id) => ({ status: 200, n: asked.push(id) })),
    );
    expect(free).toMatchObject({ replayed: false });
    expect(asked[2]).not.toBe(asked[0]);
  });

  it('keeps the caller’s answer when the end of the claim cannot be stored, and says so', async () => {
    const { idempotency, table, logged, time } = await world();
    table.fail('put', 'before', { skip: 1 });
    const { work, runs } = answering({});
    expect(await idempotency.once(request, deed(work))).toMatchObject({ answer: { run: 1 } });
    expect(logged).toEqual(['The end of a claim could not be stored.']);
    await expect(idempotency.once(request, deed(work))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    time.now += 60_001;
    await idempotency.once(request, deed(work));
    expect(runs.count).toBe(2);
  });

  it('stays with a run whose answer was lost until its end is known, and then gives that end for good', async () => {
    const { idempotency } = await world();
    let known: Earlier<{ end?: string }> = { kind: 'underway' };
    const asked: string[] = [];
    const lost = deed<{ end?: string }>(
      async (id) => {
        asked.push(id);
        throw new Error('no answer');
      },
      undefined,
      async (id) => {
        expect(id).toBe(asked[0]);
        return known;
      },
    );
    await expect(idempotency.once(request, lost)).rejects.toThrow('no answer');
    await expect(idempotency.once(request, lost)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      headers: { 'retry-after': '1' },
    });
    known = { kind: 'ended', answer: { end: 'nobody knows' }, final: false };
    expect(await idempotency.once(request, lost)).toEqual({
      answer: { end: 'nobody knows' },
      replayed: true,
    });
    known = { kind: 'ended', answer: { end: 'it ran' }, final: true };
    await idempotency.once(request, lost);
    known = { kind: 'underway' };
    expect(await idempotency.once(request, lost)).toEqual({ answer: { end: 'it ran' }, replayed: true });
    expect(asked).toHaveLength(1);
  });

  it('of a request that waits gives its answer again until the end is known', async () => {
    const { idempotency } = await world();
    let known: Earlier<{ status: number }> = { kind: 'underway' };
    let runs = 0;
    const waits = deed(
      async () => ({ status: 202 + runs++ }),
      () => 'open' as const,
      async () => known,
    );
    await idempotency.once(request, waits);
    expect(await idempotency.once(request, waits)).toEqual({ answer: { status: 202 }, replayed: true });
    known = { kind: 'ended', answer: { status: 200 }, final: true };
    expect(await idempotency.once(request, waits)).toEqual({ answer: { status: 200 }, replayed: true });
    expect(runs).toBe(1);
  });

  it('that could not be claimed runs nothing', async () => {
    const { idempotency, table } = await world();
    const { work, runs } = answering({});
    table.fail('put', 'before');
    await expect(idempotency.once(request, deed(work))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(runs.count).toBe(0);
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(256), 'a\n'])('like %j is refused', async (key) => {
    const { idempotency } = await world();
    await expect(
      idempotency.once(
        { ...request, key },
        deed(async () => ({})),
      ),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      reasons: [{ code: 'invalid_idempotency_key', path: 'header:Idempotency-Key' }],
    });
  });

  it('holds its answer sealed: who is erased is not given it back', async () => {
    const { idempotency, table, erase, time } = await world();
    await idempotency.once(
      request,
      deed(async () => ({ email: 'alice@example.org' })),
    );
    const item = table.calls.find(({ operation }) => operation === 'put');
    expect(JSON.stringify(await table.query(item?.pk ?? ''))).not.toMatch(/alice/);
    await erase('alice');
    time.now += 60_001;
    expect(
      await idempotency.once(
        request,
        deed(async () => ({ fresh: true })),
      ),
    ).toEqual({
      answer: { fresh: true },
      replayed: false,
    });
  });

  it('runs at most once at a time under any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 6 }), async (scheduler, clients) => {
        const { idempotency } = await world();
        let running = 0;
        let most = 0;
        const work = async () => {
          running += 1;
          most = Math.max(most, running);
          await scheduler.schedule(Promise.resolve());
          running -= 1;
          return { done: true };
        };
        const all = Array.from({ length: clients }, () => idempotency.once(request, deed(work)));
        await scheduler.waitFor(Promise.allSettled(all));
        const outcomes = await Promise.allSettled(all);
        expect(most).toBe(1);
        expect(outcomes.filter((each) => each.status === 'fulfilled' && !each.value.replayed)).toHaveLength(
          1,
        );
      }),
      { numRuns: 30 },
    );
  });
});
