/** Text for people: times, durations, shares, names, and whatever callers wrote made safe to look at. */

/**
 * Characters that show nothing, or that turn what stands around them, become their code point in brackets: a name that ends in U+202E
 * would else turn the verdict behind it.
 */
export const visible = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu,
    (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

/** The first of a long digest or pseudonym. */
export const short = (text: string, length = 12): string =>
  text.length > length ? `${visible(text.slice(0, length))}…` : visible(text);

const pad = (value: number): string => String(value).padStart(2, '0');

/** `14:03:59` today, else `2026-11-21 14:03:59`, both UTC as the ledger writes it. */
export function clockTime(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return visible(iso);
  const [day = '', time = ''] = at.toISOString().slice(0, 19).split('T');
  return day === new Date(now).toISOString().slice(0, 10) ? time : `${day} ${time}`;
}

/** `2 h 5 min`, `45 s`; what is past is `0 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${pad(minutes)} min` : `${hours} h`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** A share as per cent with as many digits as make it differ from 100 %: 0.99941 → `99.94 %`. */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value > 99 && value < 100 ? 2 : Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} %`;
}

/** JSON as people read it: two blanks a level, invisible characters shown (a newline inside a string is `\n` already). */
export const pretty = (value: unknown): string =>
  (JSON.stringify(value, null, 2) ?? '').split('\n').map(visible).join('\n');
