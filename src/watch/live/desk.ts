/**
 * Who listens. It lets in a bounded number, looks every second whether each may still listen, and puts on record who came,
 * what they were sent and how it ended. A record for each message would be a message to everybody who listens, so what
 * was sent is told in sums: when a connection ends, and every ten minutes of a long one.
 */

import type { Ledger } from '../../ledger/record.ts';
import type { Clock, Ids, Log, Meter } from '../../ports.ts';
import { Connection, type Ending, type Wire } from './connection.ts';
import type { LiveFeed } from './feed.ts';
import { type ConnectionOnRecord, errorOf, recordConnect, recordEnd, recordSent } from './on-record.ts';
import type { LiveLimits, Reservation, Seating, Visitor } from './visitor.ts';

export interface Seat extends Reservation {
  open(wire: Wire): Connection;
  /** The connection did not come about after all. */
  abandon(): void;
}

export interface LiveDeskDeps {
  readonly feed: LiveFeed;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
  readonly draining: () => boolean;
  readonly limits?: LiveLimits;
}

/** A connection takes some tens of kilobytes, and a megabyte more where its client does not read. */
export const LIMITS: LiveLimits = { connections: 4_096, perPrincipal: 1_024 };

export interface LiveDesk {
  seat(visitor: Visitor): Seating<Seat>;
  /** Once a second. */
  tick(): Promise<void>;
  /** Ends all connections (1001) and waits for their records. */
  close(): Promise<void>;
}

interface Taken {
  readonly visitor: Visitor;
  readonly id: string;
  readonly since: number;
  connection?: Connection;
  summed: number;
  counted: { sent: number; received: number };
}

const SUM_MS = 600_000;

export function openDesk(deps: LiveDeskDeps): LiveDesk {
  const { feed, ledger, clock, ids, log, meter, limits = LIMITS } = deps;
  const taken = new Set<Taken>();
  const ofPrincipal = new Map<string, number>();
  const writing = new Set<Promise<void>>();
  let closed = false;

  function occupy(one: Taken): void {
    taken.add(one);
    const { pseudonym } = one.visitor;
    ofPrincipal.set(pseudonym, (ofPrincipal.get(pseudonym) ?? 0) + 1);
    meter.set('ws_connections', {}, taken.size);
  }

  function leave(one: Taken): void {
    if (!taken.delete(one)) return;
    const { pseudonym } = one.visitor;
    const left = (ofPrincipal.get(pseudonym) ?? 1) - 1;
    if (left === 0) ofPrincipal.delete(pseudonym);
    else ofPrincipal.set(pseudonym, left);
    meter.set('ws_connections', {}, taken.size);
  }

  const named = (one: Taken): ConnectionOnRecord => ({ ...one.visitor, connection_id: one.id });

  /** In order, beside everything else; `close` waits for it. */
  function keep(one: Taken, write: () => Promise<unknown>): void {
    const written = write()
      .then(() => undefined)
      .catch((error: unknown) => {
        meter.count('errors_total', {
          error_type: 'LEDGER_UNAVAILABLE',
          severity: 'error',
          component: 'http',
        });
        log.write('error', 'live', 'the end of a connection could not be recorded', {
          connection_id: one.id,
          error: String(error),
        });
      })
      .finally(() => writing.delete(written));
    writing.add(written);
  }

  function count(one: Taken): void {
    const { sent = 0, received = 0 } = one.connection?.messages ?? {};
    if (sent > one.counted.sent)
      meter.count('ws_messages_total', { direction: 'sent' }, sent - one.counted.sent);
    if (received > one.counted.received)
      meter.count('ws_messages_total', { direction: 'received' }, received - one.counted.received);
    one.counted = { sent, received };
  }

  async function sum(one: Taken): Promise<void> {
    one.summed = clock();
    const sent = one.connection?.takeSent();
    if (sent !== undefined) await recordSent(ledger, named(one), sent);
  }

  function ended(one: Taken, ending: Ending): void {
    leave(one);
    count(one);
    const { sent = 0, received = 0 } = one.connection?.messages ?? {};
    const duration_us = Math.max(0, Math.round((clock() - one.since) * 1_000));
    const error = errorOf(ending);
    if (error !== undefined) meter.count('ws_errors_total', { error_type: error });
    keep(one, async () => {
      await sum(one);
      await recordEnd(ledger, named(one), {
        reason: ending,
        ...(error === undefined ? {} : { error }),
        totals: { sent, received, duration_us },
      });
    });
  }

  const seatOf = (one: Taken): Seat => ({
    connection_id: one.id,
    async record() {
      try {
        await recordConnect(ledger, one.visitor, one.id);
      } catch (error) {
        leave(one);
        throw error;
      }
    },
    open(wire) {
      const connection = new Connection({
        ...one.visitor,
        id: one.id,
        feed,
        wire,
        clock,
        ended: (ending) => ended(one, ending),
      });
      one.connection = connection;
      if (closed) connection.end('going_away', STOPPING);
      connection.listen().catch((error: unknown) => {
        log.write('error', 'live', 'a feed could not be read', {
          connection_id: one.id,
          error: String(error),
        });
        connection.end('fault', 'the ledger could not be read; come back with the last cursor');
      });
      return connection;
    },
    abandon: () => ended(one, 'lost'),
  });

  /** Connections of one token are asked about once. */
  async function check(): Promise<void> {
    const asked = new Map<string, ReturnType<Visitor['check']>>();
    for (const { visitor, connection } of [...taken]) {
      if (connection === undefined) continue;
      const answer = asked.get(visitor.token) ?? visitor.check();
      asked.set(visitor.token, answer);
      const lapse = await answer;
      if (lapse !== undefined) connection.end(lapse.ending, lapse.reason);
    }
  }

  return {
    seat(visitor) {
      const { connections, perPrincipal } = limits;
      if (taken.size >= connections) return { full: 'process', limit: connections };
      if ((ofPrincipal.get(visitor.pseudonym) ?? 0) >= perPrincipal)
        return { full: 'principal', limit: perPrincipal };
      const now = clock();
      const one: Taken = {
        visitor,
        id: ids('conn'),
        since: now,
        summed: now,
        counted: { sent: 0, received: 0 },
      };
      occupy(one);
      return { seat: seatOf(one) };
    },

    async tick() {
      const now = clock();
      const stopping = deps.draining();
      for (const one of [...taken]) {
        const { connection } = one;
        if (connection === undefined) continue;
        count(one);
        if (stopping) connection.end('going_away', STOPPING);
        else connection.tick(now);
        if (now - one.summed >= SUM_MS) keep(one, () => sum(one));
      }
      await check();
    },

    async close() {
      closed = true;
      for (const { connection } of [...taken]) connection?.end('going_away', STOPPING);
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}

const STOPPING = 'the service stops or drains; come back with the last cursor';
