/**
 * A text as a reader sees it: markup shows nothing, a blank or the end of a paragraph, and a character reference is
 * the character that it names. What shows nothing leaves one zero-width space behind, so that `sh<b>ou</b>ld` is the
 * word that it looks like and `you<wbr>should` can still be told apart. Time is linear in the text.
 */

/** What stands where something was that shows nothing. */
const NOTHING = '\u200b';
const BLANK = ' ';
const PARAGRAPH = '\n\n';

export interface Shown {
  readonly text: string;
  /** Where a place of the shown text stands in the text as it was given, both in UTF-16 units. */
  start(at: number): number;
  /** The same for the place behind a last character. */
  end(at: number): number;
}

/** Begins what is not shown as it is written: a tag, a reference, a link, a picture, a footnote's number. */
const MARKUP = /[<&[\]]|!\[/g;

export function shown(text: string): Shown {
  MARKUP.lastIndex = 0;
  if (!MARKUP.test(text)) return { text, start: (at) => at, end: (at) => at };
  const edits = new Edits();
  const comments = new Comments(text);
  let made = '';
  let from = 0;
  MARKUP.lastIndex = 0;
  for (let found = MARKUP.exec(text); found !== null; found = MARKUP.exec(text)) {
    const { index } = found;
    const seen = comments.at(index) ?? seenAt(text, index);
    if (seen === undefined) {
      MARKUP.lastIndex = index + 1;
      continue;
    }
    made += text.slice(from, index) + seen.shows;
    from = seen.end;
    edits.push(index, seen.end, made.length - seen.shows.length, made.length);
    MARKUP.lastIndex = seen.end;
  }
  return {
    text: made + text.slice(from),
    start: (at) => edits.original(at, 'start'),
    end: (at) => edits.original(at, 'end'),
  };
}

interface Seen {
  readonly shows: string;
  /** Behind the markup. */
  readonly end: number;
}

/** A value in quotation marks may hold `>`. */
const VALUES = /(?:"[^"<]*"|'[^'<]*'|[^<>"'])*/.source;
const TAG = new RegExp(`</?([a-z][a-z0-9:-]*)([\\s/]${VALUES})?>`, 'iy');
const DECLARATION = /<[!?][^<>]*>/y;
/** A raised number is a footnote's, as `[1]` and `[^1]` are. */
const RAISED = /<sup\b[^<>]*>\s*[\d*†‡,]{1,8}\s*<\/sup>/iy;
const FOOTNOTE = /\[\^?\d{1,3}\](?!\()/y;
const PICTURE = /!\[[^[\]]{0,200}\]\([^()<>]{0,500}\)/y;
const LINKED = /\[(?=[^[\]]{1,200}\](?:\(|\[))/y;
const TARGET =
  /\](?:\( ?(?:[^\s()<>]|\([^\s()<>]{0,100}\)){0,500}(?: (?:"[^"()]{0,200}"|'[^'()]{0,200}'))? ?\)|\[[^\s[\]]{0,100}\])/y;
const REFERENCE = /&(?:#(\d{1,7});?|#x([0-9a-f]{1,6});?|([a-z]{2,8});)/iy;

/** Elements that begin or end a paragraph, and those that part two words. */
const BLOCKS = new Set(
  'p li ul ol dl dd dt td th tr table div h1 h2 h3 h4 h5 h6 blockquote section article aside header footer main hr pre form figure'.split(
    ' ',
  ),
);
const PARTS = new Set('br img input button select textarea video audio svg'.split(' '));
const INLINE = new Set(
  'a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

const NAMED: Readonly<Record<string, string>> = {
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  zwnj: NOTHING,
  zwj: NOTHING,
  shy: NOTHING,
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  hyphen: '-',
  ndash: '–',
  mdash: '—',
  hellip: '…',
};

function seenAt(text: string, index: number): Seen | undefined {
  switch (text.charAt(index)) {
    case '<':
      return at(RAISED, text, index, NOTHING) ?? tagAt(text, index) ?? at(DECLARATION, text, index, NOTHING);
    case '&':
      return referenceAt(text, index);
    case '!':
      return at(PICTURE, text, index, BLANK);
    case '[':
      return at(FOOTNOTE, text, index, NOTHING) ?? at(LINKED, text, index, NOTHING);
    default:
      return at(TARGET, text, index, NOTHING);
  }
}

function at(form: RegExp, text: string, index: number, shows: string): Seen | undefined {
  form.lastIndex = index;
  return form.test(text) ? { shows, end: form.lastIndex } : undefined;
}

function tagAt(text: string, index: number): Seen | undefined {
  TAG.lastIndex = index;
  const found = TAG.exec(text);
  if (found === null) return undefined;
  const end = TAG.lastIndex;
  const [, written = '', rest = ''] = found;
  // "<i think you should>" is no tag: what stands in one has a value.
  if (/[^\s/]/.test(rest) && !rest.includes('=')) return undefined;
  const name = written.toLowerCase();
  if (BLOCKS.has(name)) return { shows: PARAGRAPH, end };
  if (PARTS.has(name)) return { shows: BLANK, end };
  // What is no element of HTML is one when it touches a word: "<you> should" shows the word "you".
  const touches = /[\p{L}\p{N}]/u.test(text.charAt(index - 1) + text.charAt(end));
  return INLINE.has(name) || touches ? { shows: NOTHING, end } : undefined;
}

function referenceAt(text: string, index: number): Seen | undefined {
  REFERENCE.lastIndex = index;
  const found = REFERENCE.exec(text);
  if (found === null) return undefined;
  const [, decimal, hexadecimal, name] = found;
  const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal ?? '', 16);
  const shows = name === undefined ? characterOf(point) : NAMED[name.toLowerCase()];
  return shows === undefined ? undefined : { shows, end: REFERENCE.lastIndex };
}

const characterOf = (point: number): string | undefined =>
  point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
    ? String.fromCodePoint(point)
    : undefined;

/** Comments of HTML; after one that never ends no other is looked for. */
class Comments {
  readonly #text: string;
  #none = false;

  constructor(text: string) {
    this.#text = text;
  }

  at(index: number): Seen | undefined {
    if (this.#none || !this.#text.startsWith('<!--', index)) return undefined;
    const end = this.#text.indexOf('-->', index + 4);
    this.#none = end < 0;
    return end < 0 ? undefined : { shows: NOTHING, end: end + 3 };
  }
}

/** Where the shown text differs from the given one, in order. Places are asked for in mostly rising order. */
class Edits {
  readonly #given: (readonly [from: number, to: number])[] = [];
  readonly #shown: (readonly [from: number, to: number])[] = [];

  push(givenFrom: number, givenTo: number, shownFrom: number, shownTo: number): void {
    this.#given.push([givenFrom, givenTo]);
    this.#shown.push([shownFrom, shownTo]);
  }

  original(at: number, side: 'start' | 'end'): number {
    // The last edit that begins before the place.
    let [low, high] = [0, this.#shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const from = this.#shown[middle]?.[0] ?? 0;
      if (side === 'start' ? from <= at : from < at) low = middle + 1;
      else high = middle;
    }
    const [shown, given] = [this.#shown[low - 1], this.#given[low - 1]];
    if (shown === undefined || given === undefined) return at;
    // Within what an edit made: its whole.
    if (side === 'start' ? at < shown[1] : at <= shown[1]) return side === 'start' ? given[0] : given[1];
    return given[1] + (at - shown[1]);
  }
}
