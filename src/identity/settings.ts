/** Whose tokens are trusted, and how strictly they are read. */
import type { NamedIssuer } from './issuers.ts';
import type { KeySettings } from './keys.ts';
import type { ClaimMapping } from './mapping.ts';

export interface IssuerSettings extends NamedIssuer {
  /** At least one of them must be in the token's audience. */
  readonly audience: readonly string[];
  readonly jwksUri: string;
  /** Where its tokens carry what we need; standard claims where it does not say. */
  readonly claims?: ClaimMapping;
  /** Where people may sign in to the console there. */
  readonly signIn?: SignInSettings;
}

/** How people sign in to the console at an issuer: OpenID Connect, authorisation code with PKCE, as a public client. */
export interface SignInSettings {
  readonly clientId: string;
  /** Asked for; `openid` must be among them. */
  readonly scope: string;
  /** For providers that make tokens for an API only when they are told which. */
  readonly audience?: string;
  /** Where the issuer's metadata does not say it, or the endpoint is at another origin than the issuer. */
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
}

/** As the console is told of it. */
export interface SignIn extends SignInSettings, Pick<NamedIssuer, 'issuer' | 'name'> {}

export const signInsOf = (issuers: readonly IssuerSettings[]): SignIn[] =>
  issuers.flatMap(({ issuer, name, signIn }) => (signIn === undefined ? [] : [{ ...signIn, issuer, name }]));

export interface IdentitySettings {
  readonly issuers: readonly IssuerSettings[];
  /** Take RFC 9068 access tokens (`typ: at+jwt`) only, whoever the issuer is. */
  readonly requireAccessTokenType?: boolean;
  /** In a deployed stack: the development issuer and keys without TLS are refused at start. */
  readonly deployed?: boolean;
  readonly leewaySeconds?: number;
  readonly keys?: Partial<KeySettings>;
  /** How many verified tokens are remembered, by digest; 0 verifies every signature anew. */
  readonly rememberTokens?: number;
}
