/** What must hold while things go on side by side: activating under load, and one stop over two runtimes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHARTER_POLL_MS } from '../../src/charter/watch.ts';
import { EMERGENCY_POLL_MS } from '../../src/decision/emergency.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Table } from '../../src/ports.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { bundleWith } from './world.ts';

let one: TestRuntime;
let two: TestRuntime;
let store: Table;
/** The second runtime's clock runs ahead when a test says so, as if time had passed for it. */
let ahead = 0;

beforeAll(async () => {
  one = await startTestRuntime(
    {},
    {
      table: (table) => {
        store = table;
        return table;
      },
    },
  );
  two = await startTestRuntime({ dataFolder: one.folder }, { clock: () => Date.now() + ahead });
  // Its first request looks; from then on it follows what it saw until it looks again.
  await two.call('POST', '/decisions', { token: await two.token(), body: governed() });
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

const OUT = {
  'policies/out.cedar':
    '@id("operators-out")\nforbid (principal in Chancery::Role::"operator", action, resource is Chancery::Workflow);\n',
};
const seen = { acknowledge: ['allow_to_deny'] };
const member = (sub: string) => ({ sub, name: sub, roles: ['committee_member'] });

describe('activating a charter under load', () => {
  it('loses no request, and every record names the charter that decided it', async () => {
    const author = await one.token({ sub: 'root', roles: ['admin'] });
    const [ann, ben] = [await one.token(member('ann')), await one.token(member('ben'))];
    const drafted = await one.call('POST', '/charters', {
      token: author,
      body: { files: Object.fromEntries(bundleWith(OUT)) },
    });
    const { id } = drafted.body;
    await one.call('POST', `/charters/${id}/replay`, { token: ann, body: {} });
    await one.call('POST', `/charters/${id}/activate`, { token: ann, body: seen });

    const token = await one.token();
    const answers: { status: number; outcome: string; digest: string; record: string }[] = [];
    let going = true;
    const ask = async () => {
      while (going) {
        const { status, body } = await one.call('POST', '/decisions', {
          token,
          body: governed({ options: { explain: 'none' } }),
        });
        answers.push({
          status,
          outcome: body.outcome,
          digest: body.charter?.digest,
          record: body.receipt?.id,
        });
      }
    };
    const clients = Array.from({ length: 8 }, ask);
    const until = async (count: number) => {
      while (answers.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(100);
    const activated = await one.call('POST', `/charters/${id}/activate`, { token: ben, body: seen });
    expect(activated.body).toMatchObject({ activated: true });
    await until(answers.length + 100);
    going = false;
    await Promise.all(clients);

    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const byDigest = new Set(
      answers.map(({ digest, outcome }) => `${digest === id ? 'new' : 'old'} ${outcome}`),
    );
    expect([...byDigest].sort()).toEqual(['new deny', 'old allow']);
    const recorded = new Map<string, { digest?: string; outcome: unknown }>();
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await readEntries(
        store,
        { type: 'decision.made' },
        { limit: 500, ...(cursor ? { cursor } : {}) },
      );
      for (const { id: entry, record } of page.entries) {
        recorded.set(entry, {
          ...(record.meta?.charter ? { digest: record.meta.charter } : {}),
          outcome: record.data.outcome,
        });
      }
      cursor = page.next;
    }
    for (const { record, digest, outcome } of answers)
      expect(recorded.get(record)).toEqual({ digest, outcome });
  });

  it('reaches another runtime on the same store at its next look', async () => {
    const token = await two.token();
    expect((await two.call('POST', '/decisions', { token, body: governed() })).body.outcome).toBe('allow');
    ahead += CHARTER_POLL_MS;
    await two.call('POST', '/decisions', { token, body: governed() });
    await two.runtime.office.charterWatch.refresh();
    expect((await two.call('POST', '/decisions', { token, body: governed() })).body.outcome).toBe('deny');
    const ann = await one.token(member('ann'));
    expect((await one.call('POST', '/charters/rollback', { token: ann, body: {} })).status).toBe(200);
    await two.runtime.office.charterWatch.refresh();
    expect((await two.call('POST', '/decisions', { token, body: governed() })).body.outcome).toBe('allow');
  });
});

describe('an emergency stop', () => {
  it('holds on every runtime of the store after one poll, and so does its release', async () => {
    expect(EMERGENCY_POLL_MS).toBeLessThanOrEqual(5_000);
    const token = await two.token();
    const outcome = async () =>
      (await two.call('POST', '/decisions', { token, body: governed() })).body.reasons[0]?.code ?? 'allow';
    expect(await outcome()).toBe('allow');
    const fay = await one.token({ sub: 'fay', name: 'Fay Stone', roles: ['emergency_responder'] });
    const gil = await one.token({ sub: 'gil', name: 'Gil Wood', roles: ['emergency_responder'] });
    await one.call('POST', '/emergency-stop', { token: fay, body: { reason: 'a drill', duration: '1h' } });
    ahead += EMERGENCY_POLL_MS;
    expect(await outcome()).toBe('emergency_stop');
    await one.call('POST', '/emergency-stop/release', { token: fay });
    await one.call('POST', '/emergency-stop/release', { token: gil });
    ahead += EMERGENCY_POLL_MS;
    expect(await outcome()).toBe('allow');
  });
});

describe('a drain', () => {
  it('says that nothing runs only when no other process can begin anything any more', async () => {
    const token = await two.token();
    let going = true;
    const begun: { status: number; asked: number }[] = [];
    const ask = async () => {
      while (going) {
        const asked = performance.now();
        const { status } = await two.call('POST', '/workflows/governed/execute', {
          token,
          body: governed(),
        });
        begun.push({ asked, status });
        // Most of the time nothing runs, so that looking for what runs is not enough.
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    };
    const client = ask();
    while (begun.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    const sre = await one.token({ sub: 'sre', roles: ['sre'] });
    const drained = await one.call('POST', '/drain', { token: sre, body: { timeout_seconds: 5 } });
    const answered = performance.now();
    expect(drained).toMatchObject({ status: 200, body: { drained: true, running: 0 } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    going = false;
    await client;
    const late = begun.filter(({ asked }) => asked > answered).map(({ status }) => status);
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late)).toEqual(new Set([503]));
    expect(new Set(begun.map(({ status }) => status))).toEqual(new Set([200, 503]));
    await one.call('POST', '/drain', { token: sre, body: { for_seconds: 0 } });
  });

  it('ends with the process that it was for: the next one takes work', async () => {
    const sre = await one.token({ sub: 'sre', roles: ['sre'] });
    expect(
      (await one.call('POST', '/drain', { token: sre, body: { timeout_seconds: 1 } })).body.draining,
    ).toBe(true);
    const next = await startTestRuntime({ dataFolder: one.folder });
    try {
      const { body } = await next.call('POST', '/decisions', { token: await next.token(), body: governed() });
      expect(body.outcome).toBe('allow');
    } finally {
      await next.stop();
    }
  });
});
