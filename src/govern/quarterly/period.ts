import { ChanceryError } from '../../errors.ts';

/** The time that a report is about: a quarter of the calendar in UTC, or from one moment to another. */
export interface Period {
  /** `2026-Q4`, where it is one. */
  readonly quarter?: string;
  /** Milliseconds; the end is not in it. */
  readonly from: number;
  readonly to: number;
}

export const QUARTER = /^(\d{4})-Q([1-4])$/;

/** @param quarter `YYYY-Qn` */
export function quarterNamed(quarter: string): Period | undefined {
  const [, year, number] = QUARTER.exec(quarter) ?? [];
  if (year === undefined || number === undefined) return undefined;
  const month = (Number(number) - 1) * 3;
  return { quarter, from: Date.UTC(Number(year), month), to: Date.UTC(Number(year), month + 3) };
}

export function quarterOf(ms: number): Period {
  const date = new Date(ms);
  const name = `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
  const found = quarterNamed(name);
  if (found === undefined) throw new RangeError(`no quarter ${name}`);
  return found;
}

/**
 * What was asked for: a quarter, or from and to (RFC 3339); else the present quarter. Throws VALIDATION_ERROR for both,
 * half a time, and one that runs backwards.
 */
export function periodAsked(
  { quarter, from, to }: { readonly quarter?: string; readonly from?: string; readonly to?: string },
  now: number,
): Period {
  if ((from === undefined) !== (to === undefined) || (quarter !== undefined && from !== undefined))
    throw new ChanceryError('VALIDATION_ERROR', 'Give a quarter, or from and to.');
  if (from !== undefined && to !== undefined) {
    if (!(Date.parse(from) < Date.parse(to)))
      throw new ChanceryError('VALIDATION_ERROR', 'from is before to, each an RFC 3339 time.');
    return { from: Date.parse(from), to: Date.parse(to) };
  }
  if (quarter === undefined) return quarterOf(now);
  const named = quarterNamed(quarter);
  if (named === undefined)
    throw new ChanceryError('VALIDATION_ERROR', `A quarter is written as 2026-Q4, not ${quarter}.`);
  return named;
}
