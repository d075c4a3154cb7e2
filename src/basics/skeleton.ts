/**
 * What a name looks like to a reader: two names with one skeleton are taken for each other. The skeleton of
 * UTS #39 §4, made wider where people read past a difference: upper and lower case, accents, blanks of every kind
 * and number, and `I`, `l`, `1`, `|` in either case. It is for comparing only, never for showing.
 */
import { byCharacter } from './by-character.ts';
import { confusables } from './confusables.ts';

const characters = (points: string, between: string): string[] =>
  points.split(between).map((hex) => String.fromCodePoint(Number.parseInt(hex, 16)));

function readPrototypes(): ReadonlyMap<string, string> {
  const groups = confusables().trim().split(/\s/);
  return new Map(
    groups.flatMap((group) => {
      const [prototype = '', alikes = ''] = group.split('=');
      const letter = characters(prototype, '+').join('');
      return characters(alikes, ',').map((alike) => [alike, letter] as const);
    }),
  );
}

/** Six thousand characters, read when the first name is compared. */
let prototypes: ReadonlyMap<string, string> | undefined;

/** What reads as Latin too, though UTS #39 does not say so: small capitals, and letters turned or drawn alike. */
const ALSO: Readonly<Record<string, string>> = Object.fromEntries(
  'aᴀ bʙ dᴅ eᴇєɛ fꜰ gɢ hʜ jᴊ kᴋ lʟ mᴍ nпɴ pᴘ tᴛ uцμ wω'
    .split(' ')
    .flatMap(([letter = '', ...alikes]) => alikes.map((alike) => [alike, letter])),
);

/** Nothing is seen of these, or they only decorate a letter. Vowel signs, which are marks of one script, stay. */
const UNSEEN = /[[\p{Default_Ignorable_Code_Point}\p{Cf}][\p{M}&&\p{Script=Inherited}]]/v;
/** Blank to the eye. */
const BLANK = /[\s\p{Z}\p{Cc}\u2800]/u;
const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

function prototypeOf(character: string): string {
  prototypes ??= readPrototypes();
  return ALSO[character] ?? prototypes.get(character) ?? character;
}

/** Accents dropped. Latin letters stay what they are: that an `m` looks like `rn` is for comparing only. */
function looksOf(character: string): string {
  const prototype = prototypeOf(character);
  const parts =
    prototype === character
      ? [...character.normalize('NFKD')].flatMap((part) => (isAscii(part) ? part : [...prototypeOf(part)]))
      : [...prototype];
  return parts
    .filter((part) => !UNSEEN.test(part))
    .map((part) => (BLANK.test(part) ? ' ' : part))
    .join('');
}

/**
 * What a reader takes one character for, accents dropped: Latin letters, where it passes for those as it is (`е`) or
 * as a small capital (`в`, which has the shape of `В`).
 */
export function readingOf(character: string): string {
  if (isAscii(character)) return character;
  const looks = [character, character.toLowerCase(), character.toUpperCase()].map((form) =>
    [...form].map(looksOf).join(''),
  );
  return looks.find(isAscii) ?? looks[0] ?? '';
}

/** A capital `I` is an `l` to the eye and an `i` to whoever ignores case, so that all three are one. */
const caseless = (text: string): string =>
  [...text.toLowerCase()]
    .map((letter) => (letter === 'i' ? 'l' : prototypeOf(letter).toLowerCase()))
    .join('');

const asItIsSeen = byCharacter((character) => caseless(readingOf(character)));

/** Linear in the length of the text, whatever stands in it. Empty for a text of which nothing is seen. */
export function skeleton(text: string): string {
  return asItIsSeen(text).replace(/ {2,}/g, ' ').trim();
}
