/** Who is asking: tokens of the issuers that this deployment was told. */
import { fetchJwksOverHttp } from '../../adapters/jwks-fetch.ts';
import { type Authenticator, createAuthenticator } from '../../src/identity/authenticator.ts';
import type { AwsWorld } from './world.ts';

export function authenticatorOf({ settings, clock, meter }: AwsWorld): Authenticator {
  return createAuthenticator(
    {
      issuers: settings.ISSUERS,
      requireAccessTokenType: settings.REQUIRE_ACCESS_TOKEN_TYPE,
      deployed: true,
    },
    { clock, meter, fetchJwks: fetchJwksOverHttp },
  );
}
