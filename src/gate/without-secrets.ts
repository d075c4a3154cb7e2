/** What a server answers, without the secrets that the charter names: in its structure, and in its texts that are JSON. */
import { isDeeperThan, MOST_LEVELS } from '../basics/depth.ts';
import type { Charter } from '../charter/charter.ts';
import { filterParameters } from '../charter/secrets.ts';
import type { Json, JsonObject } from '../json.ts';

export interface Cleaned {
  /** As it came. */
  readonly answer: JsonObject;
  readonly result: JsonObject;
  /** JSON Pointers into the answer, and on into a text; the first of them. */
  readonly stripped: string[];
}

const MOST_STRIPPED = 20;
/** Where an answer has texts: of a tool, a resource, a prompt. */
const SPOKEN = ['content', 'contents', 'messages'] as const;

/** Undefined where a text is JSON that nobody can look through. */
export function withoutSecrets(charter: Charter, answer: JsonObject): Cleaned | undefined {
  const stripped: string[] = [];
  let isClear = true;

  function clean(value: Json, at: string): Json {
    if (Array.isArray(value)) return value.map((each, index) => clean(each, `${at}/${index}`));
    if (!isObject(value)) return value;
    const { parameters, paths } = filterParameters(charter, value);
    stripped.push(...paths.map((path) => `${at}${path.slice('/parameters'.length)}`));
    return parameters;
  }

  function cleanText(text: string, at: string): string {
    const inner = jsonIn(text);
    if (inner === undefined) return text;
    if (isDeeperThan(inner, MOST_LEVELS)) isClear = false;
    if (!isClear) return text;
    const before = stripped.length;
    const cleaned = clean(inner, at);
    return stripped.length === before ? text : JSON.stringify(cleaned);
  }

  function texts(value: Json, at: string): Json {
    if (Array.isArray(value)) return value.map((each, index) => texts(each, `${at}/${index}`));
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([name, inner = null]): [string, Json] => {
      const here = `${at}/${name}`;
      return [
        name,
        name === 'text' && typeof inner === 'string' ? cleanText(inner, here) : texts(inner, here),
      ];
    });
    return Object.fromEntries(entries);
  }

  const { structuredContent } = answer;
  const result: JsonObject = {
    ...answer,
    ...(isObject(structuredContent)
      ? { structuredContent: clean(structuredContent, '/structuredContent') }
      : {}),
    ...Object.fromEntries(
      SPOKEN.flatMap((name) => {
        const said = answer[name];
        return said === undefined ? [] : [[name, texts(said, `/${name}`)]];
      }),
    ),
  };
  return isClear ? { answer, result, stripped: stripped.slice(0, MOST_STRIPPED) } : undefined;
}

function jsonIn(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    // Only looks like JSON: nothing in it has a name.
    return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
