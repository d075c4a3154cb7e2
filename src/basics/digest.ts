/** Digests that bind an approval, a capability and a record to exactly what was asked. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ChanceryError } from '../errors.ts';
import type { Json } from '../json.ts';

/** RFC 8785 text of a JSON value. Throws INTERNAL_ERROR for what JSON cannot hold (NaN, lone surrogates). */
export function canonicalJson(value: Json): string {
  try {
    const text = canonicalize(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw new ChanceryError('VALIDATION_ERROR', 'A value has no canonical JSON form (RFC 8785).', { cause });
  }
  throw new ChanceryError('VALIDATION_ERROR', 'A value has no canonical JSON form (RFC 8785).');
}

/** Hex SHA-256 of the canonical JSON. */
export function digestJson(value: Json): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** Hex SHA-256 of bytes or UTF-8 text. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
