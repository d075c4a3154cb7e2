/**
 * Strict JSON at the door. Two readers of one document must not see different things, so what RFC 8259
 * leaves open is refused: repeated names, text that is not UTF-8, lone surrogates, numbers beyond a double,
 * and names that some code would take for a prototype.
 *
 * JSON.parse checks the grammar. One pass over the bytes before it bounds the depth and counts the members;
 * one walk over the value after it counts them again: fewer in the value means that a name was repeated.
 */
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';

/** Levels of arrays and objects. No request of ours needs ten. */
export const MAX_DEPTH = 64;

export type JsonFault =
  | 'invalid_utf8'
  | 'invalid_json'
  | 'too_deep'
  | 'duplicate_key'
  | 'forbidden_key'
  | 'number_out_of_range'
  | 'lone_surrogate';

const MESSAGES: Readonly<Record<JsonFault, string>> = {
  invalid_utf8: 'the text is not UTF-8',
  invalid_json: 'the text is not JSON',
  too_deep: `the value is nested more than ${MAX_DEPTH} levels deep`,
  duplicate_key: 'a name stands twice in one object',
  forbidden_key: 'the name is reserved',
  number_out_of_range: 'the number is too large',
  lone_surrogate: 'the text holds half a character',
};

/** `reason.code` is the failure_reason `schema_error`; `fault` says which kind. */
export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly fault: JsonFault; readonly reason: Reason };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function parseStrict(bytes: Uint8Array): Parsed {
  const members = countMembers(bytes);
  if (members === undefined) return fault('too_deep');
  let text: string;
  try {
    // A byte order mark stays in and is then no JSON (RFC 8259 §8.1).
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fault('invalid_utf8');
  }
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return fault('invalid_json');
  }
  // UTF-8 has no surrogates: only an escape can bring one in.
  const walk: Walk = { members: 0, escapes: text.includes('\\u'), path: [] };
  const found = walkValue(value, walk);
  if (found !== undefined) return fault(found, pointer(walk.path));
  return walk.members === members ? { ok: true, value } : fault('duplicate_key', findDuplicate(text));
}

const BYTE = {
  quote: 0x22,
  backslash: 0x5c,
  colon: 0x3a,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** Colons outside of texts are members. Undefined when too deep: seen before anything is built. */
function countMembers(bytes: Uint8Array): number | undefined {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case BYTE.quote:
        i = endOfText(bytes, i + 1);
        break;
      case BYTE.colon:
        members++;
        break;
      case BYTE.openBrace:
      case BYTE.openBracket:
        if (++depth > MAX_DEPTH) return undefined;
        break;
      case BYTE.closeBrace:
      case BYTE.closeBracket:
        depth--;
        break;
    }
  }
  return members;
}

/** Index of the closing quote, or the length. */
function endOfText(bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === BYTE.quote) return i;
    if (byte === BYTE.backslash) i++;
  }
  return bytes.length;
}

interface Walk {
  members: number;
  readonly escapes: boolean;
  /** Where the walk is; left as it was when a fault is found. */
  readonly path: (string | number)[];
}

function walkValue(value: Json, walk: Walk): JsonFault | undefined {
  switch (typeof value) {
    case 'string':
      return walk.escapes && !value.isWellFormed() ? 'lone_surrogate' : undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : 'number_out_of_range';
    case 'object':
      if (value === null) return undefined;
      return Array.isArray(value) ? walkItems(value, walk) : walkMembers(value, walk);
    default:
      return undefined;
  }
}

function walkItems(items: readonly Json[], walk: Walk): JsonFault | undefined {
  let index = 0;
  for (const item of items) {
    walk.path.push(index++);
    const found = walkValue(item, walk);
    if (found !== undefined) return found;
    walk.path.pop();
  }
  return undefined;
}

function walkMembers(members: JsonObject, walk: Walk): JsonFault | undefined {
  for (const name of Object.keys(members)) {
    walk.members++;
    walk.path.push(name);
    if (FORBIDDEN_KEYS.has(name)) return 'forbidden_key';
    if (walk.escapes && !name.isWellFormed()) return 'lone_surrogate';
    const value = members[name];
    const found = value === undefined ? undefined : walkValue(value, walk);
    if (found !== undefined) return found;
    walk.path.pop();
  }
  return undefined;
}

/**
 * Where the first repeated name stands. Only called on valid JSON that is known to hold one, so it may be
 * slow and simple: it follows the tokens with a stack of the names seen.
 */
function findDuplicate(text: string): string {
  interface Level {
    /** Undefined in an array. */
    readonly names: Set<string> | undefined;
    at: string | number;
    expectsName: boolean;
  }
  const levels: Level[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const level = levels.at(-1);
    if (token === '{') levels.push({ names: new Set(), at: '', expectsName: true });
    else if (token === '[') levels.push({ names: undefined, at: 0, expectsName: false });
    else if (token === '}' || token === ']') levels.pop();
    else if (level === undefined) continue;
    else if (token === ',') {
      level.expectsName = level.names !== undefined;
      if (typeof level.at === 'number') level.at++;
    } else if (level.expectsName) {
      level.at = String(JSON.parse(token));
      level.expectsName = false;
      if (level.names?.has(level.at)) return pointer(levels.map(({ at }) => at));
      level.names?.add(level.at);
    }
  }
  return '';
}

/** RFC 6901. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fault(kind: JsonFault, path = ''): Parsed {
  const reason: Reason = { code: 'schema_error', path, message: MESSAGES[kind], kind: 'invalid' };
  return { ok: false, fault: kind, reason };
}
