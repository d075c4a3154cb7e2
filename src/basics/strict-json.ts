/**
 * Strict JSON at the door. Two readers of one document must not see different things, so what RFC 8259
 * leaves open is refused (RFC 7493): repeated names, text that is not UTF-8, lone surrogates, numbers that do
 * not survive being read as a double, and names that some code would take for a prototype.
 *
 * JSON.parse checks the grammar. One pass over the bytes before it bounds the depth, counts the members and
 * looks at each number; one walk over the value after it counts the members again: fewer in the value means
 * that a name was repeated.
 */
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';

/** Levels of arrays and objects. No request of ours needs ten. */
export const MAX_DEPTH = 64;

/** UTF-16 units of a path in a reason. */
const LONGEST_PATH = 512;

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
  number_out_of_range:
    'the number would be read as another one; write integers beyond 9007199254740991 and longer fractions as text',
  lone_surrogate: 'the text holds half a character',
};

/** `reason.code` is the failure_reason `schema_error`; `fault` says which kind. */
export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly fault: JsonFault; readonly reason: Reason };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface Strictness {
  /** `any`: also numbers that would be read as others, and half characters, in what is checked member by member later. */
  readonly values?: 'exact' | 'any';
  /** Levels of arrays and objects; what is short needs no bound. */
  readonly depth?: number;
}

/** A byte order mark stays in and is then no JSON (RFC 8259 §8.1). */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseStrict(
  bytes: Uint8Array,
  { values = 'exact', depth = MAX_DEPTH }: Strictness = {},
): Parsed {
  const survey = surveyOf(bytes, depth);
  if (survey === undefined) return fault('too_deep');
  let text: string;
  try {
    text = utf8.decode(bytes);
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
  const walk: Walk = { members: 0, escapes: values === 'exact' && text.includes('\\u'), path: [] };
  const found = walkValue(value, walk);
  if (found !== undefined) return fault(found, pointer(walk.path));
  if (walk.members !== survey.members) return fault('duplicate_key', pathOf(text, isRepeated));
  return survey.inexact && values === 'exact'
    ? fault(
        'number_out_of_range',
        pathOf(text, ({ token }) => isInexact(token)),
      )
    : { ok: true, value };
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

interface Survey {
  readonly members: number;
  /** A number in it would be read as another one. */
  readonly inexact: boolean;
}

/** Colons outside of texts are members. Undefined when too deep: seen before anything is built. */
function surveyOf(bytes: Uint8Array, most: number): Survey | undefined {
  let members = 0;
  let depth = 0;
  let inexact = false;
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
        if (++depth > most) return undefined;
        break;
      case BYTE.closeBrace:
      case BYTE.closeBracket:
        depth--;
        break;
      default: {
        const end = endOfNumber(bytes, i);
        if (end === i) break;
        inexact ||=
          mayBeInexact(bytes, i, end) && isInexact(Buffer.from(bytes.subarray(i, end)).toString('latin1'));
        i = end - 1;
      }
    }
  }
  return { members, inexact };
}

/** A double holds every number of up to 15 digits; with three characters, also of any exponent. */
function mayBeInexact(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > 15) return true;
  for (let i = from; end - from > 3 && i < end; i++) if (bytes[i] === 0x65 || bytes[i] === 0x45) return true;
  return false;
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Where the number that begins here ends; the same place when none begins. */
function endOfNumber(bytes: Uint8Array, from: number): number {
  let end = from;
  for (; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    const digit = byte >= 0x30 && byte <= 0x39;
    // Inside a number also + . E e; outside of one these begin nothing.
    const part = byte === 0x2b || byte === 0x2e || byte === 0x45 || byte === 0x65;
    if (!digit && byte !== 0x2d && !(part && end > from)) break;
  }
  return end;
}

/**
 * Whether a number as written is not the number that is read (RFC 7493 §2.2): an integer beyond 2^53 - 1 is
 * taken for its neighbour by some reader, and digits that a double cannot hold are lost.
 */
function isInexact(written: string): boolean {
  const read = Number(written);
  if (Math.abs(read) > Number.MAX_SAFE_INTEGER) return true;
  const before = decimalOf(written);
  return before !== undefined && before !== decimalOf(String(read));
}

/** Digits without zeros at either end, and the power of ten of the last: two spellings of one number are equal. */
function decimalOf(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.length - zerosAtEnd(digits);
  return kept === 0
    ? '0'
    : `${digits.slice(0, kept)}e${Number(exponent) - fraction.length + digits.length - kept}`;
}

/** Counted from the end: a pattern for it would begin anew at each zero. */
function zerosAtEnd(digits: string): number {
  let zeros = 0;
  while (digits.charAt(digits.length - 1 - zeros) === '0') zeros++;
  return zeros;
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

interface Level {
  /** Names seen; undefined in an array. */
  readonly names: Set<string> | undefined;
  at: string | number;
  expectsName: boolean;
}

interface Token {
  readonly token: string;
  /** The name that the token is, where one is expected. */
  readonly name?: string;
  readonly names?: ReadonlySet<string> | undefined;
}

const isRepeated = ({ name, names }: Token): boolean => name !== undefined && names?.has(name) === true;

/**
 * Where the first token of this kind stands. Only called on valid JSON that is known to hold one, so it may be
 * slow and simple: it follows the tokens with a stack of the names seen.
 */
function pathOf(text: string, wanted: (token: Token) => boolean): string {
  const levels: Level[] = [];
  const here = () => pointer(levels.map(({ at }) => at));
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]|-?\d[\d.eE+-]*/g)) {
    const level = levels.at(-1);
    if (level?.expectsName === true && token.startsWith('"')) {
      level.at = String(JSON.parse(token));
      level.expectsName = false;
      if (wanted({ token, name: level.at, names: level.names })) return here();
      level.names?.add(level.at);
    } else if (wanted({ token })) return here();
    else if (token === '{') levels.push({ names: new Set(), at: '', expectsName: true });
    else if (token === '[') levels.push({ names: undefined, at: 0, expectsName: false });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level !== undefined) {
      level.expectsName = level.names !== undefined;
      if (typeof level.at === 'number') level.at++;
    }
  }
  return '';
}

/** RFC 6901. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The path is made of the caller's names, and a refusal is recorded whatever they are. */
function fault(kind: JsonFault, written = ''): Parsed {
  const path = written.slice(0, LONGEST_PATH).toWellFormed();
  const reason: Reason = { code: 'schema_error', path, message: MESSAGES[kind], kind: 'invalid' };
  return { ok: false, fault: kind, reason };
}
