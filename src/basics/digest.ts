/** Digests that bind an approval, a capability and a record to exactly what was asked. */
import { hash } from 'node:crypto';
import type { Json } from '../json.ts';
import { overCanonical } from './canonical.ts';

/** Hex SHA-256 of the canonical JSON. */
export const digestJson = (value: Json): string => overCanonical(value, sha256);

/** Hex SHA-256 of bytes or UTF-8 text. */
export const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');
