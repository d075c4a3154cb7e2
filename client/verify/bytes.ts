/**
 * Bytes, hashes and signatures with what every browser has: no `Buffer`, and WebCrypto, which is asynchronous. That is why the ledger's own
 * functions, which hash and verify at once by `node:crypto`, are not used here; it also makes this a second reader of the format
 * (docs/ledger-format.md), held to the published vectors by test/console/verify.test.ts.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Undefined for what is not base64 (RFC 4648 §4) with its padding. */
export function fromBase64(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

export const same = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const sha256 = async (...parts: readonly Uint8Array[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

/**
 * Ed25519 (RFC 8032) under a raw key of 32 bytes; false for what is no key and no signature. Points of small order are refused, since
 * browsers differ in them (docs/ledger-format.md).
 */
export async function verifies(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [a, r] = [yOf(key), yOf(signature.subarray(0, 32))];
  if (a >= PRIME || SMALL_ORDERS.includes(a) || SMALL_ORDERS.includes(r)) return false;
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, signature, message);
}

const PRIME = 2n ** 255n - 19n;
/** y of the points whose order is 1, 2, 4 or 8. */
const SMALL_ORDERS = [
  1n,
  PRIME - 1n,
  0n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];

/** Of a point's 32 bytes: little-endian, the highest bit is the sign of x. */
const yOf = (point: Uint8Array): bigint => BigInt(`0x${hex(point.slice().reverse())}`) & (2n ** 255n - 1n);

/** JSON out of signed bytes; undefined when they are not UTF-8 JSON. */
export function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
