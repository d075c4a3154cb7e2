/**
 * Ed25519 (RFC 8032, pure, never pre-hashed) over raw 32-byte keys. `node:crypto` wants DER around a key; the
 * two fixed prefixes are those of RFC 8410.
 */

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, sign as cryptoSign, verify as cryptoVerify } from 'node:crypto';
import type { Signer } from '../ports.ts';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const SIGNATURE_BYTES = 64;

/** A key pair in memory. `sign` blocks for about 30 µs. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** @param seed 32 random bytes: the RFC 8032 private key. */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI.length)),
    sign: (message) => new Uint8Array(cryptoSign(null, message, key)),
  };
}

/** The same key behind the port that KMS implements too. */
export function signerFromSeed(seed: Uint8Array): Signer {
  const pair = keyPairFromSeed(seed);
  return { publicKey: pair.publicKey, sign: (message) => Promise.resolve(pair.sign(message)) };
}

/** Prepared once per key: importing costs more than a hash. Undefined when the bytes are no key. */
export function importPublicKey(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== 32) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
}

export function verifySignature(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && cryptoVerify(null, message, key, signature);
}
