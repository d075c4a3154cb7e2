/**
 * What each severity brings, and for how long. Pure.
 *
 * | severity   | on a report alone      | observed by the system | confirmed by the committee |
 * |------------|------------------------|------------------------|----------------------------|
 * | WARNING    | nothing                | nothing                | nothing                    |
 * | SUSPENSION | quarantine, provisional| quarantine, 24 h       | suspension, 24 h           |
 * | BAN        | quarantine, provisional| ban, the type's term   | ban, the type's term       |
 * | CRIMINAL   | quarantine, provisional| quarantine, provisional| ban, permanent             |
 */
import { PERMANENT } from '../../decision/standing.ts';
import type { Severity } from '../../terms.ts';
import type { CaseSanction } from './sanction.ts';

/** What stands behind a case: somebody's word, what the system itself saw, or the committee's finding. */
export const BASES = ['reported', 'observed', 'confirmed'] as const;
export type Basis = (typeof BASES)[number];

export interface Terms {
  readonly kind: CaseSanction;
  /** Milliseconds. */
  readonly until: number;
  readonly provisional: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than a committee should take; whoever is forgotten is free again. */
export const PROVISIONAL_MS = 72 * HOUR_MS;
export const SUSPENSION_MS = DAY_MS;

/**
 * @param term of the type of violation, as a charter writes it: `P1Y`, `permanent`
 * @returns undefined for what brings no sanction
 */
export function termsOf(
  severity: Severity,
  basis: Basis,
  now: number,
  term = 'permanent',
): Terms | undefined {
  if (severity === 'WARNING') return undefined;
  const provisional = basis === 'reported' || (severity === 'CRIMINAL' && basis === 'observed');
  if (provisional) return { kind: 'quarantine', until: now + PROVISIONAL_MS, provisional };
  if (severity === 'SUSPENSION') {
    const kind = basis === 'confirmed' ? 'suspension' : 'quarantine';
    return { kind, until: now + SUSPENSION_MS, provisional };
  }
  return { kind: 'ban', until: severity === 'CRIMINAL' ? PERMANENT : endOf(term, now), provisional };
}

/** @param term `P` with a count of years, months, weeks or days (ISO 8601); whatever else does not end */
export function endOf(term: string, from: number): number {
  const [, count = '', unit] = /^P(\d{1,4})([YMWD])$/.exec(term) ?? [];
  const many = Number(count);
  const end = new Date(from);
  switch (unit) {
    case 'Y':
      return end.setUTCFullYear(end.getUTCFullYear() + many);
    case 'M':
      return end.setUTCMonth(end.getUTCMonth() + many);
    case 'W':
      return from + many * 7 * DAY_MS;
    case 'D':
      return from + many * DAY_MS;
    default:
      return PERMANENT;
  }
}
