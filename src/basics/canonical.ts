/**
 * RFC 8785, JSON Canonicalization Scheme. Every record, digest and sealed text is made by it: the library that does it
 * takes three times as long, and is what this is tested against.
 */
import { ChanceryError } from '../errors.ts';
import { Recent } from './recent.ts';

/** Names of members as they are written, with their colon: every record has the same. */
const written = new Recent<string>(2_000);
const LONGEST_NAME = 64;

/** The one text of a JSON value. Throws VALIDATION_ERROR for what JSON cannot say (NaN, a lone surrogate). */
export function canonicalJson(value: unknown): string {
  try {
    return textOf(value);
  } catch (cause) {
    throw new ChanceryError('VALIDATION_ERROR', 'A value has no canonical JSON form (RFC 8785).', { cause });
  }
}

/** Section 3.2.2: as ECMAScript writes them; a number that has no such text is none. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} is no number of JSON`);
      return String(value);
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(textOf).join()}]` : membersOf(value);
    default:
      throw new TypeError(`JSON has no ${typeof value}`);
  }
}

/** Section 3.2.3: sorted by UTF-16 code units, as `sort` does by itself. A member that is undefined is absent. */
function membersOf(object: object): string {
  let text = '';
  for (const name of Object.keys(object).sort()) {
    const value: unknown = Reflect.get(object, name);
    if (value !== undefined) text += `${text === '' ? '' : ','}${nameOf(name)}${textOf(value)}`;
  }
  return `{${text}}`;
}

function nameOf(name: string): string {
  const known = written.get(name);
  if (known !== undefined) return known;
  const text = `${quoted(name)}:`;
  return name.length > LONGEST_NAME ? text : written.keep(name, text);
}

/** What stands between quotes as it is: most of a record. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new RangeError('the text holds half a character');
  return JSON.stringify(text);
}
