/**
 * Whether one of an issuer's public keys signed a token (RFC 7515 §5.2). Which keys are asked: those of the token's
 * key id, and there may be several; an issuer's only key, where it has no id, whatever the token calls it.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Algorithm, isRecord } from './header.ts';

/** Pinned to its algorithm, so that a token cannot have an RSA key used as something else. */
export interface PublicKey {
  readonly kid: string | undefined;
  readonly alg: Algorithm;
  readonly key: KeyObject;
}

export type Checked = 'good' | 'alg' | 'kid' | 'signature';

/** @param input the token up to its last dot, ASCII */
export function checkSignature(
  keys: readonly PublicKey[],
  header: { readonly alg: Algorithm; readonly kid: string | undefined },
  input: string,
  signature: Uint8Array,
): Checked {
  const named = candidates(keys, header.kid);
  if (named.length === 0) return 'kid';
  const able = named.filter(({ alg }) => alg === header.alg);
  if (able.length === 0) return 'alg';
  const bytes = Buffer.from(input, 'ascii');
  return able.some((one) => isSignedBy(one, bytes, signature)) ? 'good' : 'signature';
}

function candidates(keys: readonly PublicKey[], kid: string | undefined): readonly PublicKey[] {
  const named = kid === undefined ? [] : keys.filter((key) => key.kid === kid);
  if (named.length > 0) return named;
  const [only, ...others] = keys;
  return only !== undefined && only.kid === undefined && others.length === 0 ? [only] : [];
}

function isSignedBy({ alg, key }: PublicKey, input: Uint8Array, signature: Uint8Array): boolean {
  try {
    switch (alg) {
      case 'RS256':
        return verify('sha256', input, key, signature);
      case 'ES256':
        // RFC 7518 §3.4: R and S side by side, not DER. An all-zero pair is no signature (CVE-2022-21449).
        return (
          signature.length === 64 && verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
        );
      case 'EdDSA':
        return verify(null, input, key, signature);
    }
  } catch {
    // Bytes that an attacker chose, of which the library cannot even make a number: not signed.
    return false;
  }
}

const MAX_KEYS = 64;

/**
 * The keys of a JWKS (RFC 7517 §5) that can verify one of our algorithms. Symmetric and private keys, short RSA keys
 * and keys for encryption are left out.
 */
export function usableKeys(answer: unknown): PublicKey[] {
  if (!isRecord(answer) || !Array.isArray(answer.keys)) return [];
  return answer.keys.slice(0, MAX_KEYS).flatMap((key) => (isRecord(key) ? usable(key) : []));
}

function usable(jwk: Record<string, unknown>): PublicKey[] {
  const { kid, kty, use, alg, crv, n, e, x, y } = jwk;
  if ((kid !== undefined && typeof kid !== 'string') || kid === '' || 'd' in jwk || 'k' in jwk) return [];
  if (use !== undefined && use !== 'sig') return [];
  const pinned = (algorithm: Algorithm, members: Record<string, unknown>): PublicKey[] => {
    const key = alg === undefined || alg === algorithm ? soundKey({ kty, ...members }) : undefined;
    return key === undefined ? [] : [{ kid, alg: algorithm, key }];
  };
  if (kty === 'RSA') return pinned('RS256', { n, e });
  if (kty === 'EC' && crv === 'P-256') return pinned('ES256', { crv, x, y });
  if (kty === 'OKP' && crv === 'Ed25519') return pinned('EdDSA', { crv, x });
  return [];
}

/** A point that is not on its curve or a modulus under 2048 bits would only fail later, or not at all. */
function soundKey(members: Record<string, unknown>): KeyObject | undefined {
  if (Object.values(members).some((value) => typeof value !== 'string')) return undefined;
  try {
    const key = createPublicKey({ key: members, format: 'jwk' });
    const { asymmetricKeyType, asymmetricKeyDetails } = key;
    if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return undefined;
    return key;
  } catch {
    // Not a key at all: left out like the others that cannot be used.
    return undefined;
  }
}
