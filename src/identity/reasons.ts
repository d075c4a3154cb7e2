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
  /** Nothing was presented, what was presented is no good, or nobody can tell at the moment. */
  readonly code: 'AUTH_REQUIRED' | 'INVALID_TOKEN' | 'KEYS_UNAVAILABLE';
  readonly reason: AuthReason;
  readonly message: string;
  /** With KEYS_UNAVAILABLE: when to come again, whole seconds. */
  readonly retry_after_seconds?: number;
}

/** The keys cannot be had: whether the token is good is not known, and it may be good a moment later. */
export function keysUnavailable(wait_ms: number): Refusal {
  const reason = 'keys_unavailable';
  const retry_after_seconds = Math.max(1, Math.ceil(wait_ms / 1000));
  return { ok: false, code: 'KEYS_UNAVAILABLE', reason, message: REASON_TEXTS[reason], retry_after_seconds };
}

export function refuse(reason: AuthReason, detail?: string): Refusal {
  return {
    ok: false,
    code: reason === 'missing' ? 'AUTH_REQUIRED' : 'INVALID_TOKEN',
    reason,
    message: detail === undefined ? REASON_TEXTS[reason] : `${REASON_TEXTS[reason]}: ${detail}`,
  };
}
