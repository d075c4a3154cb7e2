/**
 * What the door costs: tokens a second through `createAuthenticator`, beside the bare library on the same
 * tokens in the same run. Distinct tokens, so that nothing is remembered, unless a row says so.
 * `node bench/authorizer.ts [--tokens 1000] [--rounds 15]`.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseArgs } from 'node:util';
import { JwtVerifier } from 'aws-jwt-verify';
import type { Jwks } from 'aws-jwt-verify/jwk';
import { exportJWK, jwtVerify, SignJWT } from 'jose';
import { createAuthenticator } from '../src/identity/authenticator.ts';
import { toPrincipal } from '../src/identity/principal.ts';
import { show, type Table, table } from './table.ts';

const ISSUER = 'https://idp.example.org';
const AUDIENCE = 'chancery';
const JWKS_URI = `${ISSUER}/keys`;

interface Key {
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const KEYS: readonly Key[] = [
  { alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) },
  { alg: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { alg: 'EdDSA', ...generateKeyPairSync('ed25519') },
];

/** Tokens a second, the best of several rounds taken in turn, so that other load falls on all alike. */
async function compare(
  contenders: Readonly<Record<string, (token: string) => unknown>>,
  tokens: readonly string[],
  rounds: number,
): Promise<Record<string, number>> {
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, verify] of Object.entries(contenders)) {
      const began = performance.now();
      for (const token of tokens) await verify(token);
      const rate = (tokens.length * 1000) / (performance.now() - began);
      best[name] = Math.max(best[name] ?? 0, rate);
    }
  }
  return best;
}

async function measure(key: Key, count: number, rounds: number): Promise<(string | number)[]> {
  const { alg, privateKey, publicKey } = key;
  const kid = `${alg}-1`;
  const jwks: Jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg, kty: kty(alg) }] };
  const now = Math.floor(Date.now() / 1000);
  const tokens = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      new SignJWT({
        ...{
          iss: ISSUER,
          aud: AUDIENCE,
          sub: `user-${index}`,
          exp: now + 3600,
          iat: now,
          jti: `jti-${index}`,
        },
        ...{
          kind: 'human',
          name: 'Jake Smith',
          email: 'jake@example.org',
          roles: ['operator'],
          scope: 'ledger:read',
        },
      })
        .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
        .sign(privateKey),
    ),
  );
  const bare = JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URI });
  bare.cacheJwks(jwks);
  const issuers = [{ issuer: ISSUER, name: 'bench', audience: [AUDIENCE], jwksUri: JWKS_URI }];
  const deps = { clock: Date.now, fetchJwks: async () => jwks };
  const anew = createAuthenticator({ issuers, rememberTokens: 0 }, deps);
  const remembering = createAuthenticator({ issuers, rememberTokens: count }, deps);
  const rates = await compare(
    {
      bare: (token) => bare.verify(token),
      anew: (token) => anew.authenticate(`Bearer ${token}`),
      principal: async (token) => {
        const result = await anew.authenticate(`Bearer ${token}`);
        return result.ok ? toPrincipal(result.claims, () => [], Date.now()) : result;
      },
      remembered: (token) => remembering.authenticate(`Bearer ${token}`),
      jose: (token) => jwtVerify(token, publicKey, { issuer: ISSUER, audience: AUDIENCE }),
    },
    tokens,
    rounds,
  );
  const of = (name: string): number => rates[name] ?? Number.NaN;
  const share = (name: string): string => `${Math.round((100 * of(name)) / of('bare'))} %`;
  const shown = (name: string): string => Math.round(of(name)).toLocaleString('en');
  return [
    alg,
    shown('bare'),
    shown('anew'),
    share('anew'),
    shown('principal'),
    share('principal'),
    shown('remembered'),
    shown('jose'),
  ];
}

const kty = (alg: string): string => (alg === 'RS256' ? 'RSA' : alg === 'ES256' ? 'EC' : 'OKP');

/** The door against the bare library; the goal is 80 %. */
export async function benchAuthorizer(count = 1000, rounds = 15): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const key of KEYS) rows.push(await measure(key, count, rounds));
  return table(
    'Tokens a second on one core',
    [
      'algorithm',
      'aws-jwt-verify, bare',
      'authenticator',
      'of bare',
      'and principal',
      'of bare',
      'remembered token',
      'jose',
    ],
    rows,
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { tokens: { type: 'string' }, rounds: { type: 'string' } } });
  console.log(show(await benchAuthorizer(Number(values.tokens ?? 1000), Number(values.rounds ?? 15))));
}
