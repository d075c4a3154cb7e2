/**
 * The phrases of a charter, as a tree over their words: phrases that begin alike are looked for together, so that a
 * text is compared with what may come next and not with every phrase.
 */
import { PHRASE_TYPES, type PhraseType } from '../terms.ts';
import { CLASSES } from './classes.ts';
import { isLooking, isSpelled, type LookingClass, type PhrasePart, partsOf } from './phrase-form.ts';

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
  readonly followed: readonly { readonly phrase: Phrase; readonly by: LookingClass }[];
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
    data.prescriptive[type].map((phrase) => ({ phrase, type, parts: partsOf(phrase) })),
  )
    .map((one) => ({ ...one, wide: one.parts.some(({ named }) => named !== undefined) }))
    .sort((a, b) => Number(a.wide) - Number(b.wide) || b.parts.length - a.parts.length);
  listed.forEach(({ phrase, type, parts, wide }, rank) => {
    const fitting = REWRITES[type];
    const suggestion = data.neutral.includes(fitting) ? fitting : (data.neutral[0] ?? '');
    const known = { phrase, type, suggestion, wide, rank };
    let branch = root;
    for (const part of parts) {
      if (isLooking(part.named)) {
        branch.followed.push({ phrase: known, by: part.named });
        return;
      }
      branch = branchBehind(branch, part, vocabulary);
    }
    if (branch !== root) branch.complete.push(known);
  });
  return { root, vocabulary };
}

interface GrowingBranch extends Branch {
  readonly next: Map<string, GrowingBranch[]>;
  readonly complete: Phrase[];
  readonly followed: { readonly phrase: Phrase; readonly by: LookingClass }[];
  /** By what leads here from the branch before, as it is written in the phrase. */
  readonly named: Map<string, GrowingBranch>;
}

const newBranch = (): GrowingBranch => ({ next: new Map(), complete: [], followed: [], named: new Map() });

function branchBehind(branch: GrowingBranch, part: PhrasePart, vocabulary: Set<string>): GrowingBranch {
  const { text, named } = part;
  const known = branch.named.get(text);
  if (known !== undefined) return known;
  const made = newBranch();
  branch.named.set(text, made);
  for (const meant of isSpelled(named) ? CLASSES[named] : [text]) {
    vocabulary.add(meant);
    const others = branch.next.get(meant);
    if (others === undefined) branch.next.set(meant, [made]);
    else others.push(made);
  }
  return made;
}
