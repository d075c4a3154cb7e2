/**
 * What others wrote, as a terminal may get it. Names, tools and reasons are callers' text: a control character in one
 * could rewrite what the operator reads, or what the terminal does (ECMA-48), a bidirectional one its order (Unicode
 * UAX #9), an invisible one make two names look alike. They are shown by their number and never sent.
 */

/** Controls, what formats without being seen, separators of lines, halves of characters; but line feed and tab, which our own lines have. */
const UNSEEN = /(?!\n|\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u2800\u3164]/gu;

/** As JSON escapes it (RFC 8259 §7), so that JSON stays the same value. */
const byNumber = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** Of whole lines of ours. */
export const visible = (text: string): string => text.replace(UNSEEN, byNumber);

/** Of a value within a line: it cannot begin another. */
export const inOneLine = (text: string): string =>
  visible(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');

/** Whether a text has anything that is shown by its number. */
export const hasUnseen = (text: string): boolean => visible(text) !== text;
