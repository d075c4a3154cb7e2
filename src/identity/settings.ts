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
}

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
