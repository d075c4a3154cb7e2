/** How a phrase of the charter is written: words, and classes of words in braces. What the classes hold is in classes.ts. */
import { asItLooks } from './letters.ts';

/** Classes whose words are part of the hit. */
const SPELLED = [
  'i',
  'my',
  'the',
  'group',
  'must',
  'need',
  'best',
  'more',
  'option',
  'options',
  'is',
  'recommend',
  'recommending',
  'am',
  'essential',
  'firm',
  'recommendation',
  'recommendations',
  'recommended',
  'report',
  'wise',
] as const;
/** Classes that only look at what stands around; one stands last in its phrase. */
const LOOKING = ['verb', 'done', 'command', 'endorsed', 'present', 'deed', 'heading', 'named'] as const;

export type SpelledClass = (typeof SPELLED)[number];
export type LookingClass = (typeof LOOKING)[number];

/** Names that may stand in braces. */
export const WORD_CLASSES: readonly string[] = [...SPELLED, ...LOOKING].sort();

export type PhraseFault = 'unknown_word_class' | 'word_class_place';

/** One word of a phrase, as it looks to a reader; or the name of a class. */
export interface PhrasePart {
  readonly text: string;
  /** What stands in braces; undefined for a word that means itself. */
  readonly named: string | undefined;
}

export const partsOf = (phrase: string): PhrasePart[] =>
  asItLooks(phrase)
    .split(/\s+/)
    .filter((text) => text !== '')
    .map((text) => ({
      text,
      named: text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : undefined,
    }));

export const isSpelled = (name: string | undefined): name is SpelledClass =>
  SPELLED.some((known) => known === name);
export const isLooking = (name: string | undefined): name is LookingClass =>
  LOOKING.some((known) => known === name);

/** What is wrong with a phrase as one that can be found; undefined when nothing is. */
export function faultOf(phrase: string): { readonly code: PhraseFault; readonly name: string } | undefined {
  const parts = partsOf(phrase);
  for (const [at, { named }] of parts.entries()) {
    if (named === undefined) continue;
    const looks = isLooking(named);
    if (!looks && !isSpelled(named)) return { code: 'unknown_word_class', name: named };
    if (looks && (at === 0 || at < parts.length - 1)) return { code: 'word_class_place', name: named };
  }
  return undefined;
}
