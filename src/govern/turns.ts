/**
 * Changes of what records justify, one after the other, each on record once, whatever crashes:
 *
 *   1. a turn is taken: an item that nobody else can put while it lies there;
 *   2. the record is appended, with the turn's id in it;
 *   3. the state is made from the record, and the turn is given back.
 *
 * A runner that dies leaves its turn behind. After a lease, or at once where it said that it failed, the next one looks
 * in the ledger for what the dead one had recorded, makes the state from that, and only then goes on.
 */
import { ChanceryError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Ledger, LedgerRecord, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../ports.ts';

export interface TurnsDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  /** Records from a time on (milliseconds). */
  readonly recordsSince: (
    ms: number,
  ) => AsyncIterable<{ readonly id: string; readonly record: LedgerRecord; readonly hash: string }>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly wait: (ms: number) => Promise<void>;
}

/** A record as far as state is made from it. */
export interface Written {
  /** `{lane}.{seq}` */
  readonly id: string;
  readonly hash: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  readonly trace: string;
  readonly data: JsonObject;
}

/** Makes the state from a record. Doing it again changes nothing. */
export type Settle = (written: Written) => Promise<void>;

/** The record, then the state from it. */
export type Commit = (record: NewRecord) => Promise<Receipt>;

export interface Turns {
  /**
   * Runs `work` while nobody else changes what `about` names. What it reads is then still so when it commits.
   * Throws CONFLICT when others are at it for longer than a caller would wait.
   */
  take<T>(about: string, settle: Settle, work: (commit: Commit) => Promise<T>): Promise<T>;
}

const PARTITION = 'TURNS';
/** Far longer than a turn takes: a live runner is not overtaken. */
const LEASE_MS = 30_000;
/** A clock that is behind ours may have stamped the record earlier than the turn. */
const SKEW_MS = 60_000;
const TRIES = 40;
const PAUSE_MS = 50;

export function createTurns({ table, ledger, recordsSince, clock, ids, wait }: TurnsDeps): Turns {
  interface Held {
    readonly item: Item;
    /** What a dead runner left to be looked after. */
    readonly left?: Item;
  }

  async function claim(about: string): Promise<Held> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const left = await table.get(PARTITION, about);
      const theirs = left !== undefined && left.failed !== true && clock() < Number(left.at) + LEASE_MS;
      if (!theirs) {
        const version = left === undefined ? undefined : Number(left.version);
        const item = { pk: PARTITION, sk: about, version: (version ?? 0) + 1, turn: ids('trn'), at: clock() };
        const put = await table.put(item, version === undefined ? 'absent' : { version });
        if (put.stored) return left === undefined ? { item } : { item, left };
      }
      await wait(PAUSE_MS);
    }
    throw new ChanceryError('CONFLICT', 'Somebody else is changing this at the moment; repeat it.', {
      headers: { 'retry-after': '1' },
    });
  }

  /** What the dead runner had recorded becomes state. */
  async function lookAfter(left: Item, settle: Settle): Promise<void> {
    const turns = [left.turn, ...(Array.isArray(left.before) ? left.before : [])];
    for await (const { id, record, hash } of recordsSince(Number(left.since ?? left.at) - SKEW_MS))
      if (turns.includes(record.data.turn ?? ''))
        await settle({
          id,
          hash,
          type: record.type,
          time: record.time,
          trace: record.trace,
          data: record.data,
        });
  }

  return {
    async take(about, settle, work) {
      const { item, left } = await claim(about);
      let recorded = false;
      const commit: Commit = async ({ data, ...record }) => {
        recorded = true;
        const said = { ...data, turn: String(item.turn) };
        const receipt = await ledger.append({ ...record, data: said });
        const { id, record_hash: hash, time } = receipt;
        await settle({ id, hash, type: record.type, time, trace: record.trace, data: said });
        return receipt;
      };
      const before =
        left === undefined ? [] : [left.turn ?? '', ...(Array.isArray(left.before) ? left.before : [])];
      const since = Number(left?.since ?? left?.at ?? item.at);
      try {
        if (left !== undefined) await lookAfter(left, settle);
        const result = await work(commit);
        await table.remove(PARTITION, about, { version: Number(item.version) });
        return result;
      } catch (error) {
        // Nothing of it is on record: nothing to look after. Else whoever comes next finds out what is.
        const nothing = !recorded && left === undefined;
        await (nothing
          ? table.remove(PARTITION, about, { version: Number(item.version) })
          : table.put(
              { ...item, version: Number(item.version) + 1, failed: true, before, since },
              { version: Number(item.version) },
            )
        ).catch(() => {
          // The store is away: the lease frees it.
        });
        throw error;
      }
    },
  };
}

/**
 * Keeps what records made of an item, where nobody else changes it. What was read of it may be what the records say
 * already, while the store has nothing yet: then it is put there for the first time.
 */
export async function keep(
  table: Pick<Table, 'put' | 'merge'>,
  stored: Item | undefined,
  item: Item,
): Promise<void> {
  if (typeof stored?.version === 'number') {
    const put = await table.put({ ...item, version: stored.version + 1 }, { version: stored.version });
    if (put.stored) return;
  }
  const put = await table.put({ ...item, version: 1 }, 'absent');
  if (put.stored || stored === undefined || stored.version !== undefined) return;
  // An earlier edition kept only what lies beside it, without a version.
  const { pk, sk, ...attributes } = item;
  await table.merge(pk, sk, { ...attributes, version: 1 });
}
