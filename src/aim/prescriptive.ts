/**
 * Finds language that decides for the reader. The phrases are the charter's; what is done
 * here is to find them as a reader would: whatever their case, letters, blanks and line breaks, at word
 * boundaries, in the speaker's own voice. Not counted: quotations and code, and places where the words are
 * there but nothing is prescribed (`context.ts`). Time is linear in the text.
 */
import { PHRASE_TYPES, type PhraseType, type PrescriptiveHit } from '../terms.ts';
import { AHEAD, CLASSES } from './classes.ts';
import { Denials, prescribesNothing } from './context.ts';
import { asItLooks } from './letters.ts';
import { quotedSpans, type Span } from './quotes.ts';
import { isOwnVoice } from './voice.ts';
import { GAP, Words } from './words.ts';

/** `phrases.yaml` of a charter. */
export interface PhraseData {
  readonly prescriptive: Readonly<Record<PhraseType, readonly string[]>>;
  /** Wording that informs without deciding, offered as rewrites. */
  readonly neutral: readonly string[];
}

interface Phrase {
  readonly phrase: string;
  readonly type: PhraseType;
  readonly words: readonly string[];
  readonly suggestion: string;
  /** Has classes of words, `{…}`, and so finds much that has to be looked at twice. */
  readonly wide: boolean;
}

/** Phrases made ready for `screen`. Make it once for each charter. */
export interface PhraseBook {
  /** By first word, longest first. */
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>;
  readonly vocabulary: ReadonlySet<string>;
}

/** The neutral wording that fits each type, when the charter has it; else its first one. */
const REWRITES: Readonly<Record<PhraseType, string>> = {
  directive: 'one approach is',
  superlative: 'another option is',
  absolute: 'considerations include',
  recommendation: 'options include',
};

export function compilePhrases(data: PhraseData): PhraseBook {
  const byFirst = new Map<string, Phrase[]>();
  for (const type of PHRASE_TYPES) {
    const fitting = REWRITES[type];
    const suggestion = data.neutral.includes(fitting) ? fitting : (data.neutral[0] ?? '');
    for (const phrase of data.prescriptive[type]) {
      const words = asItLooks(phrase)
        .split(/\s+/)
        .filter((word) => word !== '');
      const [first] = words;
      if (first === undefined) continue;
      const wide = words.some((word) => classOf(word) !== undefined);
      for (const start of CLASSES[classOf(first) ?? ''] ?? [first]) {
        const others = byFirst.get(start) ?? [];
        byFirst.set(start, [...others, { phrase, type, words, suggestion, wide }]);
      }
    }
  }
  for (const phrases of byFirst.values())
    phrases.sort((a, b) => Number(a.wide) - Number(b.wide) || b.words.length - a.words.length);
  const listed = [...byFirst.values()].flat().filter(({ wide }) => !wide);
  const vocabulary = new Set(listed.flatMap(({ words }) => words));
  return { byFirst, vocabulary };
}

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

/** May stand between the words of a phrase without changing what it is: "you really should". */
const INTENSIFIERS: ReadonlySet<string> = new Set(
  'really strongly highly definitely certainly absolutely clearly obviously probably simply just only always also ever never still therefore now then here by far hands down personally plainly'.split(
    ' ',
  ),
);

/** What stands in braces, or nothing for a word that means itself. */
const classOf = (word: string): string | undefined =>
  word.charCodeAt(0) === 0x7b && word.endsWith('}') ? word.slice(1, -1) : undefined;

/** A command begins its clause, or follows one of these: "the pump was always on" is none. */
const LEADS: ReadonlySet<string> = new Set(['please', 'so', 'then', 'remember', 'but', 'just', 'therefore']);

function stands(words: Words, first: number, last: number, { type, wide }: Phrase): boolean {
  if (!wide) return true;
  if (type === 'absolute' && words.gap(first) === GAP.plain && !LEADS.has(words.text(first - 1)))
    return false;
  return isOwnVoice(words, first, last);
}

function matchAt(words: Words, at: number, book: PhraseBook): { phrase: Phrase; last: number } | undefined {
  const candidates = book.byFirst.get(words.text(at));
  if (candidates === undefined) return undefined;
  for (const phrase of candidates) {
    const last = lastWordOf(words, at, phrase.words);
    if (last !== undefined && stands(words, at, last, phrase)) return { phrase, last };
  }
  return undefined;
}

function lastWordOf(words: Words, first: number, phrase: readonly string[]): number | undefined {
  let at = first;
  for (const wanted of phrase.slice(1)) {
    const kind = classOf(wanted);
    const ahead = kind === undefined ? undefined : AHEAD[kind];
    let next = at + 1;
    if (kind !== 'heading' && !isWanted(words.text(next), wanted)) next = afterAside(words, next);
    for (let skipped = 0; skipped < 3 && isIntensifier(words, next, wanted, ahead !== undefined); skipped++)
      next++;
    if (kind !== 'heading' && !isWanted(words.text(next), wanted)) next = afterAside(words, next);
    if (ahead !== undefined) return ahead(words, next, at) ? at : undefined;
    if (words.gap(next) === GAP.sentence || !isWanted(words.text(next), wanted)) return undefined;
    if (words.gap(next) === GAP.comma && (words.gap(first) !== GAP.sentence || words.isAsked(next)))
      return undefined;
    at = next;
  }
  return at;
}

function isWanted(word: string, wanted: string): boolean {
  const kind = classOf(wanted);
  return kind === undefined ? word === wanted : CLASSES[kind]?.has(word) === true;
}

/** Behind what stands between two commas: "management should, in light of this, replace". Else the place itself. */
function afterAside(words: Words, at: number): number {
  if (words.gap(at) !== GAP.comma) return at;
  for (let next = at + 1; next < at + 8; next++) {
    if (words.gap(next) === GAP.sentence) return at;
    if (words.gap(next) === GAP.comma) return next;
  }
  return at;
}

function isIntensifier(words: Words, at: number, wanted: string, ahead: boolean): boolean {
  const word = words.text(at);
  if (words.gap(at) === GAP.sentence || isWanted(word, wanted)) return false;
  return INTENSIFIERS.has(word) || (ahead && word === 'not');
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
