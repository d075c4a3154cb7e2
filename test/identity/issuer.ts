/** A test issuer with one key per algorithm, whose JWKS fetches are counted. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { createAuthenticator } from '../../src/identity/authenticator.ts';
import type { IdentitySettings } from '../../src/identity/settings.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const SECONDS = NOW / 1000;
export const ISSUER = 'https://issuer.example.org';
export const AUDIENCE = 'https://chancery.example.org';
export const JWKS_URI = `${ISSUER}/keys`;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
export const KEYS: Record<string, { privateKey: KeyObject; publicKey: KeyObject }> = {
  RS256: rsa,
  ES256: ec,
  EdDSA: ed,
};

export function keyOf(alg: string) {
  const pair = KEYS[alg];
  if (pair === undefined) throw new Error(alg);
  return pair;
}

export async function jwksOf(keys: Record<string, { publicKey: KeyObject }> = KEYS) {
  const list = await Promise.all(
    Object.entries(keys).map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      use: 'sig',
    })),
  );
  return { keys: list };
}

export const GOOD: JWTPayload = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user-1',
  exp: SECONDS + 600,
  iat: SECONDS,
  jti: 'token-1',
};

export function mint(
  payload: JWTPayload = GOOD,
  header: Record<string, unknown> = {},
  alg = 'ES256',
): Promise<string> {
  const pair = KEYS[alg];
  if (pair === undefined) throw new Error(alg);
  return new SignJWT(payload)
    .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt', ...header })
    .sign(pair.privateKey);
}

/** A token made by hand, for what no library would sign. */
export function forge(header: unknown, payload: unknown, sign: (input: string) => string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign(input)}`;
}

export const hmac = (key: string) => (input: string) =>
  createHmac('sha256', key).update(input).digest('base64url');

export function setUp(
  settings: Partial<IdentitySettings> = {},
  answer: () => Promise<unknown> = () => jwksOf(),
) {
  const state = { now: NOW, fetches: 0 };
  const authenticator = createAuthenticator(
    { issuers: [{ issuer: ISSUER, name: 'test', audience: [AUDIENCE], jwksUri: JWKS_URI }], ...settings },
    {
      clock: () => state.now,
      fetchJwks: () => {
        state.fetches++;
        return answer();
      },
    },
  );
  const outcome = async (token: string | undefined) => {
    const result = await authenticator.authenticate(token === undefined ? undefined : `Bearer ${token}`);
    return result.ok ? 'ok' : result.reason;
  };
  return { state, authenticator, outcome };
}
