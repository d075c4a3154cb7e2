/** Stretches of time on the command line. */
import { InvalidArgumentError, Option } from 'commander';
import { decimalIn, wholeIn } from '../src/basics/decimal.ts';
import { duration } from '../src/basics/duration.ts';

export interface Period {
  /** As it was given. */
  readonly text: string;
  readonly ms: number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `2s`, `1.5h`, `7d`. Throws InvalidArgumentError. */
export function periodOf(text: string): Period {
  const unit = /(?:ms|[smhd])$/.exec(text)?.[0] ?? '';
  const [amount, factor] = [decimalIn(text.slice(0, text.length - unit.length)), UNITS[unit]];
  if (amount === undefined || factor === undefined)
    throw new InvalidArgumentError('It is no period; give one as 500ms, 30s, 15m, 24h or 7d.');
  return { text, ms: amount * factor };
}

/** An option whose value is a Period. */
export const periodOption = (flags: string, about: string, byDefault: string): Option =>
  new Option(flags, about).argParser(periodOf).default(periodOf(byDefault), byDefault);

/** As the API takes it, in whole seconds, minutes, hours or days. Throws InvalidArgumentError. */
export function durationText(text: string): string {
  secondsIn(text);
  return text;
}

/** Seconds of `90s`, `15m`, `1h`, `7d`. Throws InvalidArgumentError. */
export function secondsIn(text: string): number {
  const read = duration.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError('It is no duration; give one as 90s, 15m, 24h or 7d.');
}

/** The same, where `90` can mean nothing but seconds. Throws InvalidArgumentError. */
export const secondsOrDuration = (text: string): number => wholeIn(text) ?? secondsIn(text);
