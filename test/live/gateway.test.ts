/** Connections that a gateway holds: nobody misses a record, whatever fails, and each end is on record once. */
import { beforeEach, describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { canonicalBytes } from '../../src/basics/canonical.ts';
import { sanctioned, sanctionsOf, standingKey } from '../../src/decision/standing.ts';
import { recordItem } from '../../src/ledger/bytes.ts';
import { readEntry } from '../../src/ledger/entry.ts';
import type { Ledger, LedgerRecord, NewRecord } from '../../src/ledger/record.ts';
import { type Gateway, openBroadcast } from '../../src/watch/live/gateway/broadcast.ts';
import { lapseOf } from '../../src/watch/live/gateway/lapse.ts';
import { openReception } from '../../src/watch/live/gateway/reception.ts';
import { openRoster } from '../../src/watch/live/gateway/roster.ts';
import { takeTurn } from '../../src/watch/live/gateway/turn.ts';
import { parseCursor } from '../../src/watch/live/position.ts';
import type { Visitor } from '../../src/watch/live/visitor.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { FaultyTable } from '../support/faulty-table.ts';

const ORIGIN = 'chancery.test/1';

/** One lane, written by hand; nothing of it is sealed. */
function lane(now: () => number) {
  const table = openSqliteTable(':memory:');
  const records: LedgerRecord[] = [];
  const append = async ({ type, subject, meta, data }: NewRecord & { who?: unknown }) => {
    const seq = records.length;
    const record = {
      v: 1,
      lane: 1,
      seq,
      prev: '0'.repeat(64),
      type,
      time: new Date(now()).toISOString(),
      trace: '0'.repeat(32),
      ...(subject === undefined ? (type === 'ws.connect' ? { subject: 'ann' } : {}) : { subject }),
      ...(meta === undefined ? {} : { meta }),
      data,
    } as LedgerRecord;
    records.push(record);
    const item = recordItem(1, seq, { b: canonicalBytes(record), s: new Uint8Array(64) });
    await table.put(item, 'absent');
    if (seq === 0) await table.put({ ...item, pk: 'LANES', sk: '00000001' }, 'absent');
    return { id: `1.${seq}` };
  };
  // Of a receipt nothing but the id is looked at here.
  const ledger = { append } as unknown as Ledger;
  return { table, ledger, records, ends: () => records.filter(({ type }) => type === 'ws.disconnect') };
}

type Message = { kind: string; id?: string; cursor: string; shortened?: boolean };

function world() {
  const time = { now: 1_700_000_000_000 };
  const clock = () => time.now;
  const written = lane(clock);
  const state = new FaultyTable(openSqliteTable(':memory:'));
  const roster = openRoster({ table: state, clock });
  const meter = createMeter(clock);
  const rights = { roles: true };
  const inbox = new Map<string, Message[]>();
  const gate = {
    closed: [] as string[],
    gone: new Set<string>(),
    fault: 'none' as 'none' | 'before' | 'after',
  };
  const gateway: Gateway = {
    async post(connection, message) {
      if (gate.gone.has(connection)) return 'gone';
      if (gate.fault === 'before') throw new Error('it was not sent');
      const told = inbox.get(connection) ?? [];
      inbox.set(connection, [...told, JSON.parse(Buffer.from(message).toString())]);
      if (gate.fault === 'after') throw new Error('the answer was lost');
      return 'sent';
    },
    async close(connection) {
      gate.closed.push(connection);
    },
  };
  let made = 0;
  const shared = { roster, ledger: written.ledger, ledgerTable: written.table, origin: ORIGIN, clock, meter };
  const reception = openReception({
    ...shared,
    rolesSuffice: () => rights.roles,
    ids(prefix) {
      made += 1;
      return `${prefix}_${made}`;
    },
    limits: { connections: 5, perPrincipal: 3 },
  });
  const broadcast = openBroadcast({
    ...shared,
    gateway,
    lapseOf: (kept) =>
      lapseOf(
        {
          justifier: {
            read: async (id) => {
              const entry = await readEntry(written.table, id);
              return entry && { id, hash: entry.record_hash, record: entry.record };
            },
          },
          rolesSuffice: () => rights.roles,
          sanctionsOf: async (pseudonym) => {
            const key = standingKey(pseudonym);
            const inForce = sanctionsOf((await state.get(key.pk, key.sk)) ?? key, clock());
            return inForce.readable ? inForce.active.map(({ kind }) => kind) : undefined;
          },
          clock,
        },
        kept,
      ),
    log: { write: () => {} },
  });
  const visitor = (given: Partial<Visitor> = {}): Visitor => ({
    who: { issuer: 'https://issuer.test', sub: 'ann', roles: ['auditor'] },
    pseudonym: 'ann',
    token: '',
    trace: '0'.repeat(32),
    meta: {},
    personal: {},
    wanted: { types: ['decision.*'] },
    from: undefined,
    expires_at: time.now + 3_600_000,
    check: async () => undefined,
    ...given,
  });
  return {
    ...written,
    time,
    state,
    roster,
    rights,
    gate,
    reception,
    broadcast,
    visitor,
    told: (connection: string) => inbox.get(connection) ?? [],
    ids: (connection: string) => (inbox.get(connection) ?? []).flatMap(({ id }) => id ?? []),
    decide: () => written.ledger.append({ type: 'decision.made', trace: '', data: {} } as NewRecord),
    async arrive(connection: string, given: Partial<Visitor> = {}) {
      const found = await reception.seat(visitor(given), connection);
      if ('full' in found) return found.full;
      await found.seat.record();
      return found.seat.connection_id;
    },
  };
}

let on: ReturnType<typeof world>;
beforeEach(async () => {
  on = world();
  await on.ledger.append({ type: 'ledger.lane_opened', trace: '', data: {} } as NewRecord);
});

describe('a listener', () => {
  it('is greeted, and told of what it wants, once and in order', async () => {
    await on.arrive('c1');
    await on.decide();
    await on.broadcast.round();
    await on.ledger.append({ type: 'alert.fired', trace: '', data: {} } as NewRecord);
    await on.decide();
    expect(await on.broadcast.round()).toEqual({ listeners: 1, busy: true });
    expect(await on.broadcast.round()).toEqual({ listeners: 1, busy: false });
    expect(on.told('c1').map(({ kind }) => kind)).toEqual(['hello', 'record', 'record']);
    expect(on.ids('c1')).toEqual(['1.2', '1.4']);
  });

  it.each(['before', 'after'] as const)('misses nothing when posts fail %s they were sent', async (fault) => {
    await on.arrive('c1');
    await on.broadcast.round();
    await on.decide();
    await on.decide();
    on.gate.fault = fault;
    await on.broadcast.round();
    on.gate.fault = 'none';
    await on.broadcast.round();
    expect([...new Set(on.ids('c1'))]).toEqual(['1.2', '1.3']);
    expect(on.ids('c1')).toEqual(fault === 'before' ? ['1.2', '1.3'] : ['1.2', '1.2', '1.3']);
  });

  it.each(['before', 'after'] as const)(
    'misses nothing when moving it on fails %s it happened',
    async (fault) => {
      await on.arrive('c1');
      await on.broadcast.round();
      await on.decide();
      on.state.fail('put', fault);
      await expect(on.broadcast.round()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await on.decide();
      await on.broadcast.round();
      expect(on.ids('c1')).toEqual(fault === 'before' ? ['1.2', '1.2', '1.3'] : ['1.2', '1.3']);
    },
  );

  it('comes back with its cursor and gets every record since, and no other', async () => {
    await on.arrive('c1');
    await on.broadcast.round();
    await on.decide();
    await on.broadcast.round();
    const from = parseCursor(on.told('c1').at(-1)?.cursor ?? '', ORIGIN);
    if (typeof from === 'string') throw new Error(from);
    await on.reception.left('c1', 1000);
    await on.decide();
    await on.arrive('c2', { from });
    await on.broadcast.round();
    expect(on.ids('c2')).toEqual(['1.5']);
  });

  it('is told where a record is that is larger than a message may be', async () => {
    await on.arrive('c1');
    const data = { text: 'x'.repeat(140_000) };
    await on.ledger.append({ type: 'decision.made', trace: '', data } as NewRecord);
    await on.broadcast.round();
    expect(on.told('c1').at(-1)).toMatchObject({ kind: 'record', id: '1.2', shortened: true });
  });

  it('hears a heartbeat while nothing comes', async () => {
    await on.arrive('c1');
    await on.broadcast.round();
    on.time.now += 60_000;
    await on.broadcast.round();
    await on.broadcast.round();
    expect(on.told('c1').map(({ kind }) => kind)).toEqual(['hello', 'heartbeat']);
  });
});

describe('a connection that the gateway does not know', () => {
  it('is waited for: the gateway has it once the handshake is answered', async () => {
    expect(await on.roster.any()).toBe(false);
    await on.arrive('c1');
    expect(await on.roster.any()).toBe(true);
    on.gate.gone.add('c1');
    expect(await on.broadcast.round()).toEqual({ listeners: 1, busy: true });
    on.gate.gone.delete('c1');
    on.time.now += 1_000;
    await on.broadcast.round();
    expect(on.told('c1')[0]?.kind).toBe('hello');
    expect((await on.roster.get('c1'))?.kept.gone).toBeUndefined();
  });

  it('is lost after half a minute, on record, and not before', async () => {
    await on.arrive('c1');
    await on.broadcast.round();
    on.gate.gone.add('c1');
    await on.decide();
    await on.broadcast.round();
    expect(on.ends()).toEqual([]);
    on.time.now += 31_000;
    await on.broadcast.round();
    expect(on.ends().map(({ data }) => data.reason)).toEqual(['lost']);
    expect([await on.roster.all(), await on.roster.any()]).toEqual([[], false]);
  });
});

describe('a connection', () => {
  it.each([
    [
      'token_over',
      async () => {
        on.time.now += 3_600_000;
      },
    ],
    [
      'not_allowed',
      async () => {
        on.rights.roles = false;
      },
    ],
    ['not_allowed', () => on.state.merge(...keysOf('ann'), sanctioned('ban', on.time.now + 60_000))],
    ['not_allowed', () => on.state.merge(...keysOf('ann'), sanctioned('revocation', on.time.now + 60_000))],
  ] as const)('ends as %s, once, though its client leaves at the same time', async (reason, happens) => {
    await on.arrive('c1');
    await on.broadcast.round();
    await happens();
    await on.decide();
    await Promise.all([on.broadcast.round(), on.broadcast.round()]);
    await on.reception.left('c1', 1001);
    expect(on.ends().map(({ data }) => data.reason)).toEqual([reason]);
    expect(on.gate.closed).toContain('c1');
    expect(on.ids('c1')).toEqual([]);
  });

  it('is told nothing where no record of ours stands behind it', async () => {
    await on.arrive('c1');
    const real = await on.roster.get('c1');
    if (real === undefined) throw new Error('it is kept');
    await on.roster.add('c2', { ...real.kept, connection_id: 'conn_forged' });
    const { record: _, ...unrecorded } = real.kept;
    await on.roster.add('c3', unrecorded);
    await on.decide();
    await on.broadcast.round();
    expect([on.told('c2'), on.told('c3')]).toEqual([[], []]);
    expect(on.gate.closed).toEqual(['c2']);
    expect(on.ids('c1')).toEqual(['1.2']);
  });

  it('is recorded when it comes, with what it was sent when it ends', async () => {
    const connection_id = await on.arrive('c1');
    await on.broadcast.round();
    await on.decide();
    await on.broadcast.round();
    await on.reception.said('c1', '{"kind":"ping"}');
    on.time.now += 2_000;
    await on.reception.left('c1', 1000);
    await on.reception.left('c1', 1000);
    const told = on.records.filter(({ type }) => type.startsWith('ws.'));
    expect(told.map(({ type }) => type)).toEqual(['ws.connect', 'ws.message_sent', 'ws.disconnect']);
    expect(told.map(({ meta }) => meta?.connection_id)).toEqual(Array(3).fill(connection_id));
    expect(told[1]?.data).toMatchObject({ records: 1, first: '1.2', last: '1.2' });
    expect(told[2]?.data).toMatchObject({ reason: 'client', sent: 2, received: 1, duration_us: 2_000_000 });
  });

  it('is not taken in where its record could not be written, and leaves no place taken', async () => {
    const found = await on.reception.seat(on.visitor(), 'c1');
    if ('full' in found) throw new Error('there is room');
    on.ledger.append = async () => {
      throw new Error('away');
    };
    await expect(found.seat.record()).rejects.toThrow('away');
    expect(await on.roster.all()).toEqual([]);
  });
});

const keysOf = (pseudonym: string): [string, string] => {
  const { pk, sk } = standingKey(pseudonym);
  return [pk, sk];
};

describe('the reception', () => {
  it('lets in no more than there is room for, of those who come at once too', async () => {
    const came = await Promise.all([1, 2, 3, 4, 5].map((n) => on.arrive(`c${n}`)));
    expect(came.filter((each) => each?.startsWith('conn_')).length).toBeLessThanOrEqual(3);
    expect((await on.roster.all()).length).toBeLessThanOrEqual(3);
    expect(came).toContain('principal');
  });

  it('counts all principals together', async () => {
    const came = [];
    for (let n = 0; n < 6; n += 1) came.push(await on.arrive(`c${n}`, { pseudonym: `p${n}` }));
    expect(came.at(-1)).toBe('process');
  });

  it.each([
    ['nonsense', 'malformed'],
    ['{"kind":"more"}', 'policy'],
    [JSON.stringify({ kind: 'ping', more: 'x'.repeat(2_000) }), 'too_large'],
  ])('has a connection ended that says %.20s', async (text, reason) => {
    await on.arrive('c1');
    expect(await on.reception.said('c1', text)).toEqual({ ends: true });
    await on.broadcast.round();
    expect(on.gate.closed).toEqual(['c1']);
    expect(on.ends().map(({ data }) => data.reason)).toEqual([reason]);
  });

  it('answers a ping with a heartbeat, fifty times in ten seconds', async () => {
    await on.arrive('c1');
    const said = async () => on.reception.said('c1', '{"kind":"ping"}');
    const { answer } = await said();
    expect(JSON.parse(answer ?? '')).toMatchObject({ kind: 'heartbeat', cursor: expect.any(String) });
    for (let n = 1; n < 50; n += 1) expect((await said()).ends).toBe(false);
    expect(await said()).toEqual({ ends: true });
  });
});

describe('the turn to tell', () => {
  it('is one runner’s, and a ring that comes meanwhile is not lost', async () => {
    const { state: table, time } = on;
    const take = (own: string) => takeTurn({ table, clock: () => time.now, own });
    const first = await take('a');
    expect(await take('b')).toBeUndefined();
    expect(await first?.giveBack()).toBe(false);
    expect(await first?.giveBack()).toBe(true);
    expect(await take('c')).toBeDefined();
  });

  it('is not lost where the ring comes between the look and the giving back', async () => {
    const { state, time } = on;
    const first = await takeTurn({ table: state, clock: () => time.now, own: 'a' });
    const { remove } = state;
    state.remove = async (...given) => {
      await takeTurn({ table: state, clock: () => time.now, own: 'b' });
      return remove.apply(state, given);
    };
    expect(await first?.giveBack()).toBe(false);
  });

  it('passes on from who died, after its lease, and who comes late does not keep it', async () => {
    const { state: table, time } = on;
    const dead = await takeTurn({ table, clock: () => time.now, own: 'a' });
    time.now += 20_001;
    expect(await takeTurn({ table, clock: () => time.now, own: 'b' })).toBeDefined();
    expect(await dead?.keep()).toBe(false);
  });
});
