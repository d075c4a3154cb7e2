/**
 * Capability tokens: the office's word that one action was allowed, for whoever carries it out. A compact JWS
 * (RFC 7515, EdDSA as in RFC 8037) that lives five minutes, is used once, and names by digest exactly what was
 * asked, by whom and under which charter. Change any of it, and the token no longer fits.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import type { Clock, Ids, Signer, Table } from '../ports.ts';
import { sanctionsOf, standingKey } from './standing.ts';

export const CAPABILITY_SECONDS = 300;
const TYPE = 'capability+jwt';

export interface CapabilityGrant {
  /** Pseudonym of the subject. */
  readonly sub: string;
  readonly decision_id: string;
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string };
  readonly action_digest: string;
  /** The same without who asked: what an enforcement point can compute from what it is about to do. */
  readonly request_digest: string;
  readonly charter: string;
  /** The decision's record: `{lane}.{seq}` and its hash. */
  readonly record: { readonly id: string; readonly hash: string };
}

const header = z.object({ alg: z.literal('EdDSA'), typ: z.literal(TYPE), kid: z.string() });
const claims = z.object({
  iss: z.string(),
  jti: z.string(),
  iat: z.number().int(),
  exp: z.number().int(),
  sub: z.string(),
  decision_id: z.string(),
  action: z.string(),
  resource: z.object({ type: z.string(), id: z.string() }),
  action_digest: z.string(),
  request_digest: z.string(),
  charter: z.string(),
  record: z.object({ id: z.string(), hash: z.string() }),
});
export type CapabilityClaims = z.output<typeof claims>;

export interface Capability {
  readonly token: string;
  readonly expires_at: string;
  readonly single_use: true;
  readonly bound_to: string;
}

/** Why a token is not good, in the order of the checks. */
export type CapabilityFault =
  | 'malformed'
  | 'signature'
  | 'issuer'
  | 'expired'
  | 'charter_changed'
  | 'sanctioned'
  | 'action_mismatch'
  | 'used';

export type Redeemed =
  | { readonly ok: true; readonly claims: CapabilityClaims }
  | { readonly ok: false; readonly fault: CapabilityFault; readonly message: string };

export interface Capabilities {
  issue(grant: CapabilityGrant): Promise<Capability>;
  /**
   * Checks a token and, unless `keep`, uses it up. The digests are of what is about to be done, as far as the
   * caller knows it. Throws STORE_UNAVAILABLE when it cannot be said whether it was used before.
   */
  redeem(
    token: string,
    now: {
      readonly charter: string;
      readonly action_digest?: string;
      readonly request_digest?: string;
      readonly keep?: boolean;
    },
  ): Promise<Redeemed>;
}

export interface CapabilityDeps {
  readonly signer: Signer;
  readonly issuer: string;
  readonly table: Table;
  readonly clock: Clock;
  readonly ids: Ids;
}

export function createCapabilities({ signer, issuer, table, clock, ids }: CapabilityDeps): Capabilities {
  const kid = createHash('sha256').update(signer.publicKey).digest('base64url').slice(0, 16);
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(signer.publicKey).toString('base64url') },
    format: 'jwk',
  });

  return {
    async issue(grant) {
      const iat = Math.floor(clock() / 1000);
      const exp = iat + CAPABILITY_SECONDS;
      const payload: CapabilityClaims = { iss: issuer, jti: ids('cap'), iat, exp, ...grant };
      const input = `${encode({ alg: 'EdDSA', typ: TYPE, kid })}.${encode(payload)}`;
      const signature = await signer.sign(Buffer.from(input, 'ascii'));
      return {
        token: `${input}.${Buffer.from(signature).toString('base64url')}`,
        expires_at: new Date(exp * 1000).toISOString(),
        single_use: true,
        bound_to: grant.action_digest,
      };
    },

    async redeem(token, { charter, action_digest, request_digest, keep }) {
      const parts = token.split('.');
      const [head, body, signature] = parts;
      if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined) {
        return fault('malformed', 'this is not a compact JWS');
      }
      const protectedHeader = header.safeParse(decode(head));
      const payload = claims.safeParse(decode(body));
      if (!protectedHeader.success || !payload.success) {
        return fault('malformed', 'header or claims are not those of a capability token');
      }
      // The key is ours alone: `kid` is not looked up, so that nobody can bring a key along.
      const genuine = verify(
        null,
        Buffer.from(`${head}.${body}`, 'ascii'),
        key,
        Buffer.from(signature, 'base64url'),
      );
      if (!genuine || protectedHeader.data.kid !== kid)
        return fault('signature', 'the signature is not ours');
      const { data } = payload;
      if (data.iss !== issuer) return fault('issuer', 'it was issued elsewhere');
      if (clock() >= data.exp * 1000)
        return fault('expired', `it expired at ${new Date(data.exp * 1000).toISOString()}`);
      if (data.charter !== charter)
        return fault('charter_changed', 'another charter is in force now: ask again');
      if (differs(action_digest, data.action_digest) || differs(request_digest, data.request_digest)) {
        return fault('action_mismatch', 'what is about to be done is not what was allowed');
      }
      const { pk, sk } = standingKey(data.sub);
      // Whoever was revoked or sanctioned since has nothing left that was allowed before.
      const sanctions = sanctionsOf((await table.get(pk, sk)) ?? { pk, sk }, clock());
      if (!sanctions.readable || sanctions.active.length > 0)
        return fault('sanctioned', 'whom it was given to is revoked or under a sanction');
      if (keep === true) return { ok: true, claims: data };
      // Used once because the database says so: two redeemers race for one conditional write.
      const spent = await table.put({ pk: 'CAPABILITY', sk: data.jti, expires: data.exp + 3600 }, 'absent');
      return spent.stored ? { ok: true, claims: data } : fault('used', 'it was used before');
    },
  };
}

function differs(asked: string | undefined, allowed: string): boolean {
  return asked !== undefined && asked !== allowed;
}

function fault(kind: CapabilityFault, message: string): Redeemed {
  return { ok: false, fault: kind, message };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
