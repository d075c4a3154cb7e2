/** YAML that remembers where everything stands, so that a mistake is named by line and column. */
import { isMap, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { Problem } from './problem.ts';

export type Path = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlFile {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at a path stands; the nearest enclosing value when it is absent. */
  locate(path: Path): Place;
}

export function readYaml(file: string, text: string): YamlFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };

  const problems: Problem[] = document.errors.map((error) => ({
    file,
    ...place(error.pos[0]),
    code: error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'yaml_syntax',
    message: error.message,
    fix:
      error.code === 'DUPLICATE_KEY'
        ? 'Keep one of the two; a reader cannot know which one counts.'
        : 'Mend the YAML at this place.',
  }));

  function locate(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const parent = document.getIn(path.slice(0, length - 1), true);
      const key = path[length - 1];
      if (isMap(parent)) {
        // The key, not the value: it is the word that the reader looks for.
        const pair = parent.items.find((item) => String(item.key) === String(key));
        const range = rangeOf(pair?.key);
        if (range !== undefined) return place(range);
      }
      const range = rangeOf(document.getIn(path.slice(0, length), true));
      if (range !== undefined) return place(range);
    }
    return { line: 1, column: 1 };
  }

  // An alias bomb must not unfold: 100 aliases are more than any charter needs.
  const value: unknown = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
  return { value, problems, locate };
}

/** Parses the value against its schema; what does not fit becomes problems at their places. */
export function shapeOf<T>(
  file: string,
  yaml: YamlFile,
  schema: z.ZodType<T>,
): { readonly value?: T; readonly problems: readonly Problem[] } {
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  const parsed = schema.safeParse(yaml.value, { reportInput: true });
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { problems: parsed.error.issues.map((issue) => problemOf(file, yaml, issue)) };
}

function problemOf(file: string, yaml: YamlFile, issue: z.core.$ZodIssue): Problem {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const at = path.join('.') || 'the document';
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return {
      file,
      ...yaml.locate([...path, key]),
      code: 'unknown_key',
      message: `${at} has no key ${issue.keys.map((name) => `"${name}"`).join(', ')}`,
      fix: 'Remove it or correct its spelling; docs/charter.md lists the keys.',
    };
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return {
      file,
      ...yaml.locate(path),
      code: 'missing_key',
      message: `${at} is missing`,
      fix: `Add "${path.at(-1) ?? 'it'}" (${issue.expected}).`,
    };
  }
  return {
    file,
    ...yaml.locate(path),
    code: path[0] === 'violation_policy' && path.length === 1 ? 'wrong_level_count' : 'invalid_value',
    message: `${at}: ${issue.message}`,
    fix:
      path[0] === 'violation_policy'
        ? 'Give exactly four levels: WARNING, SUSPENSION, BAN, CRIMINAL, each with an action.'
        : `Correct the value of ${at}.`,
  };
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}
