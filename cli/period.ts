/** Periods on the command line: `30s`, `15m`, `24h`, `7d`. */
import { CommandEnd, EXIT } from './world.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. */
export function periodOf(text: string): number {
  const [, amount, unit] = text.match(/^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  if (amount === undefined || factor === undefined) {
    throw new CommandEnd(`${text} is no period; give one as 30s, 15m, 24h or 7d`, EXIT.usage);
  }
  return Number(amount) * factor;
}
