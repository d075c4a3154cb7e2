/** Signing in to an OpenID provider by the device flow (RFC 8628): for a terminal without a browser of its own. */
import * as oidc from 'openid-client';
import * as z from 'zod';
import { type OidcSource, replaceFile, textAt } from './contexts.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const kept = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  /** Milliseconds. */
  expires_at: z.number(),
  /** How it was asked for: one of another provider, client or scope is not used. */
  asked: z.string(),
});
type Kept = z.infer<typeof kept>;

/** A token that ends while the request travels is none. */
const SPARE_MS = 30_000;
/** Where the provider does not say. */
const DEFAULT_SECONDS = 300;

type SignInWorld = Pick<CliWorld, 'settings' | 'clock' | 'asks' | 'err'>;

/** The token that is kept, or one by its refresh token, or by asking the person. */
export async function signedIn(world: SignInWorld, name: string, source: OidcSource): Promise<string> {
  const found = ownOf(tokensAt(world)[name], source);
  if (found !== undefined && found.expires_at - SPARE_MS > world.clock()) return found.access_token;
  const renewed = await refreshed(world, name, source, found?.refresh_token);
  if (renewed !== undefined) return renewed;
  if (!world.asks)
    throw new CommandEnd(`You are not signed in to ${name}: chancery context login ${name}`, EXIT.usage);
  return signIn(world, name, source);
}

/** Shows where to go and with which code, and waits until the person was there. */
export async function signIn(world: SignInWorld, name: string, source: OidcSource): Promise<string> {
  try {
    const provider = await discovered(source);
    const begun = await oidc.initiateDeviceAuthorization(provider, parametersOf(source));
    world.err(`Sign in to ${name}: open ${begun.verification_uri} and enter the code ${begun.user_code}`);
    if (begun.verification_uri_complete !== undefined)
      world.err(`  or open ${begun.verification_uri_complete}`);
    return keep(world, name, source, await oidc.pollDeviceAuthorizationGrant(provider, begun));
  } catch (cause) {
    throw new CommandEnd(`${source.issuer} did not sign you in: ${reasonOf(cause)}`, EXIT.negative);
  }
}

/** Forgets the token; the provider is not told. */
export function signOut(world: SignInWorld, name: string): boolean {
  const { [name]: mine, ...others } = tokensAt(world);
  if (mine !== undefined) replaceFile(tokenFile(world), `${JSON.stringify(others, null, 2)}\n`);
  return mine !== undefined;
}

async function refreshed(
  world: SignInWorld,
  name: string,
  source: OidcSource,
  token: string | undefined,
): Promise<string | undefined> {
  if (token === undefined) return undefined;
  const provider = await discovered(source).catch((cause: unknown) => {
    throw new CommandEnd(`${source.issuer} does not answer: ${reasonOf(cause)}`, EXIT.unavailable);
  });
  try {
    return keep(world, name, source, await oidc.refreshTokenGrant(provider, token), token);
  } catch (cause) {
    // It has ended or was taken back: the person signs in again.
    if (cause instanceof oidc.ResponseBodyError) return undefined;
    throw new CommandEnd(`${source.issuer} does not answer: ${reasonOf(cause)}`, EXIT.unavailable);
  }
}

/** A provider on this machine, as in tests, may speak plain HTTP. */
function discovered({ issuer, client_id }: OidcSource): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const plain = url.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname);
  return oidc.discovery(url, client_id, undefined, oidc.None(), {
    execute: plain ? [oidc.allowInsecureRequests] : [],
  });
}

const parametersOf = ({ scope, audience }: OidcSource): Record<string, string> => ({
  scope,
  ...(audience === undefined ? {} : { audience }),
});

type Granted = Awaited<ReturnType<typeof oidc.refreshTokenGrant>>;

function keep(
  world: SignInWorld,
  name: string,
  source: OidcSource,
  granted: Granted,
  before?: string,
): string {
  const refresh_token = granted.refresh_token ?? before;
  const own: Kept = {
    access_token: granted.access_token,
    ...(refresh_token === undefined ? {} : { refresh_token }),
    expires_at: world.clock() + (granted.expires_in ?? DEFAULT_SECONDS) * 1_000,
    asked: JSON.stringify(source),
  };
  const all = { ...tokensAt(world), [name]: own };
  replaceFile(tokenFile(world), `${JSON.stringify(all, null, 2)}\n`);
  return own.access_token;
}

const ownOf = (found: Kept | undefined, source: OidcSource): Kept | undefined =>
  found?.asked === JSON.stringify(source) ? found : undefined;

const tokenFile = ({ settings }: Pick<SignInWorld, 'settings'>): string => `${settings.contextsFile}.tokens`;

/** What does not read is signed in for anew. */
function tokensAt(world: Pick<SignInWorld, 'settings'>): Record<string, Kept> {
  const text = textAt(tokenFile(world));
  if (text === undefined) return {};
  try {
    return z.record(z.string(), kept).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof oidc.ResponseBodyError) return cause.error_description ?? cause.error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message;
}
