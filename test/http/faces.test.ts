/** What HTTP asks of every route, over all of them: the table is the document that the system itself gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const bodyShape = z.looseObject({
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
});

const documentShape = z.object({
  components: z.object({ schemas: z.record(z.string(), bodyShape) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        tags: z.array(z.string()),
        security: z.array(z.object({ bearer: z.array(z.string()) })),
        requestBody: z
          .object({ content: z.object({ 'application/json': z.object({ schema: bodyShape }) }) })
          .optional(),
        parameters: z
          .array(z.looseObject({ in: z.string().optional(), name: z.string().default('') }))
          .default([]),
      }),
    ),
  ),
});

interface Route {
  readonly path: string;
  readonly methods: readonly string[];
  /** Of them, those that take a body. */
  readonly taking: readonly string[];
  /** What its bodies may hold. */
  readonly members: readonly string[];
  /** Names that a GET takes in its query. */
  readonly asked: readonly string[];
  readonly scopes: Readonly<Record<string, string | undefined>>;
  readonly authzen: boolean;
}

let system: TestRuntime;
let routes: Route[];
let token: string;
let bare: string;
beforeAll(async () => {
  system = await startTestRuntime();
  const roles = ['admin', 'operator', 'auditor', 'committee_member', 'emergency_responder', 'sre'];
  token = await system.token({ roles, mfa: true });
  bare = await system.token({ sub: 'nobody', name: 'Nobody Here', roles: [] });
  const { paths, components } = documentShape.parse((await system.call('GET', '/openapi.json')).body);
  routes = Object.entries(paths).map(([path, operations]) => ({
    path: path.replaceAll(/\{\w+\}/g, 'unknown'),
    methods: Object.keys(operations).map((method) => method.toUpperCase()),
    taking: Object.entries(operations).flatMap(([method, { requestBody }]) =>
      requestBody === undefined ? [] : [method.toUpperCase()],
    ),
    members: Object.values(operations).flatMap(({ requestBody }) => {
      const schema = requestBody?.content['application/json'].schema;
      const named = components.schemas[schema?.$ref?.split('/').at(-1) ?? ''] ?? schema;
      return Object.keys(named?.properties ?? {});
    }),
    asked: (operations.get?.parameters ?? []).flatMap((each) => (each.in === 'query' ? [each.name] : [])),
    scopes: Object.fromEntries(
      Object.entries(operations).map(([method, { security }]) => [
        method.toUpperCase(),
        security[0]?.bearer[0],
      ]),
    ),
    authzen: Object.values(operations).some(({ tags }) => tags.includes('authzen')),
  }));
});
afterAll(() => system.stop());

const list = (text: string | null): string[] => (text ?? '').split(/, */).filter(Boolean).sort();

describe('every route', () => {
  it('says by OPTIONS, and where the method is another, which methods it takes', async () => {
    expect(routes.length).toBeGreaterThan(100);
    for (const { path, methods } of routes) {
      const options = await system.call('OPTIONS', path);
      const allow = list(options.headers.get('allow'));
      expect([path, options.status]).toEqual([path, 204]);
      // A path may be of two patterns: /charters/validate is also a charter's.
      expect(allow, path).toEqual(expect.arrayContaining([...methods, 'OPTIONS']));
      expect([path, allow.includes('HEAD')]).toEqual([path, allow.includes('GET')]);
      for (const method of ['PATCH', 'DELETE', 'GET']) {
        if (allow.includes(method)) continue;
        const { status, headers, body } = await system.call(method, path, { token });
        expect([method, path, status, list(headers.get('allow')), body?.code]).toEqual([
          ...[method, path, 405, allow, 'METHOD_NOT_ALLOWED'],
        ]);
      }
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    for (const { path } of routes.filter(({ methods }) => methods.includes('GET'))) {
      const [get, head] = [
        await system.call('GET', path, { token }),
        await system.call('HEAD', path, { token }),
      ];
      const type = (answer: typeof get) => answer.headers.get('content-type');
      expect([path, head.status, type(head), head.text]).toEqual([path, get.status, type(get), '']);
    }
  });

  it('refuses a name that its query has twice, also where both say the same', async () => {
    const asking = routes.filter(({ asked }) => asked.length > 0);
    expect(asking.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/charters/unknown/diff', '/slos/unknown', '/alerts', '/ledger/entries']),
    );
    for (const { path, asked } of asking)
      for (const name of asked) {
        const { status, body } = await system.call('GET', `${path}?${name}=1&${name}=1`, { token });
        expect([path, name, status, body?.reasons?.[0]?.path]).toEqual([path, name, 400, `query:${name}`]);
      }
  });

  it('asks whoever shows nothing, or nothing good, to show a token', async () => {
    for (const { path, scopes } of routes)
      for (const [method, scope] of Object.entries(scopes)) {
        if (scope === undefined) continue;
        for (const shown of [undefined, `${token}x`]) {
          const { status, headers } = await system.call(
            method,
            path,
            shown === undefined ? {} : { token: shown },
          );
          const challenge = headers.get('www-authenticate') ?? '';
          expect([method, path, status]).toEqual([method, path, 401]);
          expect(challenge).toMatch(/^Bearer /);
          expect(/error="invalid_token"/.test(challenge), `${method} ${path} ${challenge}`).toBe(
            shown !== undefined,
          );
        }
      }
  });

  it('names the scope to whoever lacks it', async () => {
    const answered: string[] = [];
    for (const { path, scopes } of routes)
      for (const [method, scope] of Object.entries(scopes)) {
        if (scope === undefined) continue;
        const { status, headers, body } = await system.call(method, path, { token: bare });
        // Whoever asks for what is their own needs none.
        if (status !== 403) {
          answered.push(`${method} ${path} ${status}`);
          continue;
        }
        expect([method, path, body.code]).toEqual([method, path, 'INSUFFICIENT_SCOPE']);
        expect(headers.get('www-authenticate')).toContain(`scope="${scope}"`);
      }
    expect(answered).toEqual(['GET /ledger/trust 200', 'GET /ledger/receipts/check 400']);
  });
});

describe('every route that takes a body', () => {
  const types = [undefined, 'text/plain', 'application/json; charset=utf-16', 'application/jsonl'];
  it('takes JSON as it is, and nothing else', async () => {
    for (const { path, taking, authzen } of routes)
      for (const method of taking) {
        for (const type of types) {
          const { status, headers, body } = await system.call(method, path, {
            token,
            raw: new TextEncoder().encode('{}'),
            headers: { 'content-type': type ?? '' },
          });
          expect([method, path, type, status]).toEqual([method, path, type, authzen ? 400 : 415]);
          if (!authzen)
            expect([body.code, headers.get('accept-post')]).toEqual([
              'UNSUPPORTED_MEDIA_TYPE',
              'application/json',
            ]);
        }
        for (const coding of ['deflate, gzip']) {
          const { status, headers } = await system.call(method, path, {
            token,
            raw: new Uint8Array([31, 139, 8, 0]),
            headers: { 'content-encoding': coding },
          });
          expect([method, path, coding, status]).toEqual([method, path, coding, 415]);
          expect(headers.get('accept-encoding')).toBe('identity');
        }
        const torn = await system.call(method, path, { token, raw: '{"a":1,"a":2}' });
        expect([method, path, torn.status]).toEqual([method, path, 400]);
        expect(torn.body.detail, `${method} ${path}`).toMatch(/^[^:\s]/);
      }
  });

  it('says of a value that it cannot read what would do', async () => {
    const told: string[] = [];
    for (const { path, taking, members } of routes)
      for (const method of taking)
        for (const wrong of [null, -1.5, 'x', { x: 1 }]) {
          const wished = Object.fromEntries(members.map((name) => [name, wrong]));
          const { body } = await system.call(method, path, { token, body: wished });
          for (const { path: place, message } of body?.reasons ?? [])
            if (/^(Invalid input|)$/.test(message))
              told.push(`${method} ${path} ${place} ${JSON.stringify(wrong)}`);
        }
    expect(routes.flatMap(({ members }) => members).length).toBeGreaterThan(100);
    expect([...new Set(told)]).toEqual([]);
  });
});
