/**
 * Where a text quotes somebody or shows code. Only what is closed counts: one lone mark must not hide the rest
 * of a text. A quotation ends with its paragraph.
 */
import { isBlankAt, isLetterAt } from './cut.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans in order of their start; they may nest. */
export function quotedSpans(text: string): Span[] {
  return [...fences(text), ...quotedLines(text), ...tags(text), ...marks(text)].sort(
    (a, b) => a.start - b.start,
  );
}

/** Blocks between two lines of ``` or ~~~ (CommonMark 4.5). */
function fences(text: string): Span[] {
  const spans: Span[] = [];
  let open: { fence: string; start: number } | undefined;
  for (const match of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    const [line, fence = '', rest = ''] = match;
    if (open === undefined) open = { fence, start: match.index };
    else if (fence.startsWith(open.fence) && rest.trim() === '') {
      spans.push({ start: open.start, end: match.index + line.length });
      open = undefined;
    }
  }
  return spans;
}

/** Lines that begin with > (CommonMark 5.1). */
function quotedLines(text: string): Span[] {
  return [...text.matchAll(/^ {0,3}>.*(?:\n {0,3}>.*)*/gm)].map(spanOf);
}

/** <code>, <pre>, <q> and <blockquote>, closed. */
function tags(text: string): Span[] {
  const spans: Span[] = [];
  const open = new Map<string, number>();
  for (const match of text.matchAll(/<(\/?)(code|pre|q|blockquote)\b[^<>]{0,200}>/gi)) {
    const name = (match[2] ?? '').toLowerCase();
    const start = open.get(name);
    if (match[1] === '') open.set(name, start ?? match.index);
    else if (start !== undefined) {
      spans.push({ start, end: match.index + match[0].length });
      open.delete(name);
    }
  }
  return spans;
}

const spanOf = (match: RegExpExecArray): Span => ({ start: match.index, end: match.index + match[0].length });

/** Opening marks, and which marks close them. */
const PAIRS: Readonly<Record<string, string>> = {
  '"': '"',
  '＂': '＂',
  '“': '”"',
  '„': '“”',
  '«': '»',
  '‹': '›',
  '「': '」',
  '‘': "’'",
  "'": "'’",
};

/** Longer than this and a pair of single marks is two apostrophes. */
const MAX_SINGLE = 240;

/** Inline code and quotation marks, in one pass; after an open mark the search for its end is never repeated. */
function marks(text: string): Span[] {
  const spans: Span[] = [];
  const ends = new Closings(text);
  for (let at = 0; at < text.length; at++) {
    if (MARKS[text.charCodeAt(at)] !== 1) continue;
    const mark = text.charAt(at);
    const run = mark === '`' ? endOfRun(text, at) - at : 1;
    const end = mark === '`' ? ends.ofCode(run, at) : opens(text, at) ? ends.ofQuote(mark, at) : -1;
    if (end > 0) spans.push({ start: at, end });
    at = end > 0 ? end - 1 : at + run - 1;
  }
  return spans;
}

/** One byte for each UTF-16 unit: 1 for a back quote or a mark that opens. */
const MARKS = new Uint8Array(0x10000);
for (const mark of ['`', ...Object.keys(PAIRS)]) MARKS[mark.charCodeAt(0)] = 1;

function endOfRun(text: string, at: number): number {
  let end = at;
  while (text.charAt(end) === '`') end++;
  return end;
}

/** A mark opens when no word goes before it and something stands after it: not in "don't", 5" or "users'". */
function opens(text: string, at: number): boolean {
  return !isLetterAt(text, at - 1) && !isBlankAt(text, at + 1);
}

function closes(text: string, at: number, single: boolean): boolean {
  return !isBlankAt(text, at - 1) && !(single && isLetterAt(text, at + 1));
}

/**
 * Finds where marks close. It is asked for places in rising order and keeps how far it has looked for each
 * mark, so each kind is walked over once, however many stay open.
 */
class Closings {
  readonly #text: string;
  readonly #next = new Map<string, number>();
  /** Where runs of back quotes begin, by their length. */
  readonly #runs = new Map<number, { readonly at: number[]; next: number }>();
  #paragraph = -1;

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('`'); at >= 0; ) {
      const end = endOfRun(text, at);
      const runs = this.#runs.get(end - at) ?? { at: [], next: 0 };
      runs.at.push(at);
      this.#runs.set(end - at, runs);
      at = text.indexOf('`', end);
    }
  }

  /** The end of the quotation, or -1. */
  ofQuote(mark: string, at: number): number {
    const single = mark === "'" || mark === '‘';
    const within = Math.min(this.#endOfParagraph(at), single ? at + MAX_SINGLE : Number.POSITIVE_INFINITY);
    const ends = [...(PAIRS[mark] ?? mark)].map((closing) => this.#closing(closing, at + 1, single));
    const end = Math.min(...ends);
    return end < within ? end + 1 : -1;
  }

  /** A run of back quotes closes with one of its own length (CommonMark 6.1). */
  ofCode(length: number, at: number): number {
    const runs = this.#runs.get(length);
    if (runs === undefined) return -1;
    while ((runs.at[runs.next] ?? Number.POSITIVE_INFINITY) <= at) runs.next++;
    const end = runs.at[runs.next];
    return end !== undefined && end < this.#endOfParagraph(at) ? end + length : -1;
  }

  #closing(mark: string, from: number, single: boolean): number {
    const key = single ? `${mark}'` : mark;
    const known = this.#next.get(key) ?? -1;
    if (known >= from) return known;
    let at = this.#text.indexOf(mark, from);
    while (at >= 0 && !closes(this.#text, at, single)) at = this.#text.indexOf(mark, at + 1);
    const next = at < 0 ? Number.POSITIVE_INFINITY : at;
    this.#next.set(key, next);
    return next;
  }

  #endOfParagraph(at: number): number {
    if (this.#paragraph >= at) return this.#paragraph;
    const blankLine = /\n[ \t\r]*\n/g;
    blankLine.lastIndex = at;
    this.#paragraph = blankLine.exec(this.#text)?.index ?? Number.POSITIVE_INFINITY;
    return this.#paragraph;
  }
}
