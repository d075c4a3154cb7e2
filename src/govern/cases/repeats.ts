/**
 * What repeating brings, beside the severity of the newest case: the second within the time is suspended, the third
 * waits in quarantine until the committee lifts it, and more than that is a pattern, which goes to the law. Pure.
 */
import { PERMANENT } from '../../decision/standing.ts';
import type { CaseSanction } from '../sanctions/sanction.ts';
import { SUSPENSION_MS } from '../sanctions/terms.ts';

/** Confirmed cases count against the next ones for so long. */
export const COUNTED_MS = 30 * 86_400_000;
/** From this one on it is a pattern. */
export const PATTERN = 4;

/**
 * @param repeat 1 for the first
 * @returns undefined where it brings nothing by itself
 */
export function repeatTerms(
  repeat: number,
  now: number,
): { readonly kind: CaseSanction; readonly until: number } | undefined {
  if (repeat < 2) return undefined;
  return repeat === 2
    ? { kind: 'suspension', until: now + SUSPENSION_MS }
    : { kind: 'quarantine', until: PERMANENT };
}
