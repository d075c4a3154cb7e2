/**
 * How a word looks, rather than how it is encoded: letters that a reader takes for Latin ones become those,
 * and what cannot be seen is dropped. Enough of Unicode's confusables (UTS #39) to read English words
 * written in Cyrillic, Greek, Armenian, Cherokee, small capitals or with strokes; the compatibility forms
 * (full width, mathematical, circled) are undone by NFKD.
 */

/** Each look-alike behind the letter that it passes for. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'аАαΑɑᴀᎪꭺ',
  b: 'ВвЬΒβʙᏴ',
  c: 'сСϲϹᴄᏟ',
  d: 'ԁᴅᎠđð',
  e: 'еЕεΕᴇᎬєɛ',
  f: 'ꜰƒϝ',
  g: 'ɡɢᏀԍ',
  h: 'һНнΗʜᎻհħ',
  i: 'іІιΙıɩɪᎥ',
  j: 'јЈᴊᎫϳյ',
  k: 'кКκΚᴋᏦ',
  l: 'ӏӀʟᏞł',
  m: 'МмΜᴍᎷ',
  n: 'пηΝɴոռŋ',
  o: 'оОοΟσᴏօՕøӨө',
  p: 'рРρΡᴘᏢ',
  q: 'ԛԚգ',
  r: 'гʀᎡᴦ',
  s: 'ѕЅꜱᏚʂ',
  t: 'тТτΤᴛᎢŧ',
  u: 'υսᴜцμʋ',
  v: 'ѵѴνᴠᏙ',
  w: 'ԝԜωᴡᎳѡ',
  x: 'хХχΧ',
  y: 'уУүҮΥγʏᎩƴ',
  z: 'ΖᴢᏃʐ',
  // Apostrophes and hyphens of every make are one.
  "'": '’‘ʼʹ′＇',
  '-': '‐‑‒',
};

const LATIN: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, alikes]) =>
    [...alikes].map((alike) => [alike, letter] as const),
  ),
);

/** Characters that show nothing by themselves: zero-width ones, and marks that only decorate a letter. */
export const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/u;
const ALL_UNSEEN = new RegExp(UNSEEN.source, 'gu');

/**
 * What was worked out for a character, so that a text of a million look-alikes asks once for each. Those of
 * the first plane are few enough to keep; of the others only as many as an alphabet has.
 */
const firstPlane = new Array<string | undefined>(0x10000);
const beyond = new Map<number, string>();
const MAX_BEYOND = 4096;

function looksOf(point: number): string {
  const known = point < 0x10000 ? firstPlane[point] : beyond.get(point);
  if (known !== undefined) return known;
  const looks = asOneLooks(String.fromCodePoint(point));
  if (point < 0x10000) firstPlane[point] = looks;
  else if (beyond.size < MAX_BEYOND) beyond.set(point, looks);
  return looks;
}

function asOneLooks(letter: string): string {
  let seen = '';
  for (const part of letter.normalize('NFKD').replace(ALL_UNSEEN, '')) seen += LATIN.get(part) ?? part;
  return seen.toLowerCase();
}

/** The word as it looks, in lower case. */
export function asItLooks(word: string): string {
  if (isAscii(word)) return word.toLowerCase();
  let seen = '';
  for (let at = 0; at < word.length; at++) {
    const point = word.codePointAt(at) ?? 0;
    seen += looksOf(point);
    if (point > 0xffff) at++;
  }
  // One upright stroke by itself is read as the word "I".
  return seen === 'l' ? 'i' : seen;
}

function isAscii(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) > 0x7f) return false;
  return true;
}
