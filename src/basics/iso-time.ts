/** One way to write a time, for what is written many times in a millisecond: records, spans, lines of the log. */
let last = Number.NaN;
let text = '';

/** Milliseconds since the epoch as RFC 3339 has them, in UTC. The last text is remembered: much happens in a millisecond. */
export function isoTime(ms: number): string {
  if (ms !== last) [last, text] = [ms, new Date(ms).toISOString()];
  return text;
}
