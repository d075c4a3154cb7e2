/**
 * Where the words of a phrase stand but prescribe nothing: somebody denies them, asks, supposes, speaks of
 * what happened, or describes what others do. Each rule looks at a few words on either side and no further.
 * A prohibition ("you must not") directs as much as a command, and counts.
 */
import type { PhraseType } from '../terms.ts';
import { GAP } from './cut.ts';
import type { Words } from './words.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** How far a denial reaches, in words. */
const REACH = 10;

const NEGATORS = set(
  'not no never nobody none nothing neither nor without cannot cant dont doesnt isnt wont hardly short refrain refrains refrained refraining avoid avoids avoided avoiding deny denies denied denying decline declines declined declining refuse refuses refused refusing fail fails failed failing doubt doubts doubted instead',
);

/** "wrong to conclude that …" */
const WRONG = set('wrong false mistake mistaken incorrect misleading');

/** What is denied by them is a claim: "does not mean that you should", "no evidence that …". */
const CLAIMS = set(
  'say says said saying mean means meant meaning imply implies implied implying suggest suggests suggested suggesting claim claims claimed claiming state states stated stating argue argues argued arguing assert asserts asserted asserting conclude concludes concluded concluding infer infers inferred inferring follow follows followed prove proves proved proven proving show shows showed shown showing evidence proof sure certain convinced clear evident obvious true case given sign indication indicate indicates indicated indicating reason assume assumes assumed assuming pretend insist insists insisted decide decides decided deciding agree agreed demonstrate demonstrates establish established require requires requirement rule tell tells told telling',
);

/** "the claim that you should": somebody's, who is not the speaker unless it is "my claim". */
const REPORTED = set(
  'argument claim view belief idea notion assumption assertion proposition hypothesis myth rumour rumor impression suggestion question',
);
const OWN = set('my our');

/** Before a phrase they make it a question or a supposition. */
const SUPPOSING = set('whether if unless suppose supposing');
const ASKING = set('what which whether how why where who');

/** Said of somebody they describe: "they always use two replicas". */
const OTHERS = set('we they i he she it who that which these those');
/** "The clients always use port 443" describes; "for clients always use port 443" does not. */
const PREPOSITIONS = set(
  'for in on at with during to by from before after about against under over inside within via',
);
/** They end like a plural and are none. */
const NO_NOUNS = set(
  'this is was has does says perhaps besides sometimes thus unless afterwards nowadays always yes towards less plus',
);

const AUXILIARIES = set('do does did would could can should shall may might');

/** "The best option is …" and then that nobody knows, or that it is the reader's. */
const OPEN_ENDS = set('unknown unclear undecided unsettled debatable contested yours theirs uncertain');
const NOT_SETTLED = set('clear known obvious decided settled certain evident given');

/** Withdraws direction: "you should not feel obliged", "you should not take this as advice". */
const RELEASES = set('take read treat understand interpret regard see consider');
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
  words: Words,
  first: number,
  last: number,
  type: PhraseType,
  denials: Denials,
): boolean {
  if (denials.near(first) && isDenied(words, first)) return true;
  if (isSupposed(words, first, type) || isReported(words, first)) return true;
  if (isSaidByOthers(words, first)) return true;
  switch (type) {
    case 'directive':
      return isMatterOf(words, first) || isRelease(words, last) || isSurmise(words, last);
    case 'superlative':
      return isAsked(words, first) || words.isAsked(last) || isLeftOpen(words, last);
    case 'absolute':
      return isDescription(words, first);
    case 'recommendation':
      return isInverted(words, first) || isLeftOpen(words, last);
  }
}

/** The word after another in the same sentence, or ''. */
function following(words: Words, at: number): string {
  return words.gap(at + 1) === GAP.sentence ? '' : words.text(at + 1);
}

/** The word before another in the same clause, or ''. */
function preceding(words: Words, at: number): string {
  return words.gap(at) === GAP.plain ? words.text(at - 1) : '';
}

/** Knows in which places a denial is near enough to be looked at: asked in rising order, it reads each word once. */
export class Denials {
  readonly #words: Words;
  #read = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(words: Words) {
    this.#words = words;
  }

  near(first: number): boolean {
    for (; this.#read < first; this.#read++) {
      const word = this.#words.text(this.#read);
      if (NEGATORS.has(word) || WRONG.has(word)) this.#last = this.#read;
    }
    return first - this.#last <= REACH;
  }
}

/**
 * A negator, then a claim, then the phrase. No comma between, unless "that" takes the clause up again: "it does
 * not follow, however, that".
 */
function isDenied(words: Words, first: number): boolean {
  const mayPassComma = preceding(words, first) === 'that';
  let claimed = false;
  for (let at = first; at > 0 && first - at < REACH; at--) {
    const gap = words.gap(at);
    if (gap === GAP.sentence || (gap === GAP.comma && (claimed || !mayPassComma))) return false;
    const word = words.text(at - 1);
    if (claimed && (NEGATORS.has(word) || (WRONG.has(word) && words.text(at) === 'to'))) return true;
    claimed ||= CLAIMS.has(word);
  }
  return false;
}

function isSupposed(words: Words, first: number, type: PhraseType): boolean {
  const word = preceding(words, first);
  if (SUPPOSING.has(word)) return true;
  // "do you think you should …?": a question about the reader's own view.
  return (
    type !== 'recommendation' &&
    word === 'think' &&
    words.text(first - 2) === 'you' &&
    AUXILIARIES.has(words.text(first - 3))
  );
}

/** "How we should price it is open", "decides what you must declare": the matter, not the direction. */
const isMatterOf = (words: Words, first: number): boolean =>
  /^(?:how|what|which)$/.test(preceding(words, first));

const isAsked = (words: Words, first: number): boolean => ASKING.has(preceding(words, first));

function isLeftOpen(words: Words, last: number): boolean {
  const next = following(words, last);
  const then = following(words, last + 1);
  if (next === 'nothing' || next === 'neither' || (next === 'a' && then === 'matter')) return true;
  if (OPEN_ENDS.has(next) || (next === 'not' && NOT_SETTLED.has(then))) return true;
  // "up to the board", "for you to name", "open to debate"
  if (next === 'up' || next === 'open') return then === 'to' || (next === 'open' && then === '');
  return next === 'for' && following(words, last + 2) === 'to';
}

/** The one who always does it is named before the phrase: a pronoun, or a plural that stands in no adverbial. */
function isDescription(words: Words, first: number): boolean {
  const word = preceding(words, first);
  if (OTHERS.has(word)) return true;
  if (word.length < 4 || !/[^s']s$/.test(word) || NO_NOUNS.has(word)) return false;
  for (let at = first - 1; at > first - 5; at--) {
    if (words.gap(at) !== GAP.plain) return true;
    if (PREPOSITIONS.has(words.text(at - 1))) return false;
  }
  return true;
}

/** "Some analysts say the best option is": others say it, unless the speaker does. */
const SAYING = set('say says said claim claims claimed argue argues argued believe believes believed');
const SPEAKER = set('my our i we id wed would will can could may might must should to lets let not');

function isSaidByOthers(words: Words, first: number): boolean {
  const at = preceding(words, first) === 'that' ? first - 1 : first;
  const who = preceding(words, at - 1);
  return SAYING.has(preceding(words, at)) && who !== '' && !SPEAKER.has(who);
}

/** Also with the clause between commas: "her argument, that you should …". */
function isReported(words: Words, first: number): boolean {
  if (preceding(words, first) !== 'that' || words.gap(first - 1) === GAP.sentence) return false;
  return REPORTED.has(words.text(first - 2)) && !OWN.has(preceding(words, first - 2));
}

function isInverted(words: Words, first: number): boolean {
  const word = preceding(words, first);
  return AUXILIARIES.has(word) || word === 'what' || word === 'whatever';
}

function isRelease(words: Words, last: number): boolean {
  if (following(words, last) !== 'not') return false;
  const verb = following(words, last + 1);
  if (verb === 'feel') return true;
  if (!RELEASES.has(verb)) return false;
  for (let at = last + 2; at < last + 8 && following(words, at) !== ''; at++) {
    if (RELEASED.has(following(words, at))) return true;
  }
  return false;
}

/** "You must have missed it", "you should be able to": what is likely, not what is to be done. */
function isSurmise(words: Words, last: number): boolean {
  const next = following(words, last);
  const then = following(words, last + 1);
  if (next === 'be') return then === 'able';
  return next === 'have' && (PARTICIPLES.has(then) || (then.length > 4 && then.endsWith('ed')));
}
