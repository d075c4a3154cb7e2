/** Stopping works while the ledger is away, and what stands without a record is neither lifted nor released by it. */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dataPaths } from '../../local/stores.ts';
import { type Call, type Fault, FaultyTable } from '../support/faulty-table.ts';
import { governed, startTestRuntime, type TestRuntime } from './support.ts';

const FOLDER = 'SYSTEM';
const isLane = ({ pk }: Call): boolean => pk.startsWith('LANE#');
const isStop = ({ pk, sk }: Call): boolean => pk === FOLDER && sk === 'emergency';

let t: TestRuntime;
let store: FaultyTable;

async function start(): Promise<void> {
  t = await startTestRuntime({}, { table: (inner) => (store = new FaultyTable(inner)) });
}
afterEach(() => t.stop());

const person = (name: string) => ({
  sub: name.slice(0, 3).toLowerCase(),
  name,
  roles: ['emergency_responder'],
});
const [fay, gil] = [person('Fay Stone'), person('Gil Wood')];
const as = async (
  claims: Parameters<TestRuntime['token']>[0],
  method: string,
  path: string,
  body?: unknown,
) => t.call(method, path, { token: await t.token(claims), ...(body === undefined ? {} : { body }) });
const outcome = async () => {
  const { body } = await as({}, 'POST', '/decisions', governed());
  return body.reasons?.[0]?.code ?? body.outcome ?? body.code;
};
const records = async (type: string) =>
  (await as({ sub: 'aud', roles: ['auditor'] }, 'GET', `/ledger/entries?type=${type}`)).body.entries.map(
    ({ record }: { record: { data: Record<string, unknown> } }) => record.data,
  );
/** What whoever has the store open sees, and may write. */
function inStore<T>(work: (read: () => Record<string, unknown>, write: (item: object) => void) => T): T {
  const tool = new DatabaseSync(dataPaths(t.folder).table, { timeout: 2_000 });
  const read = () =>
    JSON.parse(
      String(
        tool.prepare(`SELECT more FROM items WHERE pk = 'SYSTEM' AND sk = 'emergency'`).get()?.more ?? '{}',
      ),
    );
  const write = (item: object) =>
    tool
      .prepare(`INSERT OR REPLACE INTO items (pk, sk, version, more) VALUES ('SYSTEM', 'emergency', 1, ?)`)
      .run(JSON.stringify({ version: 1, ...item }));
  try {
    return work(read, write);
  } finally {
    tool.close();
  }
}
const onRecord = () =>
  vi.waitFor(() => expect(inStore((read) => read().record)).toMatch(/^\d+\.\d+$/), 10_000);

async function releasedByTwo(): Promise<void> {
  expect((await as(gil, 'POST', '/emergency-release')).body).toMatchObject({ released: false, missing: 1 });
  expect(await outcome()).toBe('emergency_stop');
  expect((await as(fay, 'POST', '/emergency-release')).body).toMatchObject({ released: true });
  expect(await outcome()).toBe('allow');
}

describe('a stop while the ledger is away', () => {
  it.each<Fault>(['before', 'after'])(
    'holds, is put on record when the ledger is back, and is released by two (writing fails %s)',
    async (fault) => {
      await start();
      store.fail('putRun', fault, { times: Number.POSITIVE_INFINITY, matches: isLane });
      const stopped = await as(fay, 'POST', '/emergency-stop', { reason: 'the ledger is on fire' });
      expect([stopped.status, stopped.body.state, stopped.body.audit_logged]).toEqual([
        202,
        'stopped',
        false,
      ]);
      store.heal();
      expect(await outcome()).toBe('emergency_stop');
      await onRecord();
      const said = await records('system.emergency_stop');
      expect(
        said.map(({ reason, found }: { reason: string; found?: boolean }) => [reason, found]),
      ).toContainEqual([expect.stringMatching(/^said-/), undefined]);
      expect((await as(fay, 'GET', '/emergency-stop')).body.reason).toBe('the ledger is on fire');
      await releasedByTwo();
    },
    30_000,
  );

  it('that prolongs one on record holds for longer', async () => {
    await start();
    await as(fay, 'POST', '/emergency-stop', { duration: '10m' });
    store.fail('putRun', 'before', { times: Number.POSITIVE_INFINITY, matches: isLane });
    const longer = await as(gil, 'POST', '/emergency-stop', { duration: '30m' });
    expect(longer.status).toBe(202);
    store.heal();
    await onRecord();
    expect((await as(fay, 'GET', '/emergency-stop')).body.until).toBe(longer.body.until);
    await releasedByTwo();
  }, 30_000);

  it('holds also when its own writing seemed to fail, and is found and put on record', async () => {
    await start();
    store.fail('put', 'after', { matches: isStop });
    expect((await as(fay, 'POST', '/emergency-stop')).status).toBe(503);
    expect(await outcome()).toBe('emergency_stop');
    await onRecord();
    expect(await records('system.emergency_stop')).toMatchObject([{ found: true }]);
    expect(await records('security.tamper_detected')).toMatchObject([
      { item: 'emergency', unrecorded: true },
    ]);
    await releasedByTwo();
  }, 30_000);
});

describe('whoever can write to the store', () => {
  const hour = 3_600_000;

  it('makes a stop that holds and is named, and brings no voices for its release', async () => {
    await start();
    const voice = { by: 'f'.repeat(64), marks: ['f'.repeat(64)], at: Date.now(), record: '1.1' };
    const times = { since: Date.now(), until: Date.now() + hour };
    inStore((_, write) =>
      write({ stopped: true, reason: 'x', ...times, releases: [voice, { ...voice, by: 'e' }] }),
    );
    await vi.waitFor(async () => expect(await outcome()).toBe('emergency_stop'), 5_000);
    await vi.waitFor(
      async () =>
        expect(await records('security.tamper_detected')).toContainEqual(
          expect.objectContaining({ item: 'emergency' }),
        ),
      10_000,
    );
    await releasedByTwo();
  }, 30_000);

  it('ends no stop by writing one over it that is not on record and already over', async () => {
    await start();
    await as(fay, 'POST', '/emergency-stop');
    const before = inStore((read) => read());
    const { record: _, ...unrecorded } = before;
    inStore((_read, write) => write({ ...unrecorded, until: 1, since: 0 }));
    expect(await outcome()).toBe('emergency_stop');
    await vi.waitFor(
      async () =>
        expect(await records('security.tamper_detected')).toMatchObject([{ kind: 'state_changed' }]),
      10_000,
    );
    await onRecord();
    const { since, until, record } = before;
    expect(inStore((read) => read())).toMatchObject({ since, until, record });
    expect(await outcome()).toBe('emergency_stop');
  }, 30_000);
});
