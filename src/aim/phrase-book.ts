/**
 * The phrases of a charter, as a tree over their words: phrases that begin alike are looked for together, so that a
 * text is compared with what may come next and not with every phrase.
 */
import { PHRASE_TYPES, type PhraseType } from '../terms.ts';
import { AHEAD, CLASSES } from './classes.ts';
import { asItLooks } from './letters.ts';

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
  /** Of several that are found at one place the lowest counts: very words before classes, long before short. */
  readonly rank: number;
}

/** Where one is in the tree. */
export interface Branch {
  /** By the word that comes next; a class stands under each of its words. */
  readonly next: ReadonlyMap<string, readonly Branch[]>;
  /** Phrases that are complete here. */
  readonly complete: readonly Phrase[];
  /** Phrases that are complete here when what follows is of a class that only looks ahead. */
  readonly followed: readonly { readonly phrase: Phrase; readonly by: keyof typeof AHEAD }[];
}

/** Phrases made ready for `screen`. Make it once for each charter. */
export interface PhraseBook {
  readonly root: Branch;
  /** Every word of a phrase or of its classes. */
  readonly vocabulary: ReadonlySet<string>;
}

/** The neutral wording that fits each type, when the charter has it; else its first one. */
const REWRITES: Readonly<Record<PhraseType, string>> = {
  directive: 'one approach is',
  superlative: 'another option is',
  absolute: 'considerations include',
  recommendation: 'options include',
};

export function compilePhrases(data: PhraseData): PhraseBook {
  const root = newBranch();
  const vocabulary = new Set<string>();
  const listed = PHRASE_TYPES.flatMap((type) =>
    data.prescriptive[type].map((phrase) => ({ phrase, type, words: wordsOf(phrase) })),
  )
    .map((one) => ({ ...one, wide: one.words.some((word) => classOf(word) !== undefined) }))
    .sort((a, b) => Number(a.wide) - Number(b.wide) || b.words.length - a.words.length);
  listed.forEach(({ phrase, type, words, wide }, rank) => {
    const fitting = REWRITES[type];
    const suggestion = data.neutral.includes(fitting) ? fitting : (data.neutral[0] ?? '');
    const known = { phrase, type, suggestion, wide, rank };
    let branch = root;
    for (const word of words) {
      const by = classOf(word);
      if (by !== undefined && Object.hasOwn(AHEAD, by)) {
        branch.followed.push({ phrase: known, by });
        return;
      }
      branch = branchBehind(branch, word, vocabulary);
    }
    if (branch !== root) branch.complete.push(known);
  });
  return { root, vocabulary };
}

/** What is wrong with a phrase as one that can be found; undefined when nothing is. */
export function faultOf(phrase: string): { readonly code: PhraseFault; readonly name: string } | undefined {
  const kinds = wordsOf(phrase).map(classOf);
  for (const [at, kind] of kinds.entries()) {
    if (kind === undefined) continue;
    const ahead = Object.hasOwn(AHEAD, kind);
    if (!ahead && !Object.hasOwn(CLASSES, kind)) return { code: 'unknown_word_class', name: kind };
    if (ahead && (at === 0 || at < kinds.length - 1)) return { code: 'word_class_place', name: kind };
  }
  return undefined;
}
export type PhraseFault = 'unknown_word_class' | 'word_class_place';

/** Names that may stand in braces. */
export const WORD_CLASSES: readonly string[] = [...Object.keys(CLASSES), ...Object.keys(AHEAD)].sort();

interface GrowingBranch extends Branch {
  readonly next: Map<string, GrowingBranch[]>;
  readonly complete: Phrase[];
  readonly followed: { readonly phrase: Phrase; readonly by: keyof typeof AHEAD }[];
  /** By what leads here from the branch before, as it is written in the phrase. */
  readonly named: Map<string, GrowingBranch>;
}

const newBranch = (): GrowingBranch => ({ next: new Map(), complete: [], followed: [], named: new Map() });

function branchBehind(branch: GrowingBranch, word: string, vocabulary: Set<string>): GrowingBranch {
  const known = branch.named.get(word);
  if (known !== undefined) return known;
  const made = newBranch();
  branch.named.set(word, made);
  for (const meant of CLASSES[classOf(word) ?? ''] ?? [word]) {
    vocabulary.add(meant);
    const others = branch.next.get(meant);
    if (others === undefined) branch.next.set(meant, [made]);
    else others.push(made);
  }
  return made;
}

const wordsOf = (phrase: string): string[] =>
  asItLooks(phrase)
    .split(/\s+/)
    .filter((word) => word !== '');

/** What stands in braces, or nothing for a word that means itself. */
const classOf = (word: string): string | undefined =>
  word.startsWith('{') && word.endsWith('}') ? word.slice(1, -1) : undefined;
