/**
 * Whose words they are. What the forms of the charter find is wide, so it counts only in the speaker's own voice:
 * not in a question, not behind "if" or "what", and not where somebody else says, asks or requires it.
 */
import { GAP, type Words } from './words.ts';

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
