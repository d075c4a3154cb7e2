/** An identity provider on loopback: discovery, codes that are redeemed with PKCE alone, tokens that the API takes. It signs in whoever comes. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { IssuerSettings } from '../../src/identity/settings.ts';

export interface Provider {
  readonly settings: IssuerSettings;
  /** What it says otherwise than it should, from now on; `undefined` for nothing. */
  lie(about: 'nonce' | 'aud' | 'state' | undefined): void;
  stop(): void;
}

const CLIENT = 'console';

export async function startProvider(person: JWTPayload): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const codes = new Map<string, URLSearchParams>();
  let lying: string | undefined;
  let url = '';
  const sign = (claims: JWTPayload, audience: string) =>
    new SignJWT({ ...person, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(url)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);

  async function redeem(form: URLSearchParams): Promise<object | undefined> {
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const genuine =
      asked !== undefined &&
      form.get('client_id') === CLIENT &&
      form.get('redirect_uri') === asked.get('redirect_uri') &&
      challenge === asked.get('code_challenge');
    if (!genuine) return undefined;
    return {
      token_type: 'Bearer',
      access_token: await sign({}, 'chancery'),
      id_token: await sign(
        { nonce: lying === 'nonce' ? 'another' : String(asked.get('nonce')) },
        lying === 'aud' ? 'another' : CLIENT,
      ),
    };
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
      response.end(JSON.stringify(body));
    };
    if (pathname === '/jwks') return json(200, { keys: [jwk] });
    if (pathname === '/.well-known/openid-configuration')
      return json(200, {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
      });
    if (pathname === '/token') {
      const given = await redeem(new URLSearchParams(await bodyOf(request)));
      return given === undefined ? json(400, { error: 'invalid_grant' }) : json(200, given);
    }
    const well =
      searchParams.get('response_type') === 'code' &&
      searchParams.get('client_id') === CLIENT &&
      searchParams.get('code_challenge_method') === 'S256';
    const back = new URL(searchParams.get('redirect_uri') ?? url);
    const code = String(codes.size + 1);
    if (well) codes.set(code, searchParams);
    back.searchParams.set(well ? 'code' : 'error', well ? code : 'invalid_request');
    back.searchParams.set('state', lying === 'state' ? 'another' : String(searchParams.get('state')));
    back.searchParams.set('iss', url);
    response.writeHead(302, { location: back.href }).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no port');
  url = `http://127.0.0.1:${address.port}`;
  return {
    settings: {
      issuer: url,
      name: 'corp',
      audience: ['chancery'],
      jwksUri: `${url}/jwks`,
      signIn: { clientId: CLIENT, scope: 'openid' },
    },
    lie: (about) => {
      lying = about;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
