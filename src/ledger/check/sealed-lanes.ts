/**
 * The lanes as the tree tells them: each is followed record by record through the log, so that an export alone
 * shows every signature, link and certificate. Keeps a hash per record, to hold the store against it.
 */
import { parseRecord } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import { LaneCheck, type LaneTrust, type Placed } from '../lane/lane-check.ts';
import type { LedgerRecord } from '../record.ts';
import { HashList } from '../tree/hash-list.ts';
import type { Finding } from '../verdict.ts';

export class SealedLanes {
  readonly hashes = new Map<number, HashList>();
  readonly #checks = new Map<number, LaneCheck>();
  readonly #trust: LaneTrust;
  readonly #signatures: boolean;
  readonly #seen: (record: LedgerRecord) => void;
  readonly #findings: Finding[] = [];

  constructor(trust: LaneTrust, options: { signatures: boolean; seen: (record: LedgerRecord) => void }) {
    this.#trust = trust;
    this.#signatures = options.signatures;
    this.#seen = options.seen;
  }

  async take(entries: readonly Uint8Array[], from: number): Promise<void> {
    const batches = new Map<number, Placed[]>();
    entries.forEach((entry, at) => {
      const signed = splitEntry(entry);
      const record = parseRecord(signed.b);
      if (record === undefined) {
        this.#findings.push({ verdict: 'FORMAT', detail: `entry ${from + at} of the log is no record` });
        return;
      }
      // A lane's place in the tree is its next one, whatever the record says of itself: the check compares.
      const batch = batches.get(record.lane) ?? [];
      batch.push({ seq: this.#placed(record.lane) + batch.length, signed });
      batches.set(record.lane, batch);
    });
    await Promise.all([...batches].map(([lane, batch]) => this.#feed(lane, batch)));
  }

  end(): readonly Finding[] {
    for (const check of this.#checks.values()) this.#findings.push(...check.end());
    return this.#findings;
  }

  isClosed(lane: number): boolean {
    return this.#checks.get(lane)?.closed === true;
  }

  #placed(lane: number): number {
    return this.hashes.get(lane)?.length ?? 0;
  }

  async #feed(lane: number, batch: readonly Placed[]): Promise<void> {
    const check =
      this.#checks.get(lane) ?? new LaneCheck(lane, this.#trust, { signatures: this.#signatures });
    this.#checks.set(lane, check);
    const hashes = this.hashes.get(lane) ?? new HashList();
    this.hashes.set(lane, hashes);
    for (const { hash, record } of await check.feed(batch)) {
      hashes.push(hash);
      if (record !== undefined) this.#seen(record);
    }
  }
}
