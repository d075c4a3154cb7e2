/** The feed by itself: whoever listens gets every record once, wherever and whenever they come in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { canonicalBytes } from '../../src/basics/canonical.ts';
import { recordItem } from '../../src/ledger/bytes.ts';
import type { LedgerPosition } from '../../src/ledger/places/reading-on.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { Connection, type Ending, MAX_WAITING, type Wire } from '../../src/watch/live/connection.ts';
import { LiveFeed } from '../../src/watch/live/feed.ts';
import { formatCursor, parseCursor } from '../../src/watch/live/position.ts';
import { isWanted } from '../../src/watch/live/wanted.ts';

const ORIGIN = 'chancery.test/1';
const SIGNATURE = new Uint8Array(64);

const recordAt = (lane: number, seq: number, type = 'decision.made'): LedgerRecord => ({
  v: 1,
  lane,
  seq,
  prev: '0'.repeat(64),
  type,
  time: '2026-01-01T00:00:00.000Z',
  trace: '0'.repeat(32),
  data: {},
});

const itemOf = (record: LedgerRecord) =>
  recordItem(record.lane, record.seq, { b: canonicalBytes(record), s: SIGNATURE });

/** A ledger whose lanes are written by hand; nothing of it is sealed. */
function ledgerOf(table: Table) {
  const next = new Map<number, number>();
  return {
    ids: [] as string[],
    async append(lane: number, type?: string): Promise<void> {
      const seq = next.get(lane) ?? 0;
      if (seq < 0) return;
      const item = itemOf(recordAt(lane, seq, type));
      await table.put(item, 'absent');
      if (seq === 0) await table.put({ ...item, pk: 'LANES', sk: String(lane).padStart(8, '0') }, 'absent');
      next.set(lane, type === 'ledger.lane_closed' ? -1 : seq + 1);
      this.ids.push(`${lane}.${seq}`);
    },
    lanes: () => next.size,
  };
}

/** Listens and notes what it is told. */
function ear() {
  const told: string[] = [];
  let [cursor, gone] = ['', false];
  const note = (bytes: Uint8Array): void => {
    const message: { cursor: string; id: string } = JSON.parse(Buffer.from(bytes).toString());
    told.push(message.id);
    cursor = message.cursor;
  };
  return {
    told,
    cursor: () => cursor,
    leave: () => {
      gone = true;
    },
    listener: {
      begun: (at: string) => {
        cursor = at;
      },
      caughtUp: async ({ message }: { message: () => Uint8Array }) => note(message()),
      heard: ({ message }: { message: () => Uint8Array }) => note(message()),
      rest: () => {},
      gone: () => gone,
    },
  };
}

const positionOf = (cursor: string): LedgerPosition => {
  const position = parseCursor(cursor, ORIGIN);
  if (typeof position === 'string') throw new Error(position);
  return position;
};

/** A writer appends to one of four lanes, opens one, closes one; the listener goes and comes back; the feed reads. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), lane: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), lane: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), lane: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('run' as const), lane: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('return' as const), lane: fc.constant(0) }) },
  ),
  { maxLength: 60 },
);

describe('a listener', () => {
  it('gets every record since its cursor once, in the order of its lane, wherever it comes back', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const table = openSqliteTable(':memory:');
        const ledger = ledgerOf(table);
        await ledger.append(1, 'ledger.lane_opened');
        const feed = new LiveFeed({ table, origin: ORIGIN });
        const other = ear();
        await feed.join(undefined, other.listener);
        const due = ledger.ids.length;
        const all: string[] = [];
        let own = ear();
        let leave = await feed.join(undefined, own.listener);
        for (const step of script) {
          const lane = 1 + (step.lane % ledger.lanes());
          if (step.do === 'append') await ledger.append(lane);
          else if (step.do === 'close') await ledger.append(lane, 'ledger.lane_closed');
          else if (step.do === 'open') await ledger.append(ledger.lanes() + 1, 'ledger.lane_opened');
          else if (step.do === 'run') await feed.run();
          else {
            leave();
            all.push(...own.told);
            const back = ear();
            // Records that come while it comes back are among them as well.
            const [left] = await Promise.all([
              feed.join(positionOf(own.cursor()), back.listener),
              ledger.append(lane),
            ]);
            [own, leave] = [back, left];
          }
        }
        await feed.run();
        all.push(...own.told);
        const expected = ledger.ids.slice(due);
        for (const told of [all, other.told]) {
          expect(told.toSorted()).toEqual(expected.toSorted());
          for (let lane = 1; lane <= ledger.lanes(); lane += 1) {
            const of = (ids: readonly string[]) => ids.filter((id) => id.startsWith(`${lane}.`));
            expect(of(told)).toEqual(of(expected));
          }
        }
        table.close();
      }),
      { numRuns: 60 },
    );
  });

  it('costs by what is new: closed lanes are not visited again', async () => {
    const table = openSqliteTable(':memory:');
    const ledger = ledgerOf(table);
    for (let lane = 1; lane <= 30; lane += 1) {
      await ledger.append(lane, 'ledger.lane_opened');
      if (lane < 30) await ledger.append(lane, 'ledger.lane_closed');
    }
    const asked: string[] = [];
    const counted = {
      get: table.get.bind(table),
      query: (...args: Parameters<Table['query']>) => {
        asked.push(args[0]);
        return table.query(...args);
      },
    };
    const feed = new LiveFeed({ table: counted, origin: ORIGIN });
    await feed.join(undefined, ear().listener);
    asked.length = 0;
    await ledger.append(30);
    await feed.run();
    expect(asked).toEqual(['LANE#00000030', 'LANES']);
    table.close();
  });
});

describe('a cursor', () => {
  const positions = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.nat(9_999_999_999)), {
      selector: ([lane]) => lane,
      maxLength: 20,
    })
    .map(
      (pairs): LedgerPosition => ({
        last: Math.max(0, ...pairs.map(([lane]) => lane)),
        next: new Map(pairs),
      }),
    );

  it('is read as it was written, for its own ledger only, and is safe in an address', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const cursor = formatCursor(position, ORIGIN);
        expect(encodeURIComponent(cursor)).toBe(cursor);
        expect(parseCursor(cursor, ORIGIN)).toEqual(position);
        expect(parseCursor(cursor, 'chancery.test/2')).toBe('it is a cursor of another ledger');
      }),
    );
  });

  it.each([
    '',
    'x',
    '88a346f9',
    '88a346f9.1.1-3_',
    '88a346f9.1.2-3',
    '88a346f9.1.1-3_1-4',
    '88a346f9.1.1--3',
    '1e9.1.1-1',
  ])('%j is none', (cursor) => {
    const own = cursor.replace('88a346f9', formatCursor({ last: 0, next: new Map() }, ORIGIN).slice(0, 8));
    expect(parseCursor(own, ORIGIN)).toBe('it is not a cursor of a feed');
  });
});

describe('a filter', () => {
  const entry = (type: string, subject?: string) => ({
    id: '1.0',
    lane: 1,
    seq: 0,
    record_hash: '',
    signature: '',
    record: { ...recordAt(1, 0, type), ...(subject === undefined ? {} : { subject }) },
  });

  it.each([
    ['decision.made', { types: [] }, true],
    ['ws.connect', { types: [] }, false],
    ['ws.connect', { types: ['ws.*'] }, true],
    ['decision.made', { types: ['decision.*'] }, true],
    ['decisions.made', { types: ['decision.*'] }, false],
    ['decision.made', { types: ['workflow.failed', 'decision.made'] }, true],
    ['decision.made', { types: [], subject: 'a' }, false],
  ] as const)('%s is shown by %j: %s', (type, wanted, shown) => {
    expect(isWanted(entry(type), wanted)).toBe(shown);
  });
});

describe('a client that reads slower than records come', () => {
  async function slowClient() {
    const table = openSqliteTable(':memory:');
    const ledger = ledgerOf(table);
    await ledger.append(1, 'ledger.lane_opened');
    const feed = new LiveFeed({ table, origin: ORIGIN });
    let waiting = 0;
    let now = 0;
    const ended: Ending[] = [];
    const closed: number[] = [];
    const wire: Wire = {
      waiting: () => waiting,
      send: (messages) => {
        waiting += messages.reduce((sum, { length }) => sum + length, 0);
      },
      drained: () => Promise.resolve(),
      ping: () => {},
      close: (code) => void closed.push(code),
      terminate: () => void closed.push(0),
    };
    const connection = new Connection({
      id: 'conn_1',
      feed,
      wire,
      wanted: { types: [] },
      from: undefined,
      expires_at: 3_600_000,
      clock: () => now,
      ended: (ending) => ended.push(ending),
    });
    await connection.listen();
    return {
      table,
      ledger,
      feed,
      connection,
      ended,
      closed,
      waiting: () => waiting,
      pass: (ms: number) => {
        now += ms;
        connection.tick(now);
      },
    };
  }

  it('is cut off with a bounded backlog, once', async () => {
    const { table, ledger, feed, ended, closed, waiting } = await slowClient();
    for (let at = 0; at < 4_000; at += 1) await ledger.append(1);
    await feed.run();
    expect([ended, closed]).toEqual([['slow'], [4408]]);
    expect(waiting()).toBeLessThan(MAX_WAITING + 64 * 1_000);
    expect(feed.cursor()).toBeUndefined();
    table.close();
  });

  it('is given up without a farewell when it answers no ping', async () => {
    const { table, connection, ended, closed, pass } = await slowClient();
    pass(15_000);
    connection.ponged();
    pass(15_000);
    expect(ended).toEqual([]);
    pass(15_000);
    expect([ended, closed]).toEqual([['lost'], [0]]);
    table.close();
  });
});
