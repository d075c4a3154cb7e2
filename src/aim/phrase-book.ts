/**
 * The phrases of a charter, as a tree over their words: phrases that begin alike are looked for together, so that a
 * text is compared with what may come next and not with every phrase.
 */
import { PHRASE_TYPES, type PhraseType } from '../terms.ts';
import { CLASSES } from './classes.ts';
import { isLooking, isSpelled, type LookingClass, type PhrasePart, partsOf } from './phrase-form.ts';
import { Vocabulary } from './vocabulary.ts';

/** `phrases.yaml` of a charter. */
export interface PhraseData {
  readonly prescriptive: Readonly<Record<PhraseType, readonly string[]>>;
  /** Wording that informs without deciding, offered as rewrites. */
  readonly neutral: readonly string[];
}

export interface Phrase {
  readonly phrase: string;
  readonly type: PhraseType;
  readonly suggestion: string;
  /** Has classes of words, `{…}`, and so finds much that has to be looked at twice. */
  readonly wide: boolean;
  /** Says what is to be done without saying by whom. */
  readonly passive: boolean;
  /** Of several that are found at one place the lowest counts: very words before classes, long before short. */
  readonly rank: number;
}

/** Where one is in the tree. */
export interface Branch {
  /** By the word that comes next. */
  readonly next: ReadonlyMap<string, Branch>;
  /** Phrases that are complete here. */
  readonly complete: readonly Phrase[];
  /** Phrases that are complete here when what follows is of a class that only looks ahead. */
  readonly followed: readonly { readonly phrase: Phrase; readonly by: LookingClass }[];
}

/** Phrases made ready for `screen`. Make it once for each charter. */
export interface PhraseBook {
  readonly root: Branch;
  /** Every word of a phrase or of its classes, by itself. */
  readonly vocabulary: Vocabulary;
}

/** The neutral wording that fits each type, when the charter has it; else its first one. */
const REWRITES: Readonly<Record<PhraseType, string>> = {
  directive: 'one approach is',
  superlative: 'another option is',
  absolute: 'considerations include',
  recommendation: 'options include',
};

export function compilePhrases(data: PhraseData): PhraseBook {
  const root = newStem('');
  const vocabulary = new Vocabulary();
  const listed = PHRASE_TYPES.flatMap((type) =>
    data.prescriptive[type].map((phrase) => ({ phrase, type, parts: partsOf(phrase) })),
  )
    .map((one) => ({ ...one, wide: one.parts.some(({ named }) => named !== undefined) }))
    .sort((a, b) => Number(a.wide) - Number(b.wide) || b.parts.length - a.parts.length);
  listed.forEach(({ phrase, type, parts, wide }, rank) => {
    const fitting = REWRITES[type];
    const suggestion = data.neutral.includes(fitting) ? fitting : (data.neutral[0] ?? '');
    const known = { phrase, type, suggestion, wide, passive: parts.at(-1)?.named === 'done', rank };
    let stem = root;
    for (const part of parts) {
      if (isLooking(part.named)) {
        stem.followed.push({ phrase: known, by: part.named });
        return;
      }
      stem = stemBehind(stem, part, vocabulary);
    }
    if (stem !== root) stem.complete.push(known);
  });
  return { root: branchOf([root], new Map()), vocabulary };
}

/** Where one is after the very words and names of classes that a phrase is written in. */
interface Stem {
  /** All that was written up to here: no two stems have the same. */
  readonly written: string;
  /** By how it is written: a word, or a class in braces. */
  readonly named: Map<string, Stem>;
  /** By the word that comes next; a class stands under each of its words. */
  readonly next: Map<string, Stem[]>;
  readonly complete: Phrase[];
  readonly followed: { readonly phrase: Phrase; readonly by: LookingClass }[];
}

const newStem = (written: string): Stem => ({
  written,
  named: new Map(),
  next: new Map(),
  complete: [],
  followed: [],
});

function stemBehind(stem: Stem, { text, named }: PhrasePart, vocabulary: Vocabulary): Stem {
  const known = stem.named.get(text);
  if (known !== undefined) return known;
  const made = newStem(`${stem.written} ${text}`);
  stem.named.set(text, made);
  for (const meant of isSpelled(named) ? CLASSES[named] : [text]) {
    vocabulary.add(meant);
    const others = stem.next.get(meant);
    if (others === undefined) stem.next.set(meant, [made]);
    else others.push(made);
  }
  return made;
}

/**
 * One branch for all stems that the same words lead to, so that a text goes one way through the tree however many
 * classes hold its words: the subset construction (Rabin and Scott, 1959). No stem leads back, so it ends.
 */
function branchOf(stems: readonly Stem[], made: Map<string, Branch>): Branch {
  const all = stems.map(({ written }) => written).join();
  const known = made.get(all);
  if (known !== undefined) return known;
  const behind = new Map<string, Stem[]>();
  for (const { next } of stems)
    for (const [word, led] of next) behind.set(word, [...(behind.get(word) ?? []), ...led]);
  const next = new Map<string, Branch>();
  const branch: Branch = {
    next,
    complete: stems.flatMap(({ complete }) => complete),
    followed: stems.flatMap(({ followed }) => followed),
  };
  made.set(all, branch);
  for (const [word, led] of behind) next.set(word, branchOf(led, made));
  return branch;
}
