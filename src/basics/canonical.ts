/**
 * RFC 8785, JSON Canonicalization Scheme. Every record, digest and sealed text is made by it: the library that does it
 * takes three times as long, and is what this is tested against.
 *
 * What is hashed, sealed and stored is bytes, so bytes are written, one value after another to the same page: no text is
 * put together first, and what is only read takes no memory.
 */
import { ChanceryError } from '../errors.ts';
import { memberOrder } from './member-order.ts';

/** Larger than a record. A value that needs more gets a page for itself, until the next. */
const PAGE_BYTES = 64 * 1024;

const kept = new Uint8Array(PAGE_BYTES);
let page = kept;
/** Of what is written. */
let end = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The one form of a JSON value, in UTF-8. Throws VALIDATION_ERROR for what JSON cannot say (NaN, a lone surrogate). */
export const canonicalBytes = (value: unknown): Uint8Array => overCanonical(value, (bytes) => bytes.slice());

/** The same as text. */
export const canonicalJson = (value: unknown): string =>
  overCanonical(value, (bytes) => decoder.decode(bytes));

/** What `read` makes of the same bytes. They are there until it returns, and meanwhile nothing else is made canonical. */
export function overCanonical<T>(value: unknown, read: (bytes: Uint8Array) => T): T {
  page = kept;
  end = 0;
  try {
    writeValue(value);
  } catch (cause) {
    throw new ChanceryError('VALIDATION_ERROR', 'A value has no canonical JSON form (RFC 8785).', { cause });
  }
  return read(page.subarray(0, end));
}

const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  space: 0x20,
  tilde: 0x7e,
} as const;

/** Section 3.2.2: as ECMAScript writes them; a number that has no such text is none. */
function writeValue(value: unknown): void {
  switch (typeof value) {
    case 'string':
      writeText(value);
      break;
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} is no number of JSON`);
      writeAscii(String(value));
      break;
    case 'boolean':
      writeAscii(String(value));
      break;
    case 'object':
      if (value === null) writeAscii('null');
      else if (Array.isArray(value)) writeItems(value);
      else writeMembers(value);
      break;
    default:
      throw new TypeError(`JSON has no ${typeof value}`);
  }
}

function writeItems(items: readonly unknown[]): void {
  writeByte(BYTE.openBracket);
  for (let at = 0; at < items.length; at += 1) {
    if (at > 0) writeByte(BYTE.comma);
    writeValue(items[at]);
  }
  writeByte(BYTE.closeBracket);
}

/** Section 3.2.3. A member that is undefined is absent. */
function writeMembers(object: object): void {
  const names = Object.keys(object);
  const values: readonly unknown[] = Object.values(object);
  writeByte(BYTE.openBrace);
  const first = end;
  for (const at of memberOrder(names)) {
    const [name, value] = [names[at], values[at]];
    if (name === undefined || value === undefined) continue;
    if (end > first) writeByte(BYTE.comma);
    writeText(name);
    writeByte(BYTE.colon);
    writeValue(value);
  }
  writeByte(BYTE.closeBrace);
}

/** Most of a record stands between quotes as it is. */
function writeText(text: string): void {
  makeRoom(text.length + 2);
  const to = page;
  let next = end;
  to[next++] = BYTE.quote;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < BYTE.space || unit > BYTE.tilde || unit === BYTE.quote || unit === BYTE.backslash) {
      writeEscaped(text);
      return;
    }
    to[next++] = unit;
  }
  to[next++] = BYTE.quote;
  end = next;
}

function writeEscaped(text: string): void {
  if (!text.isWellFormed()) throw new RangeError('the text holds half a character');
  const quoted = JSON.stringify(text);
  // No unit of UTF-16 takes more in UTF-8.
  makeRoom(3 * quoted.length);
  end += encoder.encodeInto(quoted, page.subarray(end)).written;
}

function writeAscii(text: string): void {
  makeRoom(text.length);
  for (let at = 0; at < text.length; at += 1) page[end++] = text.charCodeAt(at);
}

function writeByte(byte: number): void {
  makeRoom(1);
  page[end++] = byte;
}

function makeRoom(bytes: number): void {
  if (end + bytes <= page.length) return;
  const larger = new Uint8Array(2 * (end + bytes));
  larger.set(page.subarray(0, end));
  page = larger;
}
