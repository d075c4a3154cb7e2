/** How much a node threatens, 0 to 1: each violation raises it, time lowers it, and it ends at nought. */
import type { Table } from '../ports.ts';
import type { Severity } from '../terms.ts';
import type { Seen } from './seen.ts';

/** Without violations the level halves in this time. */
export const HALF_LIFE_MS = 5 * 60_000;
/** Below this there is none. */
const FLOOR = 0.01;
/** The share of what is left to 1 that a violation takes. */
const RAISES: Readonly<Record<Severity, number>> = { WARNING: 0.1, SUSPENSION: 0.3, BAN: 0.6, CRIMINAL: 0.9 };
/** One person's word threatens less than what the system saw. */
const REPORTED = 0.5;
const MOST_NODES = 1_000;

export function decayed(level: number, elapsed_ms: number): number {
  const left = level * 0.5 ** (Math.max(0, elapsed_ms) / HALF_LIFE_MS);
  return left < FLOOR ? 0 : left;
}

export function raised(level: number, { severity, basis }: Pick<Seen, 'severity' | 'basis'>): number {
  const share = RAISES[severity] * (basis === 'reported' ? REPORTED : 1);
  return level + (1 - level) * share;
}

/** The levels of the nodes that have one. */
export class Threats {
  readonly #levels = new Map<string, { level: number; at: number }>();

  note(seen: Seen, now: number): void {
    const level = raised(this.of(seen.node, now), seen);
    this.#levels.delete(seen.node);
    this.#levels.set(seen.node, { level, at: now });
    const [oldest] = this.#levels.keys();
    if (this.#levels.size > MOST_NODES && oldest !== undefined) this.#levels.delete(oldest);
  }

  /** As somebody else has kept it; what is known here is newer. */
  recall(node: string, level: number, now: number): void {
    if (!this.#levels.has(node)) this.#levels.set(node, { level, at: now });
  }

  of(node: string, now: number): number {
    const known = this.#levels.get(node);
    return known === undefined ? 0 : decayed(known.level, now - known.at);
  }

  /** Every node with its level, those once at nought: then they are forgotten. */
  all(now: number): { readonly node: string; readonly level: number }[] {
    return [...this.#levels.keys()].map((node) => {
      const level = this.of(node, now);
      if (level === 0) this.#levels.delete(node);
      return { node, level };
    });
  }
}

export interface Level {
  readonly node: string;
  readonly level: number;
}

/** Nodes whose level is kept for whoever asks, or starts anew: the highest. */
const MOST_KEPT = 100;
const KEPT = { pk: 'LOOP', sk: 'threats' } as const;

export async function keepLevels(table: Table, levels: readonly Level[], now: number): Promise<void> {
  const highest = [...levels].sort((one, other) => other.level - one.level).slice(0, MOST_KEPT);
  const kept = highest.map(({ node, level }) => ({ node, level }));
  await table.merge(KEPT.pk, KEPT.sk, { levels: kept, at: now });
}

/** The levels as they are now, the highest first; those at nought are left out. */
export async function levelsIn(table: Pick<Table, 'get'>, now: number): Promise<Level[]> {
  const item = await table.get(KEPT.pk, KEPT.sk);
  const at = Number(item?.at ?? now);
  const kept = Array.isArray(item?.levels) ? item.levels : [];
  return kept.flatMap((each) => {
    if (typeof each !== 'object' || each === null || !('node' in each) || !('level' in each)) return [];
    const level = decayed(Number(each.level), now - at);
    return level > 0 ? [{ node: String(each.node), level }] : [];
  });
}
