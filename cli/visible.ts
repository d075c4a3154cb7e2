/**
 * What others wrote, as a terminal may get it. Names, tools and reasons are callers' text: a control character in one
 * could rewrite what the operator reads, or what the terminal does (ECMA-48), and a bidirectional one its order
 * (Unicode UAX #9). They are shown by their number and never sent.
 */

/** But line feed and tab, which our own lines have, and bold on and off, which the demo prints. */
const UNSEEN = /(?!\n|\t)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this one sequence is ours.
const BOLD = /(\u001b\[[01]m)/;

const numbered = (text: string): string =>
  text.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Of whole lines of ours. */
export const visible = (text: string): string =>
  text
    .split(BOLD)
    .map((part, index) => (index % 2 === 1 ? part : numbered(part)))
    .join('');

/** Of a value within a line: it cannot begin another. */
export const inOneLine = (text: string): string =>
  numbered(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');
