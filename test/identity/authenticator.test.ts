import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/identity/authenticator.ts';
import { DEV_ISSUER } from '../../src/identity/development.ts';
import { usableKeys } from '../../src/identity/signature.ts';
import {
  AUDIENCE,
  forge,
  GOOD,
  hmac,
  ISSUER,
  JWKS_URI,
  jwksOf,
  KEYS,
  keyOf,
  mint,
  NOW,
  SECONDS,
  setUp,
} from './issuer.ts';

describe('which tokens are accepted', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('%s', async (alg) => {
    const { authenticator } = setUp();
    const result = await authenticator.authenticate(`Bearer ${await mint(GOOD, {}, alg)}`);
    expect(result).toMatchObject({ ok: true, claims: { sub: 'user-1', iss: ISSUER } });
  });

  it.each(['at+jwt', 'application/at+jwt', 'AT+JWT', 'JWT', 'jwt', undefined])('typ %s', async (typ) => {
    expect(await setUp().outcome(await mint(GOOD, { typ }))).toBe('ok');
  });

  it('with the audience in a list among others', async () => {
    expect(await setUp().outcome(await mint({ ...GOOD, aud: ['elsewhere', AUDIENCE] }))).toBe('ok');
  });

  it('of each of several issuers, under its own keys and audience only', async () => {
    const other = {
      issuer: 'https://other.example.org',
      name: 'other',
      audience: ['other-api'],
      jwksUri: 'https://other.example.org/k',
    };
    const mine = { issuer: ISSUER, name: 'mine', audience: [AUDIENCE], jwksUri: JWKS_URI };
    const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const authenticator = createAuthenticator(
      { issuers: [mine, other] },
      {
        clock: () => NOW,
        fetchJwks: (uri) => (uri === JWKS_URI ? jwksOf() : jwksOf({ ES256: theirs })),
      },
    );
    const ask = async (iss: string, aud: string, key: typeof theirs | undefined) => {
      const token = await new SignJWT({ ...GOOD, iss, aud })
        .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
        .sign((key ?? theirs).privateKey);
      const result = await authenticator.authenticate(`Bearer ${token}`);
      return result.ok ? 'ok' : result.reason;
    };
    expect(await ask(ISSUER, AUDIENCE, KEYS.ES256)).toBe('ok');
    expect(await ask(other.issuer, 'other-api', theirs)).toBe('ok');
    expect(await ask(ISSUER, AUDIENCE, theirs)).toBe('signature');
    expect(await ask(other.issuer, 'other-api', KEYS.ES256)).toBe('signature');
    expect(await ask(other.issuer, AUDIENCE, theirs)).toBe('audience');
    expect(await ask('https://third.example.org', AUDIENCE, theirs)).toBe('issuer');
  });
});

describe('which are refused', () => {
  const none = () => '';
  const rsaPem = KEYS.RS256?.publicKey.export({ type: 'spki', format: 'pem' }).toString() ?? '';

  it.each<[string, string, () => Promise<string | undefined> | string | undefined]>([
    ['no header', 'missing', () => undefined],
    ['an empty token', 'missing', () => ''],
    ['alg none', 'malformed', () => forge({ alg: 'none', kid: 'ES256' }, GOOD, none)],
    ['alg none with a signature', 'alg', () => forge({ alg: 'none', kid: 'ES256' }, GOOD, () => 'AAAA')],
    ['alg NoNe', 'alg', () => forge({ alg: 'NoNe', kid: 'ES256' }, GOOD, () => 'AAAA')],
    ['no alg', 'alg', () => forge({ kid: 'ES256' }, GOOD, () => 'AAAA')],
    [
      'HS256 keyed with the public key',
      'alg',
      () => forge({ alg: 'HS256', kid: 'RS256' }, GOOD, hmac(rsaPem)),
    ],
    ['HS512', 'alg', () => forge({ alg: 'HS512', kid: 'RS256' }, GOOD, hmac('secret'))],
    [
      'RS512, which the library knows',
      'alg',
      () => forge({ alg: 'RS512', kid: 'RS256' }, GOOD, () => 'AAAA'),
    ],
    ['ES256 named for an RSA key', 'alg', () => forge({ alg: 'ES256', kid: 'RS256' }, GOOD, () => 'AAAA')],
    ['EdDSA named for an EC key', 'alg', () => forge({ alg: 'EdDSA', kid: 'ES256' }, GOOD, () => 'AAAA')],
    ['an embedded key', 'header', async () => mint(GOOD, { jwk: await exportJWK(createPublicKey(rsaPem)) })],
    ['a key address', 'header', () => mint(GOOD, { jku: 'https://evil.example.org/keys' })],
    ['a certificate address', 'header', () => mint(GOOD, { x5u: 'https://evil.example.org/c' })],
    ['a certificate', 'header', () => mint(GOOD, { x5c: ['MIIB'] })],
    [
      'a critical extension',
      'header',
      () => forge({ alg: 'ES256', kid: 'ES256', crit: ['b64'], b64: false }, GOOD, () => 'AAAA'),
    ],
    ['an unknown kid', 'kid', () => mint(GOOD, { kid: 'nobody' })],
    ['no kid', 'kid', () => mint(GOOD, { kid: undefined })],
    ['a kid that is a number', 'kid', () => forge({ alg: 'ES256', kid: 7 }, GOOD, () => 'AAAA')],
    ['a path as kid', 'kid', () => mint(GOOD, { kid: '../../../../dev/null' })],
    ['a query as kid', 'kid', () => mint(GOOD, { kid: "x' UNION SELECT 'secret" })],
    ['a prototype member as kid', 'kid', () => mint(GOOD, { kid: '__proto__' })],
    ['another issuer', 'issuer', () => mint({ ...GOOD, iss: 'https://evil.example.org' })],
    ['the issuer with a slash more', 'issuer', () => mint({ ...GOOD, iss: `${ISSUER}/` })],
    ['no issuer', 'issuer', () => mint({ ...GOOD, iss: undefined })],
    ['another audience', 'audience', () => mint({ ...GOOD, aud: 'elsewhere' })],
    ['no audience', 'audience', () => mint({ ...GOOD, aud: undefined })],
    ['an expired token', 'expired', () => mint({ ...GOOD, exp: SECONDS - 60 })],
    ['no expiry', 'claims', () => mint({ ...GOOD, exp: undefined })],
    ['an expiry that is a text', 'claims', () => signed({ ...GOOD, exp: String(SECONDS + 600) })],
    [
      'an infinite expiry',
      'claims',
      () => signedText(JSON.stringify({ ...GOOD, exp: 0 }).replace('"exp":0', '"exp":1e999')),
    ],
    ['a token before its time', 'not_before', () => mint({ ...GOOD, nbf: SECONDS + 61 })],
    ['no subject', 'claims', () => mint({ ...GOOD, sub: undefined })],
    ['an empty subject', 'claims', () => mint({ ...GOOD, sub: '' })],
    ['a kind that there is not', 'claims', () => mint({ ...GOOD, kind: 'god' })],
    ['roles that are an object', 'claims', () => mint({ ...GOOD, roles: { admin: true } })],
    [
      'a subject that stands twice',
      'malformed',
      () => signedText(JSON.stringify(GOOD).replace('"sub":', '"sub":"admin","sub":')),
    ],
    [
      'a name that stands twice further in, once as an escape',
      'malformed',
      () =>
        signedText(
          JSON.stringify({ ...GOOD, act: { sub: 'a:"b' } }).replace('{"sub":', '{"\\u0073ub":"x","sub":'),
        ),
    ],
    [
      'a header that names two algorithms',
      'malformed',
      () => signedText(JSON.stringify(GOOD), 'utf8', '{"alg":"none","alg":"EdDSA","kid":"EdDSA"}'),
    ],
    [
      'text that is not UTF-8',
      'malformed',
      () => signedText(JSON.stringify(GOOD).replace('user-1', 'user-\xff'), 'latin1'),
    ],
    ['a payload that is a list', 'malformed', () => signed([GOOD])],
    ['a token type of another use', 'typ', () => mint(GOOD, { typ: 'dpop+jwt' })],
    ['a token of two parts', 'malformed', async () => (await mint()).split('.').slice(0, 2).join('.')],
    ['a token of four parts', 'malformed', async () => `${await mint()}.AAAA`],
    ['a truncated token', 'malformed', async () => (await mint()).slice(0, -1)],
    ['a shorter signature', 'signature', async () => (await mint(GOOD, {}, 'RS256')).slice(0, -2)],
    ['padding', 'malformed', async () => `${await mint()}==`],
    ['unused low bits of the signature set', 'malformed', async () => lastBitSet(await mint())],
    ['the other base64 alphabet', 'malformed', async () => (await mint()).replace(/.$/, '+')],
    ['two tokens', 'malformed', async () => `${await mint()} ${await mint()}`],
    ['an oversized token', 'oversize', async () => mint({ ...GOOD, padding: 'x'.repeat(9000) })],
    [
      'a zero signature (CVE-2022-21449)',
      'signature',
      () => forge({ alg: 'ES256', kid: 'ES256' }, GOOD, () => Buffer.alloc(64).toString('base64url')),
    ],
    ['an empty signature', 'malformed', () => forge({ alg: 'ES256', kid: 'ES256' }, GOOD, () => '')],
    [
      'a DER signature',
      'signature',
      () =>
        forge({ alg: 'ES256', kid: 'ES256' }, GOOD, (input) =>
          sign('sha256', Buffer.from(input), KEYS.ES256?.privateKey ?? '').toString('base64url'),
        ),
    ],
  ])('%s: %s', async (_, reason, token) => {
    const { authenticator } = setUp();
    const value = await token();
    const result = await authenticator.authenticate(value === undefined ? undefined : `Bearer ${value}`);
    expect(result).toMatchObject({
      ok: false,
      code: reason === 'missing' ? 'AUTH_REQUIRED' : 'INVALID_TOKEN',
      reason,
    });
  });

  it('any token of which one character was changed', async () => {
    const token = await mint();
    for (let i = 0; i < token.length; i += 3) {
      const changed = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
      expect(await setUp().outcome(changed), `position ${i}`).not.toBe('ok');
    }
  });

  it('whatever else is sent, without ever throwing', async () => {
    const { authenticator } = setUp();
    const part = fc.oneof(
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc
        .record({
          alg: fc.constantFrom('ES256', 'RS256', 'EdDSA', 'none'),
          kid: fc.constantFrom('ES256', 'RS256', 'x'),
        })
        .map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
      fc.constant(Buffer.from(JSON.stringify(GOOD)).toString('base64url')),
      fc.base64String(),
    );
    const header = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 4 }).map((parts) => `Bearer ${parts.join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (authorization) => {
        expect((await authenticator.authenticate(authorization)).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('another scheme than Bearer', async () => {
    const { authenticator } = setUp();
    expect(await authenticator.authenticate('Basic dXNlcjpwYXNz')).toMatchObject({ code: 'AUTH_REQUIRED' });
  });

  it('a token without the access token type, when that is required', async () => {
    const { outcome } = setUp({ requireAccessTokenType: true });
    expect(await outcome(await mint(GOOD, { typ: 'at+jwt' }))).toBe('ok');
    expect(await outcome(await mint(GOOD, { typ: 'JWT' }))).toBe('typ');
    expect(await outcome(await mint(GOOD, { typ: undefined }))).toBe('typ');
  });

  it('and no refusal repeats the token', async () => {
    const { authenticator } = setUp();
    const token = await mint(GOOD, { kid: 'nobody' });
    expect(JSON.stringify(await authenticator.authenticate(`Bearer ${token}`))).not.toContain(
      token.slice(0, 30),
    );
  });
});

describe('time', () => {
  it.each([
    ['exp 59 s ago', { exp: SECONDS - 59 }, 'ok'],
    ['exp 60 s ago', { exp: SECONDS - 60 }, 'expired'],
    ['nbf in 60 s', { nbf: SECONDS + 60 }, 'ok'],
    ['nbf in 61 s', { nbf: SECONDS + 61 }, 'not_before'],
  ])('%s: %s', async (_, claims, expected) => {
    expect(await setUp().outcome(await mint({ ...GOOD, ...claims }))).toBe(expected);
  });

  it('is judged anew on a token that is remembered', async () => {
    const { outcome, state } = setUp();
    const token = await mint({ ...GOOD, exp: SECONDS + 100 });
    expect(await outcome(token)).toBe('ok');
    state.now += 159_000;
    expect(await outcome(token)).toBe('ok');
    state.now += 1000;
    expect(await outcome(token)).toBe('expired');
  });
});

describe('tokens that were seen before', () => {
  it('are forgotten, oldest first, beyond what is remembered, and then verified anew', async () => {
    const { outcome } = setUp({ rememberTokens: 2 });
    const tokens = await Promise.all([1, 2, 3].map((n) => mint({ ...GOOD, jti: `t${n}` })));
    for (const token of [...tokens, ...tokens]) expect(await outcome(token)).toBe('ok');
  });

  it('do not stand in for others: the same token with one character changed is refused', async () => {
    const { outcome } = setUp();
    const token = await mint();
    expect(await outcome(token)).toBe('ok');
    expect(
      await outcome(`${token.slice(0, -10)}${token.at(-10) === 'A' ? 'B' : 'A'}${token.slice(-9)}`),
    ).toBe('signature');
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once for many requests at once', async () => {
    const { outcome, state } = setUp();
    const token = await mint();
    const results = await Promise.all(Array.from({ length: 50 }, () => outcome(token)));
    expect(new Set(results)).toEqual(new Set(['ok']));
    expect(state.fetches).toBe(1);
  });

  it('are asked for once per cooldown in a flood of unknown key ids', async () => {
    const { outcome, state } = setUp();
    await outcome(await mint());
    for (let second = 0; second < 60; second++) {
      state.now = NOW + second * 1000;
      const flood = Array.from({ length: 20 }, (_, i) => mint(GOOD, { kid: `invented-${second}-${i}` }));
      const results = await Promise.all((await Promise.all(flood)).map(outcome));
      expect(new Set(results)).toEqual(new Set(['kid']));
    }
    // 1,200 tokens in a minute: the first fetch and one each ten seconds.
    expect(state.fetches).toBe(6);
    expect(await outcome(await mint())).toBe('ok');
  });

  it('are not asked for at all for issuers that are not trusted', async () => {
    const { outcome, state } = setUp();
    for (let i = 0; i < 20; i++) await outcome(await mint({ ...GOOD, iss: `https://evil-${i}.example.org` }));
    expect(state.fetches).toBe(0);
  });

  it('are fetched again when a token names a new one, and the old one then no longer counts', async () => {
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let answer = await jwksOf();
    const { outcome, state } = setUp({}, async () => answer);
    const old = await mint();
    expect(await outcome(old)).toBe('ok');
    answer = await jwksOf({ rotated: next });
    state.now += 11_000;
    const rotated = await new SignJWT(GOOD)
      .setProtectedHeader({ alg: 'ES256', kid: 'rotated' })
      .sign(next.privateKey);
    expect(await outcome(rotated)).toBe('ok');
    expect(await outcome(old)).toBe('kid');
  });

  it('that changed under one key id replace the old ones', async () => {
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let answer = await jwksOf();
    const { outcome, state, authenticator } = setUp({}, async () => answer);
    const old = await mint();
    expect(await outcome(old)).toBe('ok');
    answer = await jwksOf({ ES256: next });
    state.now += 601_000;
    await authenticator.warm();
    expect(await outcome(await mint({ ...GOOD, exp: SECONDS + 9000 }))).toBe('signature');
  });

  it('that were replaced under their id by one of another kind are found at the bounded rate', async () => {
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
    let answer = await jwksOf();
    const { outcome, state } = setUp({}, async () => answer);
    expect(await outcome(await mint())).toBe('ok');
    answer = await jwksOf({ ES256: next });
    const replaced = await new SignJWT(GOOD)
      .setProtectedHeader({ alg: 'RS256', kid: 'ES256' })
      .sign(next.privateKey);
    expect(await outcome(replaced)).toBe('alg');
    state.now += 11_000;
    expect(await outcome(replaced)).toBe('ok');
    expect(state.fetches).toBe(2);
  });

  it('that share one id are all tried', async () => {
    const [one, two] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const keys = await Promise.all(
      [one, two].map(async (pair) => ({ ...(await exportJWK(pair?.publicKey ?? expect.fail())), kid: 'k' })),
    );
    const { outcome } = setUp({}, async () => ({ keys }));
    for (const pair of [one, two]) {
      const token = await new SignJWT(GOOD)
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .sign(pair?.privateKey ?? expect.fail());
      expect(await outcome(token)).toBe('ok');
    }
  });

  it('are used without an id where there is one key only, which has none', async () => {
    const nameless = { ...(await exportJWK(keyOf('ES256').publicKey)) };
    const token = await mint(GOOD, { kid: undefined });
    expect(await setUp({}, async () => ({ keys: [nameless] })).outcome(token)).toBe('ok');
    const two = { keys: [nameless, { ...(await exportJWK(keyOf('RS256').publicKey)) }] };
    expect(await setUp({}, async () => two).outcome(token)).toBe('kid');
    expect(await setUp().outcome(token)).toBe('kid');
  });

  it('that were replaced under their id are found at the bounded rate, whatever flood there is', async () => {
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let answer = await jwksOf();
    const { outcome, state } = setUp({}, async () => answer);
    expect(await outcome(await mint())).toBe('ok');
    answer = await jwksOf({ ES256: next });
    const fresh = await new SignJWT(GOOD)
      .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
      .sign(next.privateKey);
    expect(await outcome(fresh)).toBe('signature');
    state.now += 10_000;
    expect(await outcome(fresh)).toBe('ok');
    const bad = `${fresh.slice(0, -10)}AAAAAAAAAA`;
    for (let i = 0; i < 600; i++) expect(await outcome(bad)).toBe('signature');
    expect(state.fetches).toBe(2);
  });

  it('that cannot be had are said to be away, and when to come again', async () => {
    const { authenticator, state } = setUp({}, () => Promise.reject(new Error('away')));
    const token = await mint();
    const away = { ok: false, code: 'KEYS_UNAVAILABLE', reason: 'keys_unavailable' };
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({
      ...away,
      retry_after_seconds: 10,
    });
    state.now += 4_000;
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({
      ...away,
      retry_after_seconds: 6,
    });
    expect(state.fetches).toBe(1);
  });

  it('that are old are renewed behind the request', async () => {
    const { outcome, state } = setUp();
    const token = await mint({ ...GOOD, exp: SECONDS + 9000 });
    await outcome(token);
    state.now += 600_000;
    expect(await outcome(token)).toBe('ok');
    expect(state.fetches).toBe(2);
  });

  it('serve on for six hours when the issuer is away, and no longer', async () => {
    let away = false;
    const { outcome, state, authenticator } = setUp({}, async () => {
      if (away) throw new Error('away');
      return jwksOf();
    });
    const token = await mint({ ...GOOD, exp: SECONDS + 90_000 });
    expect(await outcome(token)).toBe('ok');
    away = true;
    state.now += 5 * 3_600_000;
    expect(await outcome(token)).toBe('ok');
    expect(authenticator.keyAges()).toEqual([{ issuer: ISSUER, age_ms: 5 * 3_600_000 }]);
    state.now += 3_600_000;
    expect(await outcome(token)).toBe('keys_unavailable');
    away = false;
    state.now += 11_000;
    expect(await outcome(token)).toBe('ok');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', []],
    ['no keys', { keys: [] }],
    ['keys of the wrong type', { keys: 'all' }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'ES256' }] }],
    [
      'a point that is not on the curve',
      { keys: [{ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'ES256' }] },
    ],
  ])('are not there when the answer is %s', async (_, answer) => {
    expect(await setUp({}, async () => answer).outcome(await mint())).toBe('keys_unavailable');
  });

  it('leave out private, short, foreign and encryption keys', async () => {
    const good = (await exportJWK(keyOf('ES256').publicKey)) as Record<string, unknown>;
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    const keys = [
      { ...good, kid: 'good' },
      { ...good, kid: 'encryption', use: 'enc' },
      { ...good, kid: 'private', d: 'AAAA' },
      { ...good, kid: 'other-alg', alg: 'ES384' },
      { ...good },
      { ...short, kid: 'short' },
      { ...p384, kid: 'p384' },
      null,
      'key',
    ];
    expect(usableKeys({ keys }).map(({ kid }) => kid)).toEqual(['good', undefined]);
  });
});

describe('the development issuer', () => {
  const deps = { clock: () => NOW, fetchJwks: () => jwksOf() };

  it('cannot be trusted by a deployed stack', () => {
    expect(() => createAuthenticator({ issuers: [DEV_ISSUER], deployed: true }, deps)).toThrow(
      /development issuer/,
    );
  });

  it('nor can keys that do not come over https', () => {
    const issuers = [
      { issuer: ISSUER, name: 'test', audience: [AUDIENCE], jwksUri: 'http://issuer.example.org/keys' },
    ];
    expect(() => createAuthenticator({ issuers, deployed: true }, deps)).toThrow(/https/);
    expect(createAuthenticator({ issuers }, deps).keyAges()).toHaveLength(1);
  });

  it('and an authenticator without issuers is not made', () => {
    expect(() => createAuthenticator({ issuers: [] }, deps)).toThrow();
  });
});

/** Signs any payload, even one that no library would. */
function signed(payload: unknown): string {
  return signedText(JSON.stringify(payload));
}

function signedText(
  payload: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
  header = '{"alg":"EdDSA","kid":"EdDSA"}',
): string {
  const first = Buffer.from(header).toString('base64url');
  const input = `${first}.${Buffer.from(payload, encoding).toString('base64url')}`;
  return `${input}.${sign(null, Buffer.from(input), KEYS.EdDSA?.privateKey ?? '').toString('base64url')}`;
}

function lastBitSet(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) + 1);
}
