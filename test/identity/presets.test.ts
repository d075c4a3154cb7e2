/** Tokens as each provider documents them (docs/identity/), read by its preset. */
import type { JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { audienceOf, parseClaims } from '../../src/identity/claims.ts';
import { issuersSchema, mistakesIn } from '../../src/identity/issuer-settings.ts';
import { PRESETS, type Preset } from '../../src/identity/mapping.ts';
import { toPrincipal } from '../../src/identity/principal.ts';
import { AUDIENCE, GOOD, ISSUER, JWKS_URI, mint, NOW, SECONDS, setUp } from './issuer.ts';

const times = { iat: SECONDS, exp: SECONDS + 3600 };
const tenant = '11111111-2222-3333-4444-555555555555';
const uuid = '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d';

const cognito = {
  ...{
    sub: uuid,
    'cognito:groups': ['operator'],
    iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab',
  },
  ...{ version: 2, client_id: '3n4b5', origin_jti: 'o-1', token_use: 'access', jti: 'j-1', username: 'jake' },
  ...{ scope: 'openid chancery/ledger:read', auth_time: SECONDS, ...times },
};
const keycloak = {
  ...{ iss: 'https://kc.example.org/realms/main', aud: ['chancery', 'account'], sub: uuid, typ: 'Bearer' },
  ...{ azp: 'web', sid: 's-1', acr: '1', realm_access: { roles: ['operator', 'offline_access'] } },
  ...{
    resource_access: { chancery: { roles: ['auditor'] } },
    scope: 'openid email profile',
    email_verified: true,
  },
  ...{ name: 'Jake Smith', preferred_username: 'jake', email: 'jake@example.org', jti: 'j-1', ...times },
};
const entra2 = {
  ...{
    aud: 'api-client-id',
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    nbf: SECONDS,
    ...times,
  },
  ...{
    azp: 'web-client',
    azpacr: '1',
    name: 'Jake Smith',
    oid: uuid,
    preferred_username: 'jake@example.org',
  },
  ...{
    roles: ['operator'],
    scp: 'ledger:read workflows:execute',
    sid: 's-1',
    sub: 'AAAApairwise',
    tid: tenant,
  },
  ...{ uti: 'u-1', ver: '2.0' },
};
const entra1 = {
  ...{ aud: 'api://chancery', iss: `https://sts.windows.net/${tenant}/`, nbf: SECONDS, ...times, acr: '1' },
  ...{
    amr: ['pwd', 'mfa'],
    appid: 'web-client',
    appidacr: '0',
    name: 'Jake Smith',
    oid: uuid,
    scp: 'ledger:read',
  },
  ...{
    sub: 'AAAApairwise',
    tid: tenant,
    unique_name: 'jake@example.org',
    upn: 'jake@example.org',
    uti: 'u-1',
    ver: '1.0',
  },
};
const okta = {
  ...{ ver: 1, jti: 'AT.1', iss: 'https://org.okta.com/oauth2/default', aud: 'api://default', ...times },
  ...{ cid: '0oaclient', uid: '00uuser', scp: ['openid', 'ledger:read'], auth_time: SECONDS },
  ...{ sub: 'jake@example.org', groups: ['Everyone', 'operator'] },
};
const auth0 = {
  ...{
    iss: 'https://org.eu.auth0.com/',
    sub: 'auth0|6553da',
    aud: ['https://chancery', 'https://org/userinfo'],
  },
  ...{ azp: 'client', scope: 'openid profile', permissions: ['ledger:read'], ...times },
};
const rfc9068 = {
  ...{
    iss: 'https://as.example.com/',
    sub: '5ba552d67',
    aud: 'https://rs.example.com/',
    jti: 'dbe39bf3a3ba4238',
    ...times,
  },
  ...{ client_id: 's6BhdRkqt3', scope: 'openid ledger:read', auth_time: SECONDS, roles: ['operator'] },
};

function read(preset: Preset, payload: Record<string, unknown>) {
  const parsed = parseClaims(payload, PRESETS[preset]);
  if (!parsed.ok) return { refused: parsed.claim };
  const identified = toPrincipal(parsed.claims, () => [], NOW);
  return identified.ok
    ? { ...identified.principal, audience: audienceOf(payload, PRESETS[preset]) }
    : { refused: identified.reason };
}

describe('a person’s token', () => {
  it.each<[string, Preset, Record<string, unknown>, Record<string, unknown>]>([
    [
      'Cognito',
      'cognito',
      cognito,
      { roles: ['operator'], audience: ['3n4b5'], session: 'o-1', name: 'jake' },
    ],
    [
      'Keycloak',
      'keycloak',
      keycloak,
      { roles: ['operator', 'offline_access'], email: 'jake@example.org', session: 's-1' },
    ],
    [
      'Entra v2',
      'entra',
      entra2,
      {
        roles: ['operator'],
        scopes: ['ledger:read', 'workflows:execute'],
        email: 'jake@example.org',
        session: 's-1',
      },
    ],
    ['Entra v1', 'entra', entra1, { scopes: ['ledger:read'], email: 'jake@example.org', session: 'u-1' }],
    ['Okta', 'okta', okta, { roles: ['Everyone', 'operator'], scopes: ['openid', 'ledger:read'] }],
    ['Auth0', 'auth0', auth0, { scopes: ['openid', 'profile', 'ledger:read'], audience: auth0.aud }],
    [
      'RFC 9068',
      'rfc9068',
      rfc9068,
      { roles: ['operator'], scopes: ['openid', 'ledger:read'], audience: [rfc9068.aud] },
    ],
  ])('of %s', (_, preset, payload, expected) => {
    expect(read(preset, payload)).toMatchObject({
      kind: 'human',
      sub: payload.sub,
      issuer: payload.iss,
      ...expected,
    });
  });
});

describe('a client’s own token is a service’s', () => {
  it.each<[string, Preset, Record<string, unknown>]>([
    ['Cognito', 'cognito', { ...cognito, sub: '3n4b5', username: undefined }],
    ['Keycloak', 'keycloak', { ...keycloak, preferred_username: 'service-account-web' }],
    ['Keycloak without a user', 'keycloak', { ...keycloak, preferred_username: undefined }],
    ['Entra', 'entra', { ...entra2, scp: undefined, idtyp: 'app' }],
    ['Entra with a scope', 'entra', { ...entra2, idtyp: 'app' }],
    ['Okta', 'okta', { ...okta, uid: undefined, sub: '0oaclient' }],
    ['Auth0', 'auth0', { ...auth0, sub: 'client@clients', gty: 'client-credentials' }],
    ['RFC 9068', 'rfc9068', { ...rfc9068, sub: 's6BhdRkqt3' }],
  ])('of %s', (_, preset, payload) => {
    expect(read(preset, JSON.parse(JSON.stringify(payload)))).toMatchObject({
      kind: 'service',
      person: false,
    });
  });

  it.each(Object.keys(PRESETS))('and with an actor nobody is human: %s', (preset) => {
    const name = Object.keys(PRESETS).find((each): each is Preset => each === preset) ?? 'plain';
    expect(read(name, { ...keycloak, ...okta, ...entra2, act: { sub: 'bot' } })).toMatchObject({
      kind: 'agent',
    });
  });
});

describe('a claim of the wrong type is refused by its name', () => {
  it.each<[Preset, Record<string, unknown>, string]>([
    ['plain', { sub: 7 }, 'sub'],
    ['plain', { sub: ['jake'] }, 'sub'],
    ['plain', { exp: String(SECONDS + 600) }, 'exp'],
    ['plain', { nbf: 'now' }, 'nbf'],
    ['plain', { iat: null }, 'iat'],
    ['plain', { scope: ['ledger:read'] }, 'scope'],
    ['plain', { scope: 5 }, 'scope'],
    ['plain', { scp: [5] }, 'scp'],
    ['plain', { roles: { admin: true } }, 'roles'],
    ['plain', { roles: [['admin']] }, 'roles'],
    ['plain', { kind: 'god' }, 'kind'],
    ['plain', { kind: ['human'] }, 'kind'],
    ['plain', { name: 5 }, 'name'],
    ['plain', { email: {} }, 'email'],
    ['plain', { sid: 5 }, 'sid'],
    ['plain', { jti: 5, sid: 's' }, 'jti'],
    ['plain', { amr: 'mfa' }, 'amr'],
    ['plain', { auth_time: 'now' }, 'auth_time'],
    ['plain', { act: 'bot' }, 'act'],
    ['entra', { scp: ['ledger:read'] }, 'scp'],
    ['keycloak', { realm_access: { roles: 5 } }, 'realm_access.roles'],
    ['cognito', { 'cognito:groups': {} }, 'cognito:groups'],
    ['auth0', { permissions: 5 }, 'permissions'],
  ])('%s %j: %s', async (preset, wrong, claim) => {
    const [issuer] = issuersSchema.parse([{ issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URI, preset }]);
    const { authenticator } = setUp({ issuers: issuer === undefined ? [] : [issuer] });
    const payload = { ...GOOD, client_id: AUDIENCE, ...wrong } as JWTPayload;
    const result = await authenticator.authenticate(`Bearer ${await mint(payload)}`);
    if (claim === 'act') {
      expect(read(preset, payload)).toMatchObject({ refused: 'claims' });
      return;
    }
    expect(result).toMatchObject({
      ok: false,
      reason: 'claims',
      message: expect.stringMatching(`: ${claim}$`),
    });
  });

  it('also an audience', async () => {
    const payload = { ...GOOD, aud: 5 } as unknown as JWTPayload;
    const result = await setUp().authenticator.authenticate(`Bearer ${await mint(payload)}`);
    expect(result).toMatchObject({ reason: 'claims', message: expect.stringMatching(/: aud$/) });
  });
});

describe('settings of an issuer', () => {
  const good = { issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URI };
  const mistakes = (entry: unknown): string => {
    const parsed = issuersSchema.safeParse([entry]);
    return parsed.success ? '' : mistakesIn(parsed.error).join('\n');
  };

  it('say what tokens are read by, claim by claim', () => {
    const own = { roles: 'https://example.org/roles', kind: 'actor.kind', scopes: ['scope', 'perms'] };
    const [issuer] = issuersSchema.parse([{ ...good, claims: own, scopePrefix: 'chancery/' }]);
    const payload = {
      ...{ iss: ISSUER, sub: 'jake', ...times, scope: 'chancery/ledger:read other' },
      ...{ 'https://example.org/roles': ['operator'], actor: { kind: 'agent' }, perms: 'slo:read' },
    };
    expect(parseClaims(payload, issuer?.claims)).toMatchObject({
      claims: { roles: ['operator'], kind: 'agent', scopes: ['ledger:read', 'other', 'slo:read'] },
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a misspelt member', { jwksUrl: JWKS_URI }, /jwksUrl: .*did you mean jwksUri/],
    ['a misspelt claim', { claims: { rols: 'groups' } }, /claims\.rols: .*did you mean roles/],
    ['a misspelt preset', { preset: 'keyclaok' }, /preset: .*did you mean keycloak/],
    ['a preset that there is not', { preset: 'ping' }, /known are plain, rfc9068/],
    ['an audience claim that is none', { claims: { audience: 'sub' } }, /claims\.audience/],
    ['an issuer that is no URL', { issuer: 'corp' }, /issuer: an issuer is a URL/],
    ['an issuer that is a name', { issuer: 'urn:chancery:development' }, /issuer is a URL/],
    ['an issuer with a query', { issuer: `${ISSUER}?a=b` }, /issuer is a URL/],
    ['no audience', { audience: [] }, /audience/],
    ['a path that is empty', { claims: { roles: '' } }, /claims\.roles/],
  ])('%s is refused', (_, change, expected) => {
    expect(mistakes(good)).toBe('');
    expect(mistakes({ ...good, ...change })).toMatch(expected);
  });
});
