/** What the charts draw, counted out of decisions. Pure. */
import type { Decided } from './decided.ts';

export interface OverTime {
  /** Seconds since the epoch, the start of each step, without gaps. */
  readonly at: readonly number[];
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/** Counts a step of `seconds`, from the first decision to the last. */
export function overTime(rows: readonly Decided[], seconds: number): OverTime {
  const steps = rows.map((row) => Math.floor(Date.parse(row.entry.record.time) / 1000 / seconds));
  if (steps.length === 0) return { at: [], lines: {} };
  const first = Math.min(...steps);
  const length = Math.max(...steps) - first + 1;
  const lines: Record<string, number[]> = {};
  rows.forEach(({ decision }, index) => {
    const line = lines[decision.outcome] ?? new Array<number>(length).fill(0);
    lines[decision.outcome] = line;
    const place = (steps[index] ?? first) - first;
    line[place] = (line[place] ?? 0) + 1;
  });
  return { at: Array.from({ length }, (_, index) => (first + index) * seconds), lines };
}

export interface Bar {
  readonly name: string;
  readonly count: number;
}

/** How often each name, most first; what is beyond `most` names is left out. */
export function ranked(names: readonly string[], most = 8): Bar[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((left, right) => right.count - left.count || (left.name < right.name ? -1 : 1))
    .slice(0, most);
}

/** A step that makes a chart of at most 60: a second, ten, a minute, ten, an hour, a day. */
export const stepFor = (spanSeconds: number): number =>
  [1, 10, 60, 600, 3_600].find((step) => spanSeconds / step <= 60) ?? 86_400;
