import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { EVENT_TYPES, type LedgerRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { toBusEntry, toCloudEvent } from '../../src/watch/siem/cloud-events.ts';
import { createExporter, type Lanes } from '../../src/watch/siem/export.ts';
import { isNotable } from '../../src/watch/siem/notable.ts';
import { type Exported, OCSF_CLASSES, ocsfLine, toOcsf } from '../../src/watch/siem/ocsf.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { REQUIRED } from './published.ts';

function exported(over: Partial<LedgerRecord> = {}, id = '3.17'): Exported {
  const [lane, seq] = id.split('.').map(Number);
  return {
    id,
    record_hash: 'ab'.repeat(32),
    record: {
      v: 1,
      lane: lane ?? 3,
      seq: seq ?? 17,
      prev: '0'.repeat(64),
      type: 'decision.made',
      time: '2026-11-21T08:00:00.000Z',
      trace: 'c'.repeat(32),
      subject: 'd'.repeat(64),
      labels: { workflow: 'data-export' },
      data: { outcome: 'deny', workflow: 'data-export', action: 'workflow:execute' },
      personal: { key: 'k', nonce: 'n', box: 'secret-box' },
      ...over,
    },
  };
}

describe('OCSF lines', () => {
  it.each(EVENT_TYPES.map((type) => [type]))(
    'of %s carry what the published schema requires of their class',
    (type) => {
      const event = toOcsf(exported({ type }));
      const name = Object.entries(OCSF_CLASSES).find(([, ids]) => ids.class_uid === event.class_uid)?.[0];
      const published = REQUIRED[name ?? ''] ?? expect.fail(`class ${event.class_uid}`);
      expect(event.category_uid).toBe(published.category_uid);
      expect(event.type_uid).toBe(Number(event.class_uid) * 100 + Number(event.activity_id));
      expect(published.activities).toContain(event.activity_id);
      expect(published.statuses).toContain(event.status_id);
      for (const path of published.required) {
        const value = path
          .split('.')
          .reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], event);
        expect(value, path).toBeDefined();
      }
      for (const attribute of Object.keys(event)) expect(published.attributes).toContain(attribute);
    },
  );

  it('never carry what is sealed', () => {
    for (const type of EVENT_TYPES) expect(ocsfLine(exported({ type }))).not.toContain('secret-box');
  });

  it('are one line each, whatever the data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = ocsfLine(exported({ data: { text } }));
        expect(line.trimEnd().includes('\n')).toBe(false);
        expect(line.endsWith('\n')).toBe(true);
      }),
    );
  });

  it('say failed of a denial, resolved of an alert that is over, critical of a CRIMINAL violation', () => {
    expect(toOcsf(exported()).status_id).toBe(2);
    expect(toOcsf(exported({ type: 'alert.resolved' })).status_id).toBe(4);
    expect(toOcsf(exported({ type: 'violation.reported', data: { severity: 'CRIMINAL' } })).severity_id).toBe(
      5,
    );
    expect(toOcsf(exported({ type: 'greenhouse.opened' })).class_uid).toBe(0);
  });
});

describe('what a SIEM looks at', () => {
  it.each([
    ['an allowed decision', 'decision.made', { outcome: 'allow' }, false],
    ['a denied one', 'decision.made', { outcome: 'deny' }, true],
    ['a workflow that succeeded', 'workflow.succeeded', { outcome: 'success' }, false],
    ['one that failed', 'workflow.failed', { outcome: 'failure' }, true],
    ['one of which nothing was heard', 'workflow.stale', {}, true],
    ['a tool call that succeeded', 'tool.invoked', { outcome: 'success' }, false],
    ['a login', 'auth.login', {}, true],
    ['a reading of the ledger', 'admin.access', {}, true],
    ['tampering', 'security.tamper_detected', {}, true],
    ['what an application registered', 'greenhouse.opened', {}, true],
  ] as const)('%s (%s)', (_, type, data, notable) => {
    expect(isNotable(exported({ type, data }))).toBe(notable);
  });
});

describe('CloudEvents', () => {
  it('are parsed by the cloudevents package, with the record as data', () => {
    const event = toCloudEvent(exported(), 'chancery.example/dev');
    const parsed = HTTP.toEvent({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    const one = Array.isArray(parsed) ? parsed[0] : parsed;
    expect(one).toBeInstanceOf(CloudEvent);
    expect(one).toMatchObject({
      id: '3.17',
      type: 'org.chancery.decision.made',
      subject: 'd'.repeat(64),
      data: { lane: 3, seq: 17, record_hash: 'ab'.repeat(32), labels: { workflow: 'data-export' } },
    });
    expect(JSON.stringify(event)).not.toContain('secret-box');
  });

  it('are valid for every event type, with and without a subject', () => {
    for (const type of EVENT_TYPES) {
      const { subject: _, ...system } = exported({ type }).record;
      const event = toCloudEvent({ ...exported(), record: system }, 'a b/ü');
      expect(() => new CloudEvent(JSON.parse(JSON.stringify(event)), true)).not.toThrow();
    }
  });

  it('go to EventBridge under one source, typed by the record', () => {
    expect(toBusEntry(exported(), 'o')).toMatchObject({
      source: 'org.chancery',
      detail_type: 'decision.made',
    });
  });
});

describe('the export', () => {
  const meter = { count: () => {}, observe: () => {}, set: () => {} };
  const log = { write: () => {} };
  const clock = () => Date.parse('2026-11-21T08:01:00Z');
  const ledger = (heads: Map<number, number>, ended = new Set<number>(), reads: string[] = []): Lanes => ({
    list: async (first) => [...heads.keys()].filter((lane) => lane >= first),
    read: async (lane, from, limit) => {
      reads.push(`${lane}.${from}`);
      const head = heads.get(lane) ?? 0;
      const records = Array.from({ length: Math.max(0, Math.min(limit, head - from)) }, (_, n) =>
        exported(
          {
            seq: from + n,
            ...(ended.has(lane) && from + n === head - 1 ? { type: 'ledger.lane_closed' } : {}),
          },
          `${lane}.${from + n}`,
        ),
      );
      return { records, blocked: false };
    },
  });
  const open = (table: Table, lanes: Lanes, take: (records: readonly Exported[]) => Promise<void>) =>
    createExporter({ table, lanes, sink: { name: 'test', take }, clock, meter, log, batch: 3 });

  it('sends every record of every lane once, and then only new ones', async () => {
    const heads = new Map([
      [1, 7],
      [2, 2],
    ]);
    const got: string[] = [];
    const exporter = open(openSqliteTable(':memory:'), ledger(heads), async (records) => {
      got.push(...records.map((one) => one.id));
    });
    expect(await exporter.run()).toEqual({ sent: 9, failed: 0, lag_seconds: 0 });
    heads.set(2, 3);
    expect(await exporter.run()).toMatchObject({ sent: 1 });
    expect(got).toEqual([...Array.from({ length: 7 }, (_, n) => `1.${n}`), '2.0', '2.1', '2.2']);
  });

  it('passes over what the sink is not to have, and does not come back to it', async () => {
    const got: string[] = [];
    const take = async (records: readonly Exported[]) => void got.push(...records.map((one) => one.id));
    const lanes = ledger(new Map([[1, 7]]));
    const table = openSqliteTable(':memory:');
    const wanted = ({ id }: Exported) => id === '1.1' || id === '1.6';
    const pass = () =>
      createExporter({
        table,
        lanes,
        sink: { name: 'test', take },
        wanted,
        clock,
        meter,
        log,
        batch: 3,
      }).run();
    expect(await pass()).toEqual({ sent: 2, failed: 0, lag_seconds: 0 });
    expect(await pass()).toMatchObject({ sent: 0 });
    expect(got).toEqual(['1.1', '1.6']);
  });

  it('visits a lane no more once it is exported to its end', async () => {
    const heads = new Map([
      [1, 7],
      [2, 2],
      [3, 0],
    ]);
    const [ended, reads, got] = [new Set([1]), [] as string[], [] as string[]];
    const table = openSqliteTable(':memory:');
    const pass = () =>
      open(table, ledger(heads, ended, reads), async (records) => {
        got.push(...records.map((one) => one.id));
      }).run();
    expect(await pass()).toMatchObject({ sent: 9 });
    ended.add(2);
    heads.set(2, 3);
    heads.set(4, 1);
    reads.length = 0;
    expect(await pass()).toMatchObject({ sent: 2 });
    // The first has ended, and of the third nothing was ever left.
    expect(new Set(reads.map((read) => read.split('.')[0]))).toEqual(new Set(['2', '4']));
    reads.length = 0;
    expect(await pass()).toMatchObject({ sent: 0 });
    expect(reads).toEqual(['4.0']);
    expect(got.slice(-2)).toEqual(['2.2', '4.0']);
  });

  it('goes on from marks that an older version left of every lane, and lets go of those that have ended', async () => {
    const table = openSqliteTable(':memory:');
    for (const [sk, next] of [
      ['00000001', 7],
      ['00000002', 1],
    ] as const)
      await table.put({ pk: 'SIEM#test', sk, next, version: 1 }, 'absent');
    const [reads, got] = [[] as string[], [] as string[]];
    const heads = new Map([
      [1, 7],
      [2, 2],
    ]);
    const exporter = open(table, ledger(heads, new Set([1]), reads), async (records) => {
      got.push(...records.map((one) => one.id));
    });
    expect(await exporter.run()).toMatchObject({ sent: 1 });
    reads.length = 0;
    expect(await exporter.run()).toMatchObject({ sent: 0 });
    expect([got, reads]).toEqual([['2.1'], ['2.1']]);
  });

  it('holds a lane whose batch fails, says how far it is behind, and goes on with the others', async () => {
    let broken = true;
    const got: string[] = [];
    const exporter = open(
      openSqliteTable(':memory:'),
      ledger(
        new Map([
          [1, 4],
          [2, 1],
        ]),
      ),
      async (records) => {
        if (broken && records[0]?.id.startsWith('1.')) throw new Error('throttled');
        got.push(...records.map((one) => one.id));
      },
    );
    expect(await exporter.run()).toEqual({ sent: 1, failed: 3, lag_seconds: 60 });
    expect(exporter.state().failing).toBe(true);
    broken = false;
    expect(await exporter.run()).toEqual({ sent: 4, failed: 0, lag_seconds: 0 });
    expect(got).toEqual(['2.0', '1.0', '1.1', '1.2', '1.3']);
  });

  it('skips no record over crashes at any place, in any number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            operation: fc.constantFrom('get', 'put', 'query', 'remove'),
            fault: fc.constantFrom('before', 'after'),
            skip: fc.nat(6),
            sink: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
        fc.integer({ min: 1, max: 20 }),
        async (crashes, head) => {
          const inner = openSqliteTable(':memory:');
          const got: string[] = [];
          for (const crash of [...crashes, undefined]) {
            // A new exporter each time: a restart knows nothing but the watermark.
            const table = new FaultyTable(inner);
            if (crash !== undefined)
              table.fail(
                crash.operation as 'get' | 'put' | 'query' | 'remove',
                crash.fault as 'before' | 'after',
                {
                  skip: crash.skip,
                },
              );
            let calls = 0;
            const exporter = open(table, ledger(new Map([[1, head]])), async (records) => {
              calls += 1;
              got.push(...records.map((one) => one.id));
              if (crash?.sink === true && calls === 2) throw new Error('lost answer');
            });
            await exporter.run().catch(() => undefined);
          }
          const first = [...new Set(got)];
          expect(first).toEqual(Array.from({ length: head }, (_, n) => `1.${n}`));
        },
      ),
      { numRuns: 60 },
    );
  });
});
