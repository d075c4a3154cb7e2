/**
 * What was seen in the last minutes, by what it has in common: bounded, whatever comes. Of one node no more is kept
 * than a detector can tell apart, and of nodes the most recent.
 */
import {
  COMMON,
  type Common,
  findingsIn,
  HORIZON_MS,
  MOST_OF_ONE,
  type PatternFound,
  voice,
} from './patterns.ts';
import type { Seen } from './seen.ts';

/** Nodes, metrics and causes each; the longest unseen gives way. */
const MOST = 1_000;
/** Nodes of one metric that are told apart: enough to see a crowd. */
const MOST_SOURCES = 50;

export class Memory {
  readonly #kept: Readonly<Record<Common, Map<string, Seen[]>>> = {
    node: new Map(),
    metric: new Map(),
    cause: new Map(),
  };
  readonly #touched: Readonly<Record<Common, Set<string>>> = {
    node: new Set(),
    metric: new Set(),
    cause: new Set(),
  };

  /** Records come in about their order; one that is late is put where it belongs. */
  note(seen: Seen): void {
    this.#keep('node', seen.node, seen, voice, MOST_OF_ONE);
    if (seen.metric !== undefined) this.#keep('metric', seen.metric, seen, ({ node }) => node, MOST_SOURCES);
    if (seen.basis !== 'observed') return;
    this.#keep('cause', seen.accused || seen.trace, seen, ({ record }) => record, MOST_OF_ONE);
  }

  /** What the detectors find in what was noted since the last call. */
  analyze(now: number): PatternFound[] {
    return COMMON.flatMap((common) => {
      const touched = [...this.#touched[common]];
      this.#touched[common].clear();
      return touched.flatMap((of) => findingsIn(common, of, this.#kept[common].get(of) ?? [], now));
    });
  }

  /** Lets go of what no detector would look at. */
  prune(now: number): void {
    for (const kept of Object.values(this.#kept))
      for (const [of, all] of kept) {
        const newest = all.at(-1);
        if (newest === undefined || now - newest.at > HORIZON_MS) kept.delete(of);
      }
  }

  /** Things that are remembered: nodes, metrics and causes. */
  get size(): number {
    return COMMON.reduce((sum, common) => sum + this.#kept[common].size, 0);
  }

  /** @param once of those that agree in this the newest is kept */
  #keep(common: Common, of: string, seen: Seen, once: (seen: Seen) => string, most: number): void {
    const kept = this.#kept[common];
    const before = (kept.get(of) ?? []).filter((other) => once(other) !== once(seen));
    const all = [...before, seen].sort((one, other) => one.at - other.at).slice(-most);
    // Set anew, so that the map is in the order of use.
    kept.delete(of);
    kept.set(of, all);
    this.#touched[common].add(of);
    const [oldest] = kept.keys();
    if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
  }
}
