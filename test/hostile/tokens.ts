/** Tokens that must not open the door, each with the reason that must be recorded. */
import { createHmac, type KeyObject, sign } from 'node:crypto';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import type { AuthReason } from '../../src/terms.ts';

export interface Idp {
  readonly issuer: string;
  readonly audience: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface HostileToken {
  readonly name: string;
  readonly reason: AuthReason;
  /** The whole Authorization header; undefined sends none. */
  readonly header: (idp: Idp) => Promise<string | undefined> | string | undefined;
}

const seconds = () => Math.floor(Date.now() / 1000);

function good(idp: Idp): JWTPayload {
  return {
    iss: idp.issuer,
    aud: idp.audience,
    sub: 'jake',
    kind: 'human',
    roles: ['operator'],
    exp: seconds() + 600,
  };
}

export function bearer(
  idp: Idp,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT({ ...good(idp), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: idp.kid, ...header })
    .sign(idp.privateKey)
    .then((token) => `Bearer ${token}`);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function forged(
  idp: Idp,
  header: unknown,
  seal: (input: string) => string,
  claims: unknown = good(idp),
): string {
  const input = `${part(header)}.${part(claims)}`;
  return `Bearer ${input}.${seal(input)}`;
}

const mac = (key: string, hash: string) => (input: string) =>
  createHmac(hash, key).update(input).digest('base64url');
const pem = (idp: Idp): string => idp.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const changed = (token: string, at: number): string =>
  `${token.slice(0, at)}${token.at(at) === 'A' ? 'B' : 'A'}${at === -1 ? '' : token.slice(at + 1)}`;

export const HOSTILE_TOKENS: readonly HostileToken[] = [
  { name: 'no token', reason: 'missing', header: () => undefined },
  { name: 'an empty token', reason: 'missing', header: () => 'Bearer ' },
  { name: 'a password instead', reason: 'missing', header: () => 'Basic amFrZTpzZWNyZXQ=' },
  { name: 'a word', reason: 'malformed', header: () => 'Bearer token' },
  {
    name: 'alg none',
    reason: 'malformed',
    header: (idp) => forged(idp, { alg: 'none', kid: idp.kid }, () => ''),
  },
  {
    name: 'alg none, with a signature',
    reason: 'alg',
    header: (idp) => forged(idp, { alg: 'none', kid: idp.kid }, () => 'AAAA'),
  },
  {
    name: 'alg nOnE',
    reason: 'alg',
    header: (idp) => forged(idp, { alg: 'nOnE', kid: idp.kid }, () => 'AAAA'),
  },
  {
    name: 'HS256 signed with the public key',
    reason: 'alg',
    header: (idp) => forged(idp, { alg: 'HS256', kid: idp.kid }, mac(pem(idp), 'sha256')),
  },
  {
    name: 'HS512 signed with the public key',
    reason: 'alg',
    header: (idp) => forged(idp, { alg: 'HS512', kid: idp.kid }, mac(pem(idp), 'sha512')),
  },
  {
    name: 'RS256 named for an EC key',
    reason: 'alg',
    header: (idp) => forged(idp, { alg: 'RS256', kid: idp.kid }, () => 'AAAA'),
  },
  {
    name: 'another issuer',
    reason: 'issuer',
    header: (idp) => bearer(idp, { iss: 'https://evil.example.org' }),
  },
  {
    name: 'the development issuer, signed by another',
    reason: 'kid',
    header: (idp) => bearer(idp, { iss: 'urn:chancery:development' }),
  },
  { name: 'no issuer', reason: 'issuer', header: (idp) => bearer(idp, { iss: undefined }) },
  { name: 'another audience', reason: 'audience', header: (idp) => bearer(idp, { aud: 'somebody-else' }) },
  {
    name: 'the audience of the other issuer',
    reason: 'audience',
    header: (idp) => bearer(idp, { aud: 'urn:chancery:local' }),
  },
  { name: 'an expired token', reason: 'expired', header: (idp) => bearer(idp, { exp: seconds() - 61 }) },
  { name: 'no expiry', reason: 'claims', header: (idp) => bearer(idp, { exp: undefined }) },
  {
    name: 'a token of tomorrow',
    reason: 'not_before',
    header: (idp) => bearer(idp, { nbf: seconds() + 86_400 }),
  },
  { name: 'no subject', reason: 'claims', header: (idp) => bearer(idp, { sub: undefined }) },
  { name: 'a subject that is a list', reason: 'claims', header: (idp) => bearer(idp, { sub: ['jake'] }) },
  { name: 'a kind that there is not', reason: 'claims', header: (idp) => bearer(idp, { kind: 'root' }) },
  { name: 'an unknown kid', reason: 'kid', header: (idp) => bearer(idp, {}, { kid: 'nobody' }) },
  { name: 'no kid', reason: 'kid', header: (idp) => bearer(idp, {}, { kid: undefined }) },
  {
    name: 'a path in the kid',
    reason: 'kid',
    header: (idp) => bearer(idp, {}, { kid: '../../../../dev/null' }),
  },
  { name: 'a query in the kid', reason: 'kid', header: (idp) => bearer(idp, {}, { kid: "x' OR '1'='1" }) },
  {
    name: 'line breaks in the kid',
    reason: 'kid',
    header: (idp) => bearer(idp, {}, { kid: 'a\r\nX-Admin: 1' }),
  },
  {
    name: 'an embedded key',
    reason: 'header',
    header: async (idp) => bearer(idp, {}, { jwk: await exportJWK(idp.publicKey) }),
  },
  {
    name: 'the address of a key',
    reason: 'header',
    header: (idp) => bearer(idp, {}, { jku: 'https://evil.example.org/keys' }),
  },
  {
    name: 'the address of a certificate',
    reason: 'header',
    header: (idp) => bearer(idp, {}, { x5u: 'https://evil.example.org/c' }),
  },
  {
    name: 'a critical extension',
    reason: 'header',
    header: (idp) => forged(idp, { alg: 'ES256', kid: idp.kid, crit: ['exp'] }, () => 'AAAA'),
  },
  { name: 'a token for another use', reason: 'typ', header: (idp) => bearer(idp, {}, { typ: 'logout+jwt' }) },
  { name: 'a truncated token', reason: 'malformed', header: async (idp) => (await bearer(idp)).slice(0, -1) },
  {
    name: 'a token without its signature',
    reason: 'malformed',
    header: async (idp) => (await bearer(idp)).replace(/[^.]+$/, ''),
  },
  {
    name: 'a changed signature',
    reason: 'signature',
    header: async (idp) => changed(await bearer(idp), (await bearer(idp)).length - 20),
  },
  {
    name: 'changed claims',
    reason: 'signature',
    header: async (idp) =>
      (await bearer(idp)).replace(/\.[^.]+\./, `.${part({ ...good(idp), roles: ['admin'] })}.`),
  },
  {
    name: 'a signature of zeros',
    reason: 'signature',
    header: (idp) =>
      forged(idp, { alg: 'ES256', kid: idp.kid }, () => Buffer.alloc(64).toString('base64url')),
  },
  {
    name: 'a DER signature',
    reason: 'signature',
    header: (idp) =>
      forged(idp, { alg: 'ES256', kid: idp.kid }, (input) =>
        sign('sha256', Buffer.from(input), idp.privateKey).toString('base64url'),
      ),
  },
  {
    name: 'an oversized token',
    reason: 'oversize',
    header: (idp) => bearer(idp, { padding: 'x'.repeat(7000) }),
  },
  {
    name: 'two tokens',
    reason: 'malformed',
    header: async (idp) => `${await bearer(idp)} ${(await bearer(idp)).slice(7)}`,
  },
  {
    name: 'an encrypted token',
    reason: 'malformed',
    header: () => 'Bearer eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA',
  },
  {
    name: 'a chain of three actors',
    reason: 'act_depth',
    header: (idp) => bearer(idp, { act: { sub: 'a', act: { sub: 'b', act: { sub: 'c' } } } }),
  },
  { name: 'a hundred actors', reason: 'act_depth', header: (idp) => bearer(idp, { act: nested(100) }) },
  {
    name: 'lists in lists, as many as fit',
    reason: 'malformed',
    header: (idp) => bearer(idp, { x: JSON.parse(`${'['.repeat(2_700)}${']'.repeat(2_700)}`) }),
  },
  { name: 'an actor without a name', reason: 'claims', header: (idp) => bearer(idp, { act: {} }) },
];

function nested(depth: number): unknown {
  return depth === 0 ? undefined : { sub: `a${depth}`, act: nested(depth - 1) };
}
