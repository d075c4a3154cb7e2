/**
 * Numbers that came as text: in a query, on a command line, in a variable. A number is written in the digits 0 to 9, in one way:
 * `Number` also takes 1e2, 0x10, +5, blanks around and nothing at all, which are most often somebody's mistake, and a leading zero
 * is an octal number elsewhere.
 */
const WHOLE = /^(?:0|[1-9]\d*)$/;
const DECIMAL = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A whole number of 0 or more that a number holds exactly; undefined for anything else. */
export function wholeIn(text: string): number | undefined {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The same with or without a fraction, as 0.95. */
export function decimalIn(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
