import type { AuthReason } from '../terms.ts';

/** Each reason in words, for the caller. */
export const REASON_TEXTS: Readonly<Record<AuthReason, string>> = {
  missing: 'no bearer token was sent',
  malformed: 'the token is not three canonical base64url parts holding JSON',
  oversize: 'the token is larger than is read',
  alg: 'the signature algorithm is not RS256, ES256 or EdDSA, or not the one of the key',
  header: 'the token header carries a key, a key address or a critical extension',
  typ: 'the token type is not the one of an access token',
  kid: 'no key of the issuer has this key id',
  keys_unavailable: 'the keys of the issuer could not be fetched',
  signature: 'the signature does not verify',
  issuer: 'the issuer is not one that is trusted here',
  audience: 'the token is meant for somebody else',
  expired: 'the token has expired',
  not_before: 'the token is not valid yet',
  claims: 'a claim is missing or has the wrong type',
  act_depth: 'the chain of actors is longer than two',
};

export interface Refusal {
  readonly ok: false;
  /** AUTH_REQUIRED when nothing was presented, INVALID_TOKEN when what was presented is no good. */
  readonly code: 'AUTH_REQUIRED' | 'INVALID_TOKEN';
  readonly reason: AuthReason;
  readonly message: string;
}

export function refuse(reason: AuthReason, detail?: string): Refusal {
  return {
    ok: false,
    code: reason === 'missing' ? 'AUTH_REQUIRED' : 'INVALID_TOKEN',
    reason,
    message: detail === undefined ? REASON_TEXTS[reason] : `${REASON_TEXTS[reason]}: ${detail}`,
  };
}
