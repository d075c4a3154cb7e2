/**
 * The lanes as the tree tells them: each is followed record by record through the log, so that an export alone
 * shows every signature, link and certificate. Keeps a hash per record, to hold the store against it.
 */
import { parseRecord } from '../bytes.ts';
import type { CheckSignatures } from '../ed25519.ts';
import { splitEntry } from '../entry.ts';
import {
  type CheckedRecord,
  LaneCheck,
  type LaneCheckOptions,
  type LaneTrust,
  type Placed,
} from '../lane/lane-check.ts';
import type { LedgerRecord } from '../record.ts';
import { HashList } from '../tree/hash-list.ts';
import type { Finding } from '../verdict.ts';
import type { Entries } from './tree-check.ts';

const MOST_BEHIND = 3;

/** What a bundle has of a lane. */
interface Shown {
  readonly lane: number;
  readonly records: readonly CheckedRecord[];
}

interface Followed {
  readonly check: LaneCheck;
  /** Places that the tree has shown. */
  shown: number;
}

export class SealedLanes {
  readonly hashes = new Map<number, HashList>();
  readonly #lanes = new Map<number, Followed>();
  readonly #trust: LaneTrust;
  readonly #options: Pick<LaneCheckOptions, 'signatures' | 'check'>;
  readonly #seen: (record: LedgerRecord) => void;
  readonly #findings: Finding[] = [];
  /** Entries that say nothing, of which no lane is known yet that lacks them. */
  #unread = 0;
  /** Bundles on their way through their signatures, in the order of the tree. */
  readonly #behind: Promise<readonly Shown[]>[] = [];

  constructor(
    trust: LaneTrust,
    options: {
      readonly signatures: boolean;
      readonly check: CheckSignatures | undefined;
      readonly seen: (record: LedgerRecord) => void;
    },
  ) {
    this.#trust = trust;
    this.#options = {
      signatures: options.signatures,
      ...(options.check === undefined ? {} : { check: options.check }),
    };
    this.#seen = options.seen;
  }

  /**
   * Takes entries in the order of the tree. Resolves when the next may come: signatures of some bundles are on their way
   * then, so that no core waits while the next one is read.
   */
  async take({ entries, leaves, from, spoilt }: Entries): Promise<void> {
    const batches = new Map<number, Placed[]>();
    entries.forEach((entry, at) => {
      const signed = splitEntry(entry);
      // What nobody signed is evidence against nobody: that it is another is told where it is compared with its tile.
      const record = spoilt.has(at) ? undefined : parseRecord(signed.b);
      const hash = leaves[at];
      if (record === undefined || hash === undefined) {
        if (!spoilt.has(at))
          this.#findings.push({ verdict: 'FORMAT', detail: `entry ${from + at} of the log is no record` });
        this.#unread += 1;
        return;
      }
      // A lane's place in the tree is its next one, whatever the record says of itself: the check compares.
      const lane = this.#lane(record.lane);
      // But for what could not be read: else all that is behind it would seem to be another than the store has there.
      const passed = record.seq - lane.shown;
      if (passed > 0 && passed <= this.#unread) {
        lane.shown += passed;
        this.#unread -= passed;
      }
      const batch = batches.get(record.lane) ?? [];
      batch.push({ seq: lane.shown, signed, read: { hash, record } });
      batches.set(record.lane, batch);
      lane.shown += 1;
    });
    const checked = Promise.all(
      [...batches].map(async ([lane, batch]) => ({
        lane,
        records: await this.#lane(lane).check.feed(batch),
      })),
    );
    // It is heard of where it is awaited: some bundles later, or at the end.
    checked.catch(() => undefined);
    this.#behind.push(checked);
    if (this.#behind.length > MOST_BEHIND) await this.#keepFirst();
  }

  async end(): Promise<readonly Finding[]> {
    while (this.#behind.length > 0) await this.#keepFirst();
    for (const { check } of this.#lanes.values()) this.#findings.push(...check.end());
    return this.#findings;
  }

  isClosed(lane: number): boolean {
    return this.#lanes.get(lane)?.check.closed === true;
  }

  #lane(lane: number): Followed {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const check = new LaneCheck(lane, this.#trust, this.#options);
    const followed = { check, shown: 0 };
    this.#lanes.set(lane, followed);
    return followed;
  }

  async #keepFirst(): Promise<void> {
    for (const { lane, records } of (await this.#behind.shift()) ?? []) {
      const hashes = this.hashes.get(lane) ?? new HashList();
      this.hashes.set(lane, hashes);
      for (const { seq, hash, record } of records) {
        while (hashes.length < seq) hashes.pass();
        hashes.push(hash);
        if (record !== undefined) this.#seen(record);
      }
    }
  }
}
