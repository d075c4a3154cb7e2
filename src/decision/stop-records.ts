/**
 * The records of stops. A stop holds before it is on record, since it must work while the ledger is away and only
 * denies; its record follows as soon as it can. Release comes the other way round: after its record, and after the
 * stop's.
 */
import { ChanceryError } from '../errors.ts';
import { type Say, sealedWords } from '../ledger/people/words.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Emergency, EmergencyWatch, StandingStop } from './emergency.ts';

export interface StopRecords {
  /** Puts an order on record. Undefined: the ledger is away, and `retry` will. */
  order(stop: StandingStop, entry: Omit<NewRecord, 'type' | 'data'>): Promise<Receipt | undefined>;
  /**
   * Puts a stop on record whose own record nobody has: its process died before, or somebody wrote it who may not.
   * Throws LEDGER_UNAVAILABLE.
   */
  found(stop: StandingStop): Promise<void>;
  /** Puts on record what could not be. Throws LEDGER_UNAVAILABLE while it cannot be yet. */
  retry(): Promise<void>;
}

/** As long as a reason may be that is given with an order. */
const REASON_LENGTH = 1_000;

export function createStopRecords(deps: {
  readonly ledger: Ledger;
  readonly say: Say;
  readonly emergency: Pick<Emergency, 'justify'>;
  readonly watch: EmergencyWatch;
}): StopRecords {
  const { ledger, say, emergency, watch } = deps;
  let waiting: { readonly stop: StandingStop; readonly entry: NewRecord } | undefined;

  async function append(stop: StandingStop, entry: NewRecord): Promise<Receipt> {
    const receipt = await ledger.append(entry);
    await emergency.justify(stop, receipt.id);
    return receipt;
  }

  return {
    async order(stop, rest) {
      const why = say(stop.reason.slice(0, REASON_LENGTH));
      const personal = { ...rest.personal, ...sealedWords('reason', why) };
      const data = { reason: why.open, ...timesOf(stop) };
      const entry = { ...rest, type: 'system.emergency_stop', data, personal };
      try {
        return await append(stop, entry);
      } catch (error) {
        if (!(error instanceof ChanceryError) || error.code !== 'LEDGER_UNAVAILABLE') throw error;
        waiting = { stop, entry };
        return undefined;
      }
    },

    async found(stop) {
      // Nobody is known under whose key what it says could be sealed.
      const data = { ...timesOf(stop), found: true };
      await append(stop, { type: 'system.emergency_stop', trace: '0'.repeat(32), data });
    },

    async retry() {
      if (waiting === undefined) return;
      const { stop, entry } = waiting;
      watch.forget();
      const now = await watch.current();
      const stands = now.state === 'stopped' && now.since === stop.since && now.until === stop.until;
      if (now.state === 'unreadable') return;
      if (stands && now.record === undefined) await append(stop, entry);
      waiting = undefined;
    },
  };
}

function timesOf({ since, until }: StandingStop) {
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    duration_seconds: Math.ceil((until - since) / 1_000),
  };
}
