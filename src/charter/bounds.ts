/**
 * What a bundle may be before anything but this reads it. Cedar's parser and validator recurse on what an author
 * nests and take a time that grows with every policy; inside WebAssembly a stack that is full is not an error but the
 * end of the engine, which is also the one that decides. So the author is told here, by file and line.
 */
import type { Problem } from '../basics/problem.ts';
import { cut, placeOf } from './policies.ts';

/** UTF-16 units. The shipped bundle has 60,000. */
export const MAX_BUNDLE = 400_000;
export const MAX_FILES = 100;
export const MAX_POLICIES = 250;
export const MAX_POLICY = 16_384;
/** Levels: brackets, and operators and members one behind the other. Cedar's stack ends at some 64 of one kind. */
export const MAX_NESTING = 40;

/** Codes of what is too much to be read at all. */
export const BEYOND: ReadonlySet<string> = new Set([
  'bundle_too_large',
  'too_many_files',
  'too_many_policies',
  'policy_too_large',
  'nested_too_deeply',
  'too_slow_to_read',
]);

/** Whether it is too much to be looked at: so little work that whoever decides can do it. Empty when it is not. */
export function tooLarge(files: ReadonlyMap<string, string>): Problem[] {
  let size = 0;
  for (const text of files.values()) size += text.length;
  const [first = 'charter.yaml'] = files.keys();
  const everything = { file: first, line: 1, column: 1 };
  if (size > MAX_BUNDLE) {
    return [
      { ...everything, ...tooMuch('bundle_too_large', `the bundle has ${size} characters`, MAX_BUNDLE) },
    ];
  }
  if (files.size > MAX_FILES) {
    return [{ ...everything, ...tooMuch('too_many_files', `the bundle has ${files.size} files`, MAX_FILES) }];
  }
  return [];
}

/** Everything that is too much, the first of each kind in each file. Linear in the size of the bundle. */
export function beyondBounds(files: ReadonlyMap<string, string>): Problem[] {
  const large = tooLarge(files);
  if (large.length > 0) return large;
  const problems: Problem[] = [];
  let policies = 0;
  for (const [file, text] of files) {
    if (file.endsWith('.cedar')) {
      const pieces = cut(text);
      const left = MAX_POLICIES - policies;
      policies += pieces.length;
      const surplus = pieces[Math.max(0, left)];
      if (surplus !== undefined) {
        const at = { file, ...placeOf(text, surplus.offset) };
        problems.push({
          ...at,
          ...tooMuch('too_many_policies', 'the bundle has more policies', MAX_POLICIES),
        });
        return problems;
      }
      const long = pieces.find((piece) => piece.text.length > MAX_POLICY);
      if (long !== undefined) {
        const at = { file, ...placeOf(text, long.offset) };
        problems.push({ ...at, ...tooMuch('policy_too_large', 'this policy is longer', MAX_POLICY) });
      }
    }
    const deep = file.endsWith('.yaml') ? tooDeepYaml(text) : tooDeepCedar(text);
    if (deep !== undefined) {
      const at = { file, ...placeOf(text, deep) };
      problems.push({
        ...at,
        ...tooMuch('nested_too_deeply', 'what stands here is nested more deeply', MAX_NESTING),
      });
    }
  }
  return problems;
}

function tooMuch(code: string, message: string, most: number): Pick<Problem, 'code' | 'message' | 'fix'> {
  return {
    code,
    message: `${message}; ${most} are the most`,
    fix: 'Split it, say it shorter, or use a set.',
  };
}

/** A string, a comment, an operator that joins, a word, or any other one character but a blank. */
const CEDAR = /"(?:\\.|[^"\\])*(?:"|$)|\/\/[^\n]*|&&|\|\||[-+*!.]|\bif\b|[A-Za-z_]\w*|[([{}\]),;]/g;

/**
 * Where a Cedar text exceeds the levels. Each bracket is one; in it operators one behind the other are as many, since
 * they are parsed as one within the other.
 */
function tooDeepCedar(text: string): number | undefined {
  const outer: { readonly depth: number; readonly joined: number; readonly run: number }[] = [];
  let depth = 0;
  let joined = 0;
  let run = 0;
  for (const { 0: token, index } of text.matchAll(CEDAR)) {
    if (token === '(' || token === '[' || token === '{') {
      outer.push({ depth, joined, run });
      depth += 1 + joined + run;
      joined = 0;
      run = 0;
    } else if (token === ')' || token === ']' || token === '}') {
      const before = outer.pop();
      depth = before?.depth ?? 0;
      joined = before?.joined ?? 0;
      // `a["b"]["c"]` is as deep as `a.b.c`.
      run = (before?.run ?? 0) + (token === ']' ? 1 : 0);
    } else if (token === ';' || token === ',') {
      joined = 0;
      run = 0;
    } else if (token === '.') run += 1;
    else if (/^(?:&&|\|\||[-+*!]|if)$/.test(token)) {
      joined += 1;
      run = 0;
    }
    if (depth + joined + run > MAX_NESTING) return index;
  }
  return undefined;
}

/** Flow brackets, and sequences and keys that open on one line; deeper indentation needs more characters than may be. */
function tooDeepYaml(text: string): number | undefined {
  let flow = 0;
  let offset = 0;
  for (const line of text.split('\n')) {
    const indent = /^[ \t-]*/.exec(line)?.[0] ?? '';
    if (indent.length > MAX_NESTING * 4) return offset;
    // Quoted texts hold no brackets that count.
    const bare = line.replace(/"(?:\\.|[^"\\])*"|'[^']*'|#.*$/g, (all) => ' '.repeat(all.length));
    for (const { 0: bracket, index } of bare.matchAll(/[[\]{}]/g)) {
      flow = bracket === '[' || bracket === '{' ? flow + 1 : Math.max(0, flow - 1);
      if (flow > MAX_NESTING) return offset + index;
    }
    offset += line.length + 1;
  }
  return undefined;
}
