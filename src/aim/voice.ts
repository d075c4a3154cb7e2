/**
 * Whose words they are. What the forms of the charter find is wide, so it counts only in the speaker's own voice:
 * not in a question, not behind "if" or "what", and not where somebody else, or the law, says, asks or requires it.
 */
import { GAP } from './cut.ts';
import type { Words } from './words.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const REACH = 14;

const OPENERS = set('if unless whether what which who whom how where why when whose');
const SAYING = set(
  'provides stipulates say says said state states stated argue argues argued claim claims claimed believe believes believed think thinks thought felt feel write writes wrote ask asks asked demand demands demanded require requires required insist insists insisted according hold holds suggested record recommends recommended rules report reports note notes',
);
/** Nouns too, so they report only with "that" behind them. */
const ALSO_NOUNS = set('provides state claim demand hold holds record report reports note notes rules ask');
const SPEAKER = set('i we would must should can could will strongly still');
const AFTERWARDS = set('wrote said says writes argued argues claimed claims');

/** @param first index of the first word of a hit; @param last of its last one */
export function isOwnVoice(words: Words, first: number, last: number): boolean {
  return !words.isAsked(last) && !isReportedBefore(words, first) && !isReportedAfter(words, last);
}

function isReportedBefore(words: Words, first: number): boolean {
  let passedComma = false;
  for (let at = first; at > first - REACH && words.gap(at) !== GAP.sentence; at--) {
    passedComma ||= words.gap(at) === GAP.comma;
    const word = words.text(at - 1);
    if (!passedComma && OPENERS.has(word)) return true;
    if (!SAYING.has(word) || SPEAKER.has(words.text(at - 2))) continue;
    if (!ALSO_NOUNS.has(word) || words.text(at) === 'that') return true;
  }
  return false;
}

function isReportedAfter(words: Words, last: number): boolean {
  for (let at = last + 1; at <= last + 20 && words.gap(at) !== GAP.sentence; at++) {
    const word = words.text(at);
    if (word === 'according') return true;
    if (AFTERWARDS.has(word) && words.gap(at + 1) === GAP.sentence) return true;
  }
  return false;
}

const ORDAINING = set(
  'law statute act regulation regulations directive gdpr ordinance decree treaty constitution legislation',
);
/** Parts and deeds that are named after "under": "under section 5", "under the lease". */
const ORDAINED_UNDER = set(
  'section article clause paragraph code rules lease licence license contract agreement terms',
);
const NO_SOURCE = set('firm firms school student students department enforcement office now');

/** Whether the sentence of a passive names a law or a contract as what asks for it: "must be filed by law". */
export function isOrdained(words: Words, first: number, last: number): boolean {
  for (let at = last + 1; at <= last + 20 && words.gap(at) !== GAP.sentence; at++)
    if (namesSource(words, at)) return true;
  for (let at = first - 1; at >= first - REACH && words.gap(at + 1) !== GAP.sentence; at--)
    if (namesSource(words, at)) return true;
  return false;
}

/** "by law", "under the new Data Act", "pursuant to …", "as required by …". */
function namesSource(words: Words, at: number): boolean {
  const word = words.text(at);
  if (word === 'pursuant') return true;
  if (word === 'as') return words.text(at + 1) === 'required' && words.text(at + 2) === 'by';
  if (word !== 'by' && word !== 'under') return false;
  for (let next = at + 1; next <= at + 5 && words.gap(next) === GAP.plain; next++) {
    const named = words.text(next);
    if (ORDAINING.has(named) || (word === 'under' && ORDAINED_UNDER.has(named)))
      return words.gap(next + 1) !== GAP.plain || !NO_SOURCE.has(words.text(next + 1));
  }
  return false;
}

/** "Should be done by Friday": without anybody or anything before it, what will probably be. */
export const isExpected = (words: Words, first: number): boolean =>
  words.text(first) === 'should' && words.gap(first) === GAP.sentence;
