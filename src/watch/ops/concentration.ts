/**
 * Share of the busiest principal in the decisions of the last hour (`actor_concentration_ratio`). By pseudonym,
 * in memory of one process, never a label.
 */
import type { Clock } from '../../ports.ts';

const SLICE_MS = 300_000;
const SLICES = 12;
/** A bound for memory: beyond it a slice counts new principals in its total only. */
const MAX_SUBJECTS = 10_000;

export interface Concentration {
  decided(subject: string): void;
  /** 0 to 1; 0 without decisions. */
  ratio(): number;
}

interface Slice {
  readonly number: number;
  total: number;
  readonly bySubject: Map<string, number>;
}

export function createConcentration(clock: Clock): Concentration {
  let slices: Slice[] = [];
  const recent = (): Slice[] => {
    const oldest = Math.floor(clock() / SLICE_MS) - SLICES + 1;
    slices = slices.filter(({ number }) => number >= oldest);
    return slices;
  };
  return {
    decided(subject) {
      const number = Math.floor(clock() / SLICE_MS);
      let slice = recent().at(-1);
      if (slice?.number !== number) {
        slice = { number, total: 0, bySubject: new Map() };
        slices.push(slice);
      }
      slice.total += 1;
      if (slice.bySubject.has(subject) || slice.bySubject.size < MAX_SUBJECTS) {
        slice.bySubject.set(subject, (slice.bySubject.get(subject) ?? 0) + 1);
      }
    },
    ratio() {
      const sums = new Map<string, number>();
      let total = 0;
      for (const slice of recent()) {
        total += slice.total;
        for (const [subject, count] of slice.bySubject) sums.set(subject, (sums.get(subject) ?? 0) + count);
      }
      return total === 0 ? 0 : Math.max(0, ...sums.values()) / total;
    },
  };
}
