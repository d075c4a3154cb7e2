/**
 * YAML that remembers where everything stands, so that a mistake is named by line and column. JSON is read as
 * the YAML that it is.
 */
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { Problem } from './problem.ts';

export type Path = readonly (string | number)[];

export interface LinePlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlFile {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at a path stands; the nearest enclosing value when it is absent. */
  locate(path: Path): LinePlace;
}

export type ReadYaml = (file: string, text: string) => YamlFile;

/**
 * What stands in a file, or where it cannot be read. JSON exactly as `JSON.stringify` writes it can have no mistake and
 * no key twice: it is taken without a parser of YAML, which is then only needed to say where something stands.
 */
export function readYaml(file: string, text: string): YamlFile {
  const json = canonicalJson(text);
  if (json === undefined) return parseYaml(file, text);
  return { value: json.value, problems: [], locate: (path) => parseYaml(file, text).locate(path) };
}

function canonicalJson(text: string): { readonly value: unknown } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? { value } : undefined;
  } catch {
    // Not JSON, or not all of it: YAML says where.
    return undefined;
  }
}

function parseYaml(file: string, text: string): YamlFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): LinePlace => {
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

  function locate(path: Path): LinePlace {
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

  if (problems.length > 0) return { value: undefined, problems, locate };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { value, problems, locate };
  } catch (error) {
    // An alias bomb, or an alias of what is not there: the parser only says so when it unfolds them.
    const message = error instanceof Error ? error.message : String(error);
    const fix = `Write it out; at most ${MOST_ALIASES} aliases are followed.`;
    const problem = { file, line: 1, column: 1, code: 'yaml_syntax', message, fix };
    return { value: undefined, problems: [problem], locate };
  }
}

/** More than any file of ours needs. */
const MOST_ALIASES = 100;

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}
