/**
 * How a word looks, rather than how it is encoded: letters that a reader takes for Latin ones become those,
 * and what cannot be seen is dropped. Enough of Unicode's confusables (UTS #39) to read English words
 * written in Cyrillic, Greek, Armenian, Cherokee, small capitals or with strokes; the compatibility forms
 * (full width, mathematical, circled) are undone by NFKD.
 */

/** Each look-alike before the letter that it passes for. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'аАαΑɑᴀᎪꭺ',
  b: 'ВвЬΒβʙᏴ',
  c: 'сСϲϹᴄᏟⅽ',
  d: 'ԁᴅᎠđðⅾ',
  e: 'еЕεΕᴇᎬєɛ',
  f: 'ꜰƒϝ',
  g: 'ɡɢᏀԍ',
  h: 'һНнΗʜᎻհħ',
  i: 'іІιΙıɩɪᎥⅰ',
  j: 'јЈᴊᎫϳյ',
  k: 'кКκΚᴋᏦ',
  l: 'ӏӀʟᏞłⅼ',
  m: 'МмΜᴍᎷⅿ',
  n: 'пηΝɴոռŋ',
  o: 'оОοΟσᴏօՕøӨө',
  p: 'рРρΡᴘᏢ',
  q: 'ԛԚգ',
  r: 'гʀᎡᴦ',
  s: 'ѕЅꜱᏚʂ',
  t: 'тТτΤᴛᎢŧ',
  u: 'υսᴜцμʋ',
  v: 'ѵѴνᴠᏙⅴ',
  w: 'ԝԜωᴡᎳѡ',
  x: 'хХχΧⅹ',
  y: 'уУүҮΥγʏᎩƴ',
  z: 'ΖᴢᏃʐ',
};

const LATIN: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, alikes]) =>
    [...alikes].map((alike) => [alike, letter] as const),
  ),
);

/** Apostrophes of every make, as one. */
const APOSTROPHES = /[’‘ʼʹ′＇`´]/g;
const HYPHENS = /[‐‑‒﹣－]/g;
export const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/gu;

/** The word as it looks, in lower case. */
export function asItLooks(word: string): string {
  const plain = word.normalize('NFKD').replace(UNSEEN, '').replace(APOSTROPHES, "'").replace(HYPHENS, '-');
  let seen = '';
  for (const letter of plain) seen += LATIN.get(letter) ?? letter;
  return seen.toLowerCase();
}
