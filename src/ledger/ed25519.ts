/**
 * Ed25519 (RFC 8032, pure, never pre-hashed) over raw 32-byte keys, by `node:crypto`: everywhere, also where nothing else loads. One machine
 * signs and checks its lanes by something faster (adapters/local/sodium.ts). What counts as genuine is the same for both, or an
 * insider with a lane's key could sign what one verifier takes and another does not: RFC 8032 leaves that open for points of
 * small order, and OpenSSL 3.0 takes what 3.5 and libsodium refuse. They are refused here, in keys and in signatures.
 *
 * `node:crypto` wants DER around a key; the two fixed prefixes are those of RFC 8410.
 */

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, sign as cryptoSign, verify as cryptoVerify } from 'node:crypto';
import type { Signer } from '../ports.ts';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** A key pair in memory. `sign` blocks for about 20 to 40 µs. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Makes the key pair of 32 random bytes, the RFC 8032 private key. */
export type MakeKeyPair = (seed: Uint8Array) => KeyPair;

export const keyPairFromSeed: MakeKeyPair = (seed) => {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI.length)),
    sign: (message) => new Uint8Array(cryptoSign(null, message, key)),
  };
};

/** The same key behind the port that KMS implements too. */
export function signerFromSeed(seed: Uint8Array): Signer {
  const pair = keyPairFromSeed(seed);
  return { publicKey: pair.publicKey, sign: (message) => Promise.resolve(pair.sign(message)) };
}

/** A public key that may sign, with what `node:crypto` made of it. */
export interface VerifyingKey {
  readonly raw: Uint8Array;
  readonly imported: KeyObject;
}

/** Prepared once per key: importing costs more than a hash. Undefined when the bytes are no key that may sign. */
export function importPublicKey(raw: Uint8Array): VerifyingKey | undefined {
  if (raw.length !== KEY_BYTES || !isCanonical(raw) || hasSmallOrder(raw)) return undefined;
  return {
    raw,
    imported: createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' }),
  };
}

export function verifySignature(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): boolean {
  return isSignature(signature) && cryptoVerify(null, message, key.imported, signature);
}

/** Bytes that may be a signature, whatever the key: the right number, and R of no small order. */
export const isSignature = (signature: Uint8Array): boolean =>
  signature.length === SIGNATURE_BYTES && !hasSmallOrder(signature);

/** A signature that somebody shows: over `b`, by this key. */
export interface ShownSignature {
  readonly key: VerifyingKey;
  readonly b: Uint8Array;
  readonly s: Uint8Array;
}

/** Which of them are genuine, in the same order. Rejects when it cannot say, which is no verdict. */
export type CheckSignatures = (claimed: readonly ShownSignature[]) => Promise<readonly boolean[]>;

/** On libuv's thread pool: many use every core, and the event loop stays free. */
export const checkOnPool: CheckSignatures = (claimed) => Promise.all(claimed.map(verifyOnPool));

const verifyOnPool = ({ key, b, s }: ShownSignature): Promise<boolean> =>
  new Promise((resolve) => {
    if (isSignature(s))
      cryptoVerify(null, b, key.imported, s, (error, valid) => resolve(error === null && valid));
    else resolve(false);
  });

/** y of the points whose order is 1, 2, 4 or 8, little-endian. Other ways to write them are not canonical. */
const SMALL_ORDERS = [
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((y) => Buffer.from(y, 'hex'));

const LAST = KEY_BYTES - 1;

/** Of a point as 32 bytes, the first of those given. The sign of x, its highest bit, does not matter. */
function hasSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDERS.some(
    (y) =>
      y[0] === point[0] && y.every((byte, at) => byte === ((point[at] ?? 0) & (at === LAST ? 0x7f : 0xff))),
  );
}

/** Whether y is below 2^255 − 19: each point has one way to be written. */
function isCanonical(point: Uint8Array): boolean {
  if (((point[LAST] ?? 0) & 0x7f) !== 0x7f || (point[0] ?? 0) < 0xed) return true;
  return point.subarray(1, LAST).some((byte) => byte !== 0xff);
}
