/**
 * Signing in at an identity provider: OpenID Connect, the authorisation code flow with PKCE (RFC 7636), as a public client. Never the implicit
 * flow: no token is ever in an address. What is remembered between leaving and coming back stays in this tab and is used once.
 */
import * as z from 'zod/mini';
import { utf8 } from '../../client/verify/bytes.ts';
import { claimsOf } from './session.ts';

const signIn = z.object({
  issuer: z.string(),
  name: z.string(),
  clientId: z.string(),
  scope: z.string(),
  audience: z.optional(z.string()),
  authorizationEndpoint: z.optional(z.string()),
  tokenEndpoint: z.optional(z.string()),
});
/** An issuer, and the client that this console is there. */
export type SignIn = z.infer<typeof signIn>;
const offered = z.object({ issuers: z.array(signIn) });
const metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
});
const tokens = z.object({ access_token: z.string(), id_token: z.string(), token_type: z.string() });
const pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), at: signIn });

const KEY = 'chancery.sign-in';
const LEEWAY_MS = 60_000;

export type CameBack =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Where people can sign in here; none where the server cannot say. */
export async function signIns(base: URL): Promise<readonly SignIn[]> {
  const response = await fetch(new URL('console/sign-in', base));
  return offered.safeParse(await response.json()).data?.issuers ?? [];
}

/** Leaves for the provider. Throws where its metadata cannot be read. */
export async function leaveFor(at: SignIn, page: URL): Promise<void> {
  const { authorization_endpoint } = await endpointsOf(at);
  const [state, nonce, verifier] = [random(), random(), random()];
  sessionStorage.setItem(KEY, JSON.stringify({ state, nonce, verifier, at }));
  const target = new URL(authorization_endpoint);
  const asked = {
    response_type: 'code',
    client_id: at.clientId,
    redirect_uri: page.href,
    scope: at.scope,
    state,
    nonce,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
    ...(at.audience === undefined ? {} : { audience: at.audience }),
  };
  for (const [name, value] of Object.entries(asked)) target.searchParams.set(name, value);
  location.assign(target);
}

/** Whether this page was opened by a provider that sends somebody back, and with what. */
export async function cameBack(address: URL, page: URL, now: number): Promise<CameBack> {
  const { searchParams: given } = address;
  if (!given.has('code') && !given.has('error')) return { kind: 'none' };
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const left = text === null ? undefined : pending.safeParse(JSON.parse(text)).data;
  // Somebody else's answer, sent here to sign this person in as another (RFC 9700 §4.7).
  if (left === undefined || given.get('state') !== left.state)
    return refused('This answer belongs to no sign-in that began in this tab.');
  const { at, verifier, nonce } = left;
  const from = given.get('iss');
  if (from !== null && from !== at.issuer) return refused(`The answer is of ${from}, not of ${at.issuer}.`);
  const error = given.get('error');
  if (error !== null) return refused(`${at.name} refused: ${given.get('error_description') ?? error}.`);
  return redeem(given.get('code') ?? '', { at, verifier, nonce, page, now });
}

interface Redeeming {
  readonly at: SignIn;
  readonly verifier: string;
  readonly nonce: string;
  readonly page: URL;
  readonly now: number;
}

async function redeem(code: string, { at, verifier, nonce, page, now }: Redeeming): Promise<CameBack> {
  const { token_endpoint } = await endpointsOf(at);
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: at.clientId,
      redirect_uri: page.href,
      code,
      code_verifier: verifier,
    }),
  });
  const read = tokens.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !read.success)
    return refused(`${at.name} gave no token for its code (${response.status}).`);
  const objection = objectionTo(read.data.id_token, { at, nonce, now });
  return objection === undefined ? { kind: 'token', token: read.data.access_token } : refused(objection);
}

/**
 * OpenID Connect Core, section 3.1.3.7. The token came from the issuer itself over TLS, which stands for its
 * signature (item 6 there); what the API is told is the access token, whose signature the API verifies.
 */
export function objectionTo(
  idToken: string,
  { at, nonce, now }: Pick<Redeeming, 'nonce' | 'now'> & { readonly at: Pick<SignIn, 'issuer' | 'clientId'> },
): string | undefined {
  const claims = claimsOf(idToken.split('.')[1] ?? '');
  if (claims === undefined) return 'The ID token does not read.';
  const { iss, aud, exp, azp } = claims;
  if (iss !== at.issuer) return `The ID token is of ${String(iss)}, not of ${at.issuer}.`;
  const audience = Array.isArray(aud) ? aud : [aud];
  if (!audience.includes(at.clientId) || (azp !== undefined && azp !== at.clientId))
    return 'The ID token is for another client.';
  if (typeof exp !== 'number' || exp * 1000 + LEEWAY_MS < now) return 'The ID token has expired.';
  return claims.nonce === nonce ? undefined : 'The ID token is not of this sign-in (nonce).';
}

/** As configured, else as the issuer publishes them (OpenID Connect Discovery, section 4). */
async function endpointsOf({ issuer, authorizationEndpoint, tokenEndpoint }: SignIn) {
  if (authorizationEndpoint !== undefined && tokenEndpoint !== undefined)
    return { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint };
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const read = metadata.safeParse(await response.json().catch(() => undefined));
  if (!read.success || read.data.issuer !== issuer)
    throw new Error(
      `${issuer} does not say where to sign in; its operator sets authorizationEndpoint and tokenEndpoint.`,
    );
  return {
    authorization_endpoint: authorizationEndpoint ?? read.data.authorization_endpoint,
    token_endpoint: tokenEndpoint ?? read.data.token_endpoint,
  };
}

const refused = (why: string): CameBack => ({ kind: 'refused', why });

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** 256 bits. */
const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** RFC 7636 §4.2, S256. */
export const challengeOf = async (verifier: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(verifier))));
