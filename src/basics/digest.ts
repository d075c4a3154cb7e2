/** Digests that bind an approval, a capability and a record to exactly what was asked. */
import { createHash } from 'node:crypto';
import type { Json } from '../json.ts';
import { canonicalJson } from './canonical.ts';

/** Hex SHA-256 of the canonical JSON. */
export function digestJson(value: Json): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** Hex SHA-256 of bytes or UTF-8 text. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
