/**
 * Finds language that decides for the reader. The phrases are the charter's; what is done
 * here is to find them as a reader would: whatever their case, letters, blanks and line breaks, at word
 * boundaries, in the speaker's own voice. Not counted: quotations and code, and places where the words are
 * there but nothing is prescribed (`context.ts`). Time is linear in the text.
 */
import type { PrescriptiveHit } from '../terms.ts';
import { Denials, prescribesNothing } from './context.ts';
import type { PhraseBook } from './phrase-book.ts';
import { matchAt } from './phrase-match.ts';
import { quotedSpans, type Span } from './quotes.ts';
import { Words } from './words.ts';

/**
 * The prescriptive phrases of a text, in order. `text.slice(start, end)` is the phrase as it was written;
 * putting each `suggestion` in its place leaves a text without hits.
 */
export function screen(text: string, book: PhraseBook): PrescriptiveHit[] {
  const words = new Words(text, book.vocabulary);
  const denials = new Denials(words);
  const hits: PrescriptiveHit[] = [];
  let quoted: Quoted | undefined;
  for (let first = 0; first < words.length; first++) {
    const match = matchAt(words, first, book);
    if (match === undefined) continue;
    const { phrase, type, suggestion } = match.phrase;
    const { last } = match;
    const start = words.start(first);
    const end = words.end(last);
    quoted ??= new Quoted(quotedSpans(text));
    if (!quoted.holds(start, end) && !prescribesNothing(words, first, last, type, denials)) {
      hits.push({
        phrase,
        phrase_type: type,
        start,
        end,
        suggestion: inCaseOf(text.charAt(start), suggestion),
      });
    }
    first = last;
  }
  return hits;
}

/** Answers for places in rising order whether they stand in a quotation or in code. */
class Quoted {
  readonly #spans: readonly Span[];
  /** Spans before this one end before every place still to be asked for. */
  #from = 0;

  constructor(spans: readonly Span[]) {
    this.#spans = spans;
  }

  /** Also when a span cuts the phrase; but quoting single words of it is emphasis, and hides nothing. */
  holds(start: number, end: number): boolean {
    while ((this.#spans[this.#from]?.end ?? Number.POSITIVE_INFINITY) <= start) this.#from++;
    for (let at = this.#from; at < this.#spans.length; at++) {
      const span = this.#spans[at];
      if (span === undefined || span.start >= end) return false;
      const whole = span.start <= start && span.end >= end;
      const emphasis = !whole && span.start >= start - 1 && span.end <= end + 1;
      if (span.end > start && !emphasis) return true;
    }
    return false;
  }
}

function inCaseOf(first: string, suggestion: string): string {
  const capital = first !== first.toLowerCase();
  return capital ? suggestion.charAt(0).toUpperCase() + suggestion.slice(1) : suggestion;
}
