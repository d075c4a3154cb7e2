/**
 * Tells those whose connections a gateway holds. Each is as far as its item says: those at the same place are read for once,
 * each is posted what it wants, in order, and then moved on. A crash or a lost answer leaves one where it was, so that it is
 * told again: at least once, and never past a record that it was not told of.
 */
import { inBatches } from '../../../basics/batches.ts';
import type { Entry, TableReader } from '../../../ledger/entry.ts';
import { type LedgerPosition, readingOn } from '../../../ledger/places/reading-on.ts';
import type { Log } from '../../../ports.ts';
import { heartbeatMessage, helloMessage, recordMessage, shortMessage } from '../messages.ts';
import { recordSent } from '../on-record.ts';
import { formatCursor, parseCursor } from '../position.ts';
import type { Lapse } from '../visitor.ts';
import { isWanted } from '../wanted.ts';
import { claimEnd, type FarewellDeps, seeOff } from './farewell.ts';
import type { KeptConnection, Listed } from './roster.ts';

/** Where the connections are. */
export interface Gateway {
  /** `gone`: there is no such connection, not yet or not any more. Throws where nobody knows whether it was sent. */
  post(connection: string, message: Uint8Array): Promise<'sent' | 'gone'>;
  /** Ends it, if it is there. */
  close(connection: string): Promise<void>;
}

export interface BroadcastDeps extends FarewellDeps {
  readonly ledgerTable: TableReader;
  readonly gateway: Gateway;
  /** The name of the log: cursors are good for it alone. */
  readonly origin: string;
  /** Whether it may still listen. Throws where that cannot be read: it is asked again. */
  readonly lapseOf: (kept: KeptConnection) => Promise<Lapse | undefined>;
  readonly log: Log;
}

export interface Round {
  readonly listeners: number;
  /** There was something to tell, or somebody who is not there yet: look again soon. */
  readonly busy: boolean;
}

/** API Gateway takes no larger message. */
const MAX_MESSAGE = 128 * 1_024;
/** Records that are read before those who wait for them are moved on. */
const BATCH = 200;
/** The gateway may know it a little later than we do, and tell that it left a little later than it does. */
const GONE_MS = 30_000;
/** Soon enough for a gateway that ends what is silent for ten minutes. */
export const BEAT_MS = 60_000;
/** A round a minute meets every beat, whatever moment of the minute it comes in. */
const DUE_MS = BEAT_MS - 10_000;
const SUM_MS = 600_000;

interface News {
  readonly entry: Entry;
  readonly cursor: string;
  readonly message: Uint8Array;
}

interface Batch {
  readonly news: readonly News[];
  /** Behind all of it. */
  readonly cursor: string;
  readonly whole: boolean;
}

export function openBroadcast(deps: BroadcastDeps): { round(): Promise<Round> } {
  const { roster, ledger, ledgerTable, gateway, origin, clock, meter, log } = deps;

  /** Who is not to be told anything: left over, over, or not allowed any more. */
  async function sort(listed: Listed): Promise<Listed | undefined> {
    const { kept } = listed;
    const now = clock();
    if (kept.ending !== undefined) {
      // What the client ended is put on record by who was told of it, unless that one died.
      const theirs = kept.ending === 'client' || kept.ending === 'lost';
      if (!theirs || now - (kept.ended ?? 0) > GONE_MS) await end(listed);
      return undefined;
    }
    if (kept.record === undefined) {
      if (now - kept.since > GONE_MS) await roster.remove(listed.gateway);
      return undefined;
    }
    const lapse = await deps.lapseOf(kept);
    const ending =
      lapse?.ending ?? (kept.gone !== undefined && now - kept.gone > GONE_MS ? 'lost' : undefined);
    if (ending === undefined) return listed;
    const claimed = await claimEnd(deps, listed.gateway, ending);
    if (claimed !== undefined) await end(claimed);
    return undefined;
  }

  async function end(claimed: Listed): Promise<void> {
    await gateway.close(claimed.gateway);
    await seeOff(deps, claimed);
  }

  async function read(from: LedgerPosition): Promise<Batch> {
    const news: News[] = [];
    let [cursor, steps] = [formatCursor(inOrder(from), origin), 0];
    for await (const { entry, position } of readingOn(ledgerTable, from)) {
      cursor = formatCursor(inOrder(position), origin);
      if (entry !== undefined) news.push({ entry, cursor, message: messageOf(entry, cursor) });
      steps += 1;
      if (steps === BATCH) return { news, cursor, whole: false };
    }
    return { news, cursor, whole: true };
  }

  /** Posts what it wants and moves it on, as far as that went. */
  async function tell(listed: Listed, { news, cursor }: Batch): Promise<void> {
    const { gone: before, ...kept } = listed.kept;
    const told = { ...kept, sent: { ...kept.sent } };
    let gone = false;
    const post = async (message: Uint8Array): Promise<boolean> => {
      gone = (await gateway.post(listed.gateway, message)) === 'gone';
      if (gone) return false;
      [told.messages, told.spoken] = [told.messages + 1, clock()];
      meter.count('ws_messages_total', { direction: 'sent' });
      return true;
    };
    try {
      told.greeted ||= await post(
        bytesOf(helloMessage(kept.connection_id, kept.cursor, kept.expires_at, BEAT_MS)),
      );
      for (const { entry, cursor: at, message } of gone ? [] : news) {
        if (isWanted(entry, kept.wanted)) {
          if (!(await post(message))) break;
          sum(told, entry, message.length);
        }
        told.cursor = at;
      }
      if (!gone) told.cursor = cursor;
      if (!gone && clock() - told.spoken >= DUE_MS)
        await post(bytesOf(heartbeatMessage(told.cursor, clock())));
    } catch (error) {
      // It may have been sent: it is sent again, from where it is known to be.
      log.write('warn', 'live', 'a message could not be posted', {
        connection_id: kept.connection_id,
        error: String(error),
      });
    }
    if (!gone && clock() - told.summed >= SUM_MS) {
      await recordSent(ledger, kept, told.sent);
      [told.sent, told.summed] = [{ records: 0, bytes: 0 }, clock()];
    }
    const now = { ...told, ...(gone ? { gone: before ?? clock() } : {}) };
    if (JSON.stringify(now) === JSON.stringify(listed.kept)) return;
    // Whoever ended it meanwhile needs none of this.
    await roster.replace(listed, now);
  }

  return {
    async round() {
      const all = await roster.all();
      const open = (await inBatches(all, sort)).filter((each) => each !== undefined);
      meter.set('ws_connections', {}, open.length);
      let busy = false;
      for (const together of Map.groupBy(open, ({ kept }) => kept.cursor).values()) {
        const from = parseCursor(together[0]?.kept.cursor ?? '', origin);
        // Nobody of ours wrote such a cursor.
        if (typeof from === 'string') continue;
        const batch = await read(from);
        busy ||= batch.news.length > 0 || !batch.whole;
        await inBatches(together, (listed) => tell(listed, batch));
      }
      const coming = open.some(({ kept }) => !kept.greeted && clock() - kept.since < GONE_MS);
      return { listeners: open.length, busy: busy || coming };
    },
  };
}

/** Two who read to the same place by different ways are at the same place. */
const inOrder = ({ last, next }: LedgerPosition): LedgerPosition => ({
  last,
  next: new Map([...next].sort(([a], [b]) => a - b)),
});

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

function messageOf(entry: Entry, cursor: string): Uint8Array {
  const whole = bytesOf(recordMessage(entry, cursor));
  return whole.length <= MAX_MESSAGE ? whole : bytesOf(shortMessage(entry, cursor));
}

/** Its own doing is no reason to put on record what it was sent. */
function sum({ sent }: KeptConnection, entry: Entry, bytes: number): void {
  if (entry.record.type.startsWith('ws.')) return;
  sent.records += 1;
  sent.bytes += bytes;
  sent.first ??= entry.id;
  sent.last = entry.id;
}
