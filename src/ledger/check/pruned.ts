/**
 * Lawful removal: before records leave the store, a sealed `ledger.pruned` record says which. Their leaves stay
 * in the tree, so every proof stays valid; only removals that such a record covers are accepted.
 */
import type { LedgerRecord } from '../record.ts';
import type { HashList } from '../tree/hash-list.ts';

/** data of `ledger.pruned`: per lane, the place that the store now begins at. */
export type PrunedData = { readonly before: string; readonly lanes: { lane: number; next: number }[] };

export class Prunings {
  readonly #starts = new Map<number, number>();

  see(record: LedgerRecord): void {
    const { lanes } = record.data;
    if (record.type !== 'ledger.pruned' || !Array.isArray(lanes)) return;
    for (const entry of lanes) {
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
      const { lane, next } = entry;
      if (typeof lane !== 'number' || typeof next !== 'number') continue;
      this.#starts.set(lane, Math.max(next, this.#starts.get(lane) ?? 0));
    }
  }

  /** Whether a removal of this record from the store is covered. */
  covers(lane: number, seq: number): boolean {
    return seq < (this.#starts.get(lane) ?? 0);
  }

  /** Where the store may begin with a lane of which `first` is the first record left: what it follows, the tree has shown. */
  startOf(
    lane: number,
    first: number | undefined,
    sealed: HashList | undefined,
  ): { next: number; prev: undefined } | 'nothing-left' | undefined {
    if (sealed === undefined) return undefined;
    if (first === undefined) return this.covers(lane, sealed.length - 1) ? 'nothing-left' : undefined;
    return first > 0 && first <= sealed.length && this.covers(lane, first - 1)
      ? { next: first, prev: undefined }
      : undefined;
  }
}
