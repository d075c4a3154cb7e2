/**
 * Where a text quotes somebody or shows code. Only what is closed counts: one lone mark must not hide the rest
 * of a text. A quotation ends with its paragraph.
 */
import { isBlankAt, isLetterAt } from './words.ts';

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
  for (const match of text.matchAll(/`+|["＂“„«‹「‘']/g)) {
    const at = match.index;
    const last = spans.at(-1);
    if (last !== undefined && at < last.end) continue;
    const end = match[0].startsWith('`')
      ? ends.ofCode(match[0], at)
      : opens(text, at)
        ? ends.ofQuote(match[0], at)
        : -1;
    if (end > 0) spans.push({ start: at, end });
  }
  return spans;
}

/** A mark opens when no word goes before it and something stands after it: not in "don't", 5" or "users'". */
function opens(text: string, at: number): boolean {
  return !isLetterAt(text, at - 1) && !isBlankAt(text, at + 1);
}

function closes(text: string, at: number, single: boolean): boolean {
  return !isBlankAt(text, at - 1) && !(single && isLetterAt(text, at + 1));
}

interface Places {
  readonly at: number[];
  next: number;
}

/** Finds where marks close. Each kind of mark is walked over once, however many stay open. */
class Closings {
  readonly #text: string;
  readonly #paragraphs: number[];
  /** Positions of each kind of mark, and how far along them the search has come. */
  readonly #quotes = new Map<string, Places>();
  readonly #runs = new Map<number, Places>();
  #paragraph = 0;

  constructor(text: string) {
    this.#text = text;
    this.#paragraphs = [...text.matchAll(/\n[ \t\r]*\n/g)].map((match) => match.index);
    this.#paragraphs.push(text.length);
    for (const match of text.matchAll(/`+/g)) {
      const places = this.#runs.get(match[0].length) ?? { at: [], next: 0 };
      places.at.push(match.index);
      this.#runs.set(match[0].length, places);
    }
  }

  /** The end of the span, or -1. */
  ofQuote(mark: string, at: number): number {
    const single = mark === "'" || mark === '‘';
    const within = Math.min(this.#endOfParagraph(at), single ? at + MAX_SINGLE : Number.POSITIVE_INFINITY);
    const places = this.#closingsOf(mark, single);
    const end = after(places, at);
    return end !== undefined && end < within ? end + 1 : -1;
  }

  ofCode(run: string, at: number): number {
    const places = this.#runs.get(run.length);
    const end = places === undefined ? undefined : after(places, at);
    return end !== undefined && end < this.#endOfParagraph(at) ? end + run.length : -1;
  }

  #closingsOf(mark: string, single: boolean): Places {
    const known = this.#quotes.get(mark);
    if (known !== undefined) return known;
    const closing = new RegExp(`[${PAIRS[mark] ?? mark}]`, 'g');
    const at = [...this.#text.matchAll(closing)]
      .map((match) => match.index)
      .filter((index) => closes(this.#text, index, single));
    const places = { at, next: 0 };
    this.#quotes.set(mark, places);
    return places;
  }

  #endOfParagraph(at: number): number {
    while ((this.#paragraphs[this.#paragraph] ?? Number.POSITIVE_INFINITY) < at) this.#paragraph++;
    return this.#paragraphs[this.#paragraph] ?? this.#text.length;
  }
}

/** The first place beyond `at`; questions come in rising order, so the walk never goes back. */
function after(places: Places, at: number): number | undefined {
  while ((places.at[places.next] ?? Number.POSITIVE_INFINITY) <= at) places.next++;
  return places.at[places.next];
}
