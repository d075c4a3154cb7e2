/**
 * The development issuer: a key in the data folder, made on first use, and the tokens that it signs.
 * Local runtime, CLI and tests only; `createAuthenticator` refuses it in a deployed stack.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JWTPayload, SignJWT } from 'jose';
import { DEV_ISSUER } from '../../src/identity/development.ts';
import type { IssuerSettings } from '../../src/identity/settings.ts';
import type { PrincipalKind } from '../../src/terms.ts';

export interface DevClaims {
  readonly sub: string;
  readonly name?: string;
  readonly email?: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly kind?: PrincipalKind;
  /** Nearest actor first. */
  readonly act?: readonly string[];
  /** As if the person had signed in with a second factor just now. */
  readonly mfa?: boolean;
  readonly sid?: string;
  readonly ttlSeconds?: number;
}

export interface DevIssuer {
  readonly settings: IssuerSettings;
  /** The JWKS document. */
  jwks(): Promise<unknown>;
  /** A signed access token (`typ: at+jwt`). `now` in milliseconds. */
  mint(claims: DevClaims, now: number): Promise<string>;
  /** Signs whatever it is given: for tests of what the verifier refuses. */
  sign(payload: JWTPayload, header?: { readonly typ?: string }): Promise<string>;
}

const ALGORITHM = 'ES256';

/** Opens the issuer of a data folder, making folder and key when there are none. */
export async function openDevIssuer(dataFolder: string): Promise<DevIssuer> {
  const key = await loadOrMakeKey(dataFolder);
  const { crv, kty, x, y } = await exportJWK(key);
  const publicJwk = { crv, kty, x, y };
  const kid = await calculateJwkThumbprint(publicJwk);

  const sign: DevIssuer['sign'] = (payload, header = {}) =>
    new SignJWT(payload).setProtectedHeader({ alg: ALGORITHM, kid, typ: header.typ ?? 'at+jwt' }).sign(key);

  return {
    settings: DEV_ISSUER,
    async jwks() {
      return { keys: [{ ...publicJwk, kid, use: 'sig', alg: ALGORITHM }] };
    },
    mint: (claims, now) => sign(payloadOf(claims, Math.floor(now / 1000), randomUUID())),
    sign,
  };
}

/** One token of the issuer of a data folder. `now` in milliseconds. */
export async function mintLocalToken(dataFolder: string, claims: DevClaims, now: number): Promise<string> {
  return (await openDevIssuer(dataFolder)).mint(claims, now);
}

function payloadOf(claims: DevClaims, now: number, jti: string): JWTPayload {
  const { sub, name, email, roles = [], scopes = [], kind = 'human', act = [], mfa, sid } = claims;
  return {
    iss: DEV_ISSUER.issuer,
    aud: [...DEV_ISSUER.audience],
    sub,
    kind,
    iat: now,
    exp: now + (claims.ttlSeconds ?? 3600),
    jti,
    ...(sid === undefined ? {} : { sid }),
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(roles.length === 0 ? {} : { roles: [...roles] }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(act.length === 0 ? {} : { act: nest(act) }),
    ...(mfa === true ? { amr: ['pwd', 'otp', 'mfa'], auth_time: now } : {}),
  };
}

/** RFC 8693 §4.1: the nearest actor outermost. */
function nest(chain: readonly string[]): unknown {
  return chain.reduceRight<unknown>(
    (inner, sub) => (inner === undefined ? { sub } : { sub, act: inner }),
    undefined,
  );
}

async function loadOrMakeKey(dataFolder: string): Promise<KeyObject> {
  const path = join(dataFolder, 'dev-issuer-key.pem');
  const existing = await readIfThere(path);
  if (existing !== undefined) return createPrivateKey(existing);
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const mine = `${path}.${randomUUID()}.new`;
  await writeFile(mine, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    // The runtime and the CLI may both be first: a link appears whole, and only once.
    await link(mine, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(mine, { force: true });
  }
  return createPrivateKey(await readFile(path));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
