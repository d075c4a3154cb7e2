/**
 * What is checked on a token before any key is touched: its size, its spelling and its header.
 */
import { Buffer } from 'node:buffer';
import { parseStrict } from '../basics/strict-json.ts';
import type { AuthReason } from '../terms.ts';

/** Characters. Node's own limit for all headers together is 16 KB. */
export const MAX_TOKEN_LENGTH = 8192;

/** The only algorithms accepted. A MAC (HS*) would let the holder of a public key sign with it. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/**
 * Header members by which a token brings its own key, or its address (RFC 7515 §4.1.2–4.1.6): trust comes
 * from the configured issuers only. `crit` (§4.1.11) names extensions that must be understood; none are.
 */
const REFUSED_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'zip'] as const;

const THREE_PARTS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export interface HeaderRules {
  /** Refuse tokens whose `typ` is not `at+jwt` (RFC 9068 §4). Without it `JWT`, `at+jwt` and none are taken. */
  readonly requireAccessTokenType: boolean;
}

/** The bearer token of an Authorization header (RFC 6750 §2.1), or why there is none. */
export function bearerToken(authorization: string | undefined): { token: string } | { reason: AuthReason } {
  if (authorization === undefined) return { reason: 'missing' };
  // Refused by length alone, before any expression runs over it.
  if (authorization.length > MAX_TOKEN_LENGTH) return { reason: 'oversize' };
  if (!/^bearer(?: |$)/i.test(authorization)) return { reason: 'missing' };
  const token = authorization.slice('bearer'.length).trim();
  return token === '' ? { reason: 'missing' } : { token };
}

/** A token taken apart: nothing in it is believed yet. */
export interface TokenParts {
  readonly alg: Algorithm;
  readonly kid: string | undefined;
  readonly typ: unknown;
  /** What is signed. */
  readonly input: string;
  readonly payload: Record<string, unknown>;
  readonly signature: Uint8Array;
}

/** The parts of a token, or the reason to refuse it without looking at its signature. */
export function takeApart(token: string): TokenParts | { readonly reason: AuthReason } {
  if (!THREE_PARTS.test(token)) return { reason: 'malformed' };
  const [first = '', second = '', third = ''] = token.split('.');
  const canonical =
    isCanonicalBase64Url(first) && isCanonicalBase64Url(second) && isCanonicalBase64Url(third);
  const header = canonical ? decodeObject(first) : undefined;
  const payload = canonical ? decodeObject(second) : undefined;
  if (header === undefined || payload === undefined) return { reason: 'malformed' };
  const { kid, typ } = header;
  const alg = ALGORITHMS.find((known) => known === header.alg);
  if (alg === undefined) return { reason: 'alg' };
  if (REFUSED_MEMBERS.some((member) => member in header)) return { reason: 'header' };
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 256))
    return { reason: 'kid' };
  const signature = Buffer.from(third, 'base64url');
  return { alg, kid, typ, input: `${first}.${second}`, payload, signature };
}

/** Whether the `typ` of a header is one of an access token. */
export function acceptsType(typ: unknown, rules: HeaderRules): boolean {
  if (typ === undefined) return !rules.requireAccessTokenType;
  if (typeof typ !== 'string') return false;
  // RFC 7515 §4.1.9: compared without case, the `application/` may be left out.
  const short = typ.toLowerCase().replace(/^application\//, '');
  return short === 'at+jwt' || (!rules.requireAccessTokenType && short === 'jwt');
}

/**
 * Lenient decoders ignore the unused low bits of the last character, so several spellings carry one
 * signature. One spelling only: what was altered, even there, is refused.
 */
function isCanonicalBase64Url(part: string): boolean {
  const last = part.charAt(part.length - 1);
  switch (part.length % 4) {
    case 0:
      return true;
    case 2:
      return 'AQgw'.includes(last);
    case 3:
      return 'AEIMQUYcgkosw048'.includes(last);
    default:
      return false;
  }
}

/** Deeper than any chain of actors that fits a token, and not so deep that a walk over it runs out of stack. */
const DEEPEST = 1_000;

/** Undefined when the part is not a JSON object, or one that two readers could read differently (RFC 7519 §4, for one). */
function decodeObject(part: string): Record<string, unknown> | undefined {
  // Claims that nobody here knows may hold what they like, and those that are known are checked one by one.
  const parsed = parseStrict(Buffer.from(part, 'base64url'), {
    values: 'any',
    depth: DEEPEST,
  });
  return parsed.ok && isRecord(parsed.value) ? parsed.value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
