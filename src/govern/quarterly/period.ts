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
