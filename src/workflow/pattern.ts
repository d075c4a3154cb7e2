/**
 * Regular expressions from callers, matched in time proportional to text × pattern whatever they say: all
 * ways to match are followed at once (Thompson, "Regular expression search algorithm", CACM 11(6), 1968), so
 * nothing backtracks. JavaScript's own engine takes exponential time on `^(a+)+$`; the RE2 port for it would be a
 * seventh of what a function's bundle may weigh.
 *
 * Known: literals, `.`, classes, `\d \w \s \b` and their opposites, groups, `|`, `* + ? {m,n}`, `^ $`, a leading
 * `(?i)`. They mean what they mean in JavaScript with the `u` flag. What needs backtracking (look-around,
 * back-references) is no pattern here.
 */
type Test = (character: string) => boolean;

type Node =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'at'; readonly place: Place }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number };

type Place = 'start' | 'end' | 'edge' | 'no-edge';

type Step =
  | { readonly kind: 'one'; readonly test: Test; readonly next: number }
  | { readonly kind: 'at'; readonly place: Place; readonly next: number }
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'match' };

export interface Pattern {
  readonly steps: readonly Step[];
  readonly start: number;
}

const LONGEST = 500;
const MOST_STEPS = 2_000;
const MOST_REPEATS = 1_000;
const DEEPEST = 50;
const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };
const CLASSES: Readonly<Record<string, Test>> = {
  d: (c) => /\d/u.test(c),
  D: (c) => /\D/u.test(c),
  w: (c) => /\w/u.test(c),
  W: (c) => /\W/u.test(c),
  s: (c) => /\s/u.test(c),
  S: (c) => /\S/u.test(c),
};

class NoPattern extends Error {}

/** Undefined when the text is no pattern that can be matched this way. */
export function compilePattern(text: string): Pattern | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    const anyCase = text.startsWith('(?i)');
    const node = new Parser([...(anyCase ? text.slice(4) : text)], anyCase).pattern();
    return assemble(node);
  } catch (error) {
    if (error instanceof NoPattern) return undefined;
    throw error;
  }
}

/** Steps that may still be taken (about 50 ns each); shared by all that one request asks for. */
export interface Allowance {
  left: number;
}

/** Is the pattern found anywhere in the text? Undefined when the allowance ran out before that was known. */
export function isFound({ steps, start }: Pattern, text: string, allowance: Allowance): boolean | undefined {
  allowance.left -= text.length;
  if (allowance.left < 0) return undefined;
  const characters = [...text];
  const seen = new Int32Array(steps.length).fill(-1);
  let now: number[] = [];
  for (let place = 0; place <= characters.length; place += 1) {
    const following: number[] = [];
    const open = [start, ...now].reverse();
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen[at] === place) continue;
      seen[at] = place;
      allowance.left -= 1;
      const step = steps[at];
      if (step === undefined) continue;
      if (step.kind === 'match') return true;
      if (step.kind === 'fork') open.push(...step.to);
      else if (step.kind === 'at') {
        if (isAt(step.place, characters, place)) open.push(step.next);
      } else {
        const character = characters[place];
        if (character !== undefined && step.test(character)) following.push(step.next);
      }
    }
    if (allowance.left < 0) return undefined;
    now = following;
  }
  return false;
}

function isAt(place: Place, characters: readonly string[], at: number): boolean {
  if (place === 'start') return at === 0;
  if (place === 'end') return at === characters.length;
  const isWord = (character: string | undefined) => character !== undefined && /\w/u.test(character);
  return (isWord(characters[at - 1]) !== isWord(characters[at])) === (place === 'edge');
}

/** From the end to the beginning, so that each step knows what follows it. */
function assemble(node: Node): Pattern {
  const steps: Step[] = [{ kind: 'match' }];
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new NoPattern();
    return steps.push(step) - 1;
  };
  const build = (part: Node, next: number): number => {
    switch (part.kind) {
      case 'one':
        return add({ kind: 'one', test: part.test, next });
      case 'at':
        return add({ kind: 'at', place: part.place, next });
      case 'all':
        return part.of.reduceRight((follows, inner) => build(inner, follows), next);
      case 'any':
        return add({ kind: 'fork', to: part.of.map((inner) => build(inner, next)) });
      case 'repeat': {
        let entry = next;
        if (part.max === Number.POSITIVE_INFINITY) {
          const loop: Step = { kind: 'fork', to: [next] };
          entry = add(loop);
          loop.to = [build(part.of, entry), next];
        } else
          for (let times = part.min; times < part.max; times += 1)
            entry = add({ kind: 'fork', to: [build(part.of, entry), next] });
        for (let times = 0; times < part.min; times += 1) entry = build(part.of, entry);
        return entry;
      }
    }
  };
  return { start: build(node, 0), steps };
}

class Parser {
  readonly #text: readonly string[];
  readonly #anyCase: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: readonly string[], anyCase: boolean) {
    this.#text = text;
    this.#anyCase = anyCase;
  }

  pattern(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) throw new NoPattern();
    return node;
  }

  #take(expected?: string): string {
    const character = this.#text[this.#at];
    if (character === undefined || (expected !== undefined && character !== expected)) throw new NoPattern();
    this.#at += 1;
    return character;
  }

  #skip(text: string): boolean {
    const found = this.#text.slice(this.#at, this.#at + text.length).join('') === text;
    if (found) this.#at += text.length;
    return found;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #alternatives(): Node {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new NoPattern();
    const of = [this.#sequence()];
    while (this.#skip('|')) of.push(this.#sequence());
    this.#depth -= 1;
    return { kind: 'any', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      of.push(this.#repeated(this.#atom()));
    return { kind: 'all', of };
  }

  #repeated(of: Node): Node {
    const bounds = this.#bounds();
    if (bounds === undefined) return of;
    const [min, max] = bounds;
    const countable = max === Number.POSITIVE_INFINITY ? min : max;
    if (of.kind === 'at' || min > max || countable > MOST_REPEATS) throw new NoPattern();
    this.#skip('?'); // lazy or greedy: what is found is the same
    return { kind: 'repeat', of, min, max };
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#skip('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#skip('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#skip('?')) return [0, 1];
    if (!this.#skip('{')) return undefined;
    const min = this.#number();
    let max = min;
    if (this.#skip(',')) max = this.#peek() === '}' ? Number.POSITIVE_INFINITY : this.#number();
    this.#take('}');
    return [min, max];
  }

  #number(): number {
    let digits = '';
    while (/^[0-9]$/.test(this.#peek() ?? '')) digits += this.#take();
    if (digits === '') throw new NoPattern();
    return Number(digits);
  }

  #atom(): Node {
    const character = this.#take();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#one(this.#set());
      case '.':
        return this.#one((c) => !/[\n\r\u2028\u2029]/.test(c));
      case '^':
        return { kind: 'at', place: 'start' };
      case '$':
        return { kind: 'at', place: 'end' };
      case '\\':
        if (this.#skip('b')) return { kind: 'at', place: 'edge' };
        if (this.#skip('B')) return { kind: 'at', place: 'no-edge' };
        return this.#one(testOf(this.#escape()));
      default:
        if ('*+?{}]'.includes(character)) throw new NoPattern();
        return this.#one(testOf(character));
    }
  }

  #group(): Node {
    if (this.#skip('?') && !this.#skip(':')) {
      this.#take('<');
      if (this.#peek() === '=' || this.#peek() === '!') throw new NoPattern();
      while (this.#peek() !== '>') if (!/^\w$/.test(this.#take())) throw new NoPattern();
      this.#take('>');
    }
    const node = this.#alternatives();
    this.#take(')');
    return node;
  }

  #one(test: Test): Node {
    if (!this.#anyCase) return { kind: 'one', test };
    return { kind: 'one', test: (c) => test(c) || test(c.toLowerCase()) || test(c.toUpperCase()) };
  }

  /** A character, or the test of a class such as `\d`; the backslash is taken already. */
  #escape(): string | Test {
    const character = this.#take();
    const known = CLASSES[character] ?? ESCAPED[character];
    if (known !== undefined) return known;
    if (character === 'x') return this.#hex(2);
    if (character === 'u') return this.#hex(4);
    if (!/^[\^$\\.*+?()[\]{}|/-]$/.test(character)) throw new NoPattern();
    return character;
  }

  #hex(length: number): string {
    const digits = this.#text.slice(this.#at, this.#at + length).join('');
    if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) throw new NoPattern();
    this.#at += length;
    return String.fromCodePoint(Number.parseInt(digits, 16));
  }

  #set(): Test {
    const negated = this.#skip('^');
    const tests: Test[] = [];
    while (this.#peek() !== ']') {
      const from = this.#member();
      const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']';
      if (!isRange) {
        tests.push(testOf(from));
        continue;
      }
      this.#take('-');
      const to = this.#member();
      if (typeof from !== 'string' || typeof to !== 'string') throw new NoPattern();
      const [low, high] = [codeOf(from), codeOf(to)];
      if (low > high) throw new NoPattern();
      tests.push((c) => codeOf(c) >= low && codeOf(c) <= high);
    }
    this.#take(']');
    return (c) => tests.some((test) => test(c)) !== negated;
  }

  #member(): string | Test {
    const character = this.#take();
    return character === '\\' ? this.#escape() : character;
  }
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
const testOf = (member: string | Test): Test => (typeof member === 'string' ? (c) => c === member : member);
