/**
 * Where the words of a phrase stand but prescribe nothing: somebody denies them, asks, supposes, speaks of
 * what happened, or describes what others do. Each rule looks at a few words on either side and no further.
 * A prohibition ("you must not") directs as much as a command, and counts.
 */
import type { PrescriptiveHit } from '../terms.ts';
import { GAP, type Word } from './words.ts';

type PhraseType = PrescriptiveHit['phrase_type'];

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** How far a denial reaches, in words. */
const REACH = 10;

const NEGATORS = set(
  'not no never nobody none nothing neither nor without cannot cant dont doesnt isnt wont hardly',
);

/** What is denied by them is a claim: "does not mean that you should", "no evidence that …". */
const CLAIMS = set(
  'say says said saying mean means meant meaning imply implies implied implying suggest suggests suggested suggesting claim claims claimed claiming state states stated stating argue argues argued arguing assert asserts asserted asserting conclude concludes concluded concluding follow follows followed prove proves proved proven proving show shows showed shown showing evidence proof sure certain convinced clear evident obvious true case given sign indication indicate indicates indicated indicating reason assume assumes assumed assuming pretend insist insists insisted decide decides decided deciding agree agreed demonstrate demonstrates establish established require requires requirement rule tell tells told telling',
);

/** Before a phrase they make it a question or a supposition. */
const SUPPOSING = set('whether if unless suppose supposing');
const ASKING = set('what which whether how why where who');

/** Said of somebody they describe: "they always use two replicas". */
const OTHERS = set('we they i he she it who that which these those');

const AUXILIARIES = set('do does did would could can should shall may might');

/** "The best option is …" and then that nobody knows, or that it is the reader's. */
const OPEN_ENDS = set(
  'unknown unclear undecided unsettled open debatable contested yours up for theirs uncertain',
);
const NOT_SETTLED = set('clear known obvious decided settled certain evident given');

/** Withdraws direction: "you should not feel obliged", "you should not take this as advice". */
const RELEASES = set('feel take read treat understand interpret regard see consider');
const RELEASED = set(
  'obliged obligated compelled bound forced pressured required pressure advice recommendation recommendations instruction instructions guidance directive endorsement preference obligation',
);

/** Participles that do not end in -ed. */
const PARTICIPLES = set(
  'been seen got gotten had known made done gone sent read found heard met come become begun taken given written kept lost felt left put chosen noticed understood',
);

/**
 * @param first index of the phrase's first word
 * @param last index of its last word
 */
export function prescribesNothing(
  words: readonly Word[],
  first: number,
  last: number,
  type: PhraseType,
): boolean {
  if (isDenied(words, first) || isSupposed(words, first, type)) return true;
  switch (type) {
    case 'directive':
      return isRelease(words, last) || isSurmise(words, last);
    case 'superlative':
      return isAsked(words, first) || isLeftOpen(words, last);
    case 'absolute':
      return isDescription(words, first);
    case 'recommendation':
      return isInverted(words, first);
  }
}

/** Words before the phrase in its sentence, nearest first, with the gap that parts each from the next. */
function* before(words: readonly Word[], first: number): Generator<{ text: string; gap: Word['gap'] }> {
  for (let at = first; at > 0 && first - at < REACH; at--) {
    const gap = words[at]?.gap ?? GAP.sentence;
    const text = words[at - 1]?.text;
    if (gap === GAP.sentence || text === undefined) return;
    yield { text, gap };
  }
}

function textAt(words: readonly Word[], at: number): string {
  return words[at]?.text ?? '';
}

/** The word after another in the same clause. */
function following(words: readonly Word[], at: number): string {
  const word = words[at + 1];
  return word === undefined || word.gap === GAP.sentence ? '' : word.text;
}

/** The word before another in the same clause. */
function preceding(words: readonly Word[], at: number): string {
  return words[at]?.gap === GAP.plain ? textAt(words, at - 1) : '';
}

/** A negator, then a claim, then the phrase: with no comma between unless "that" takes the clause up again. */
function isDenied(words: readonly Word[], first: number): boolean {
  const mayPassComma = preceding(words, first) === 'that';
  let claimed = false;
  for (const { text, gap } of before(words, first)) {
    if (gap === GAP.comma && !mayPassComma) return false;
    if (claimed && NEGATORS.has(text)) return true;
    // "nothing says", "without claiming", but also "no rule that".
    claimed ||= CLAIMS.has(text);
  }
  return false;
}

function isSupposed(words: readonly Word[], first: number, type: PhraseType): boolean {
  const word = preceding(words, first);
  if (SUPPOSING.has(word)) return true;
  // "do you think you should …?": a question about the reader's own view.
  return (
    type !== 'recommendation' &&
    word === 'think' &&
    textAt(words, first - 2) === 'you' &&
    AUXILIARIES.has(textAt(words, first - 3))
  );
}

const isAsked = (words: readonly Word[], first: number): boolean => ASKING.has(preceding(words, first));

function isLeftOpen(words: readonly Word[], last: number): boolean {
  const next = following(words, last);
  return OPEN_ENDS.has(next) || (next === 'not' && NOT_SETTLED.has(following(words, last + 1)));
}

const isDescription = (words: readonly Word[], first: number): boolean => OTHERS.has(preceding(words, first));

function isInverted(words: readonly Word[], first: number): boolean {
  const word = preceding(words, first);
  return AUXILIARIES.has(word) || word === 'what' || word === 'whatever';
}

function isRelease(words: readonly Word[], last: number): boolean {
  if (following(words, last) !== 'not' || !RELEASES.has(following(words, last + 1))) return false;
  for (let at = last + 2; at < last + 8 && following(words, at) !== ''; at++) {
    if (RELEASED.has(following(words, at))) return true;
  }
  return false;
}

/** "You must have missed it", "you should be able to": what is likely, not what is to be done. */
function isSurmise(words: readonly Word[], last: number): boolean {
  const next = following(words, last);
  const then = following(words, last + 1);
  if (next === 'be') return then === 'able';
  return next === 'have' && (PARTICIPLES.has(then) || (then.length > 4 && then.endsWith('ed')));
}
