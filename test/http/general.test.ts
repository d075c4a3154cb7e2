/** What every route has in common, as other people's clients meet it (RFC 9110, RFC 6750, the Fetch standard). */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scrape, total } from '../observe/scrape.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const PAGE = 'https://console.example.org';

describe('an HTTP client', () => {
  let system: TestRuntime;
  let token: string;
  beforeAll(async () => {
    system = await startTestRuntime({ origins: [PAGE] });
    token = await system.token({
      roles: ['admin', 'operator', 'auditor', 'committee_member'],
      scopes: ['alerts:notify'],
    });
    await system.execute(governed());
    await sealed();
  });
  afterAll(() => system.stop());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    system.call(method, path, { token, headers });
  async function sealed(): Promise<void> {
    const verified = await system.call('POST', '/ledger/verify', { token });
    expect(verified.body.verdict).toBe('OK');
  }

  describe('that sends a body', () => {
    const send = (path: string, type: string | undefined, body: Uint8Array<ArrayBuffer>, headers = {}) =>
      fetch(`${system.runtime.url}${path}`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${token}`, ...(type ? { 'content-type': type } : {}), ...headers },
      });
    const bytes = Uint8Array.from(Buffer.from('{"reason":"no"}'));

    it('is told that it must be JSON, by every route that reads one', async () => {
      const { body: document } = await system.call('GET', '/openapi.json');
      const takers = Object.entries<Record<string, { requestBody?: unknown; tags: string[] }>>(document.paths)
        .filter(([, { post }]) => post?.requestBody !== undefined)
        .filter(([, { post }]) => post?.tags[0] !== 'authzen')
        .map(([path]) => path.replaceAll(/\{\w+\}/g, 'x'));
      expect(takers.length).toBeGreaterThan(25);
      for (const path of takers) {
        const answer = await send(path, 'text/plain', bytes);
        expect([path, answer.status]).toEqual([path, 415]);
        expect(answer.headers.get('accept-post')).toBe('application/json');
        expect(await answer.json()).toMatchObject({
          code: 'UNSUPPORTED_MEDIA_TYPE',
          reasons: [{ code: 'unsupported_media_type', path: 'header:Content-Type' }],
        });
      }
    });

    it.each([
      [undefined, 415],
      ['application/x-www-form-urlencoded', 415],
      ['application/json; charset=iso-8859-1', 415],
      ['application/jsonp', 415],
      ['application/json; charset="UTF-8"', 400],
      ['APPLICATION/JSON;charset=utf-8', 400],
    ])('as %j gets %d', async (type, status) => {
      expect((await send('/workflows/governed/execute', type, bytes)).status).toBe(status);
    });

    it('compressed, is told to send it as it is', async () => {
      const zipped = Uint8Array.from(gzipSync(JSON.stringify(governed())));
      const answer = await send('/decisions', 'application/json', zipped, { 'content-encoding': 'gzip' });
      expect(answer.status).toBe(415);
      expect(answer.headers.get('accept-encoding')).toBe('identity');
      expect(answer.headers.has('accept-post')).toBe(false);
    });

    it('of another type to AuthZEN, gets the 400 of its certification (c-2-4-3)', async () => {
      expect((await send('/access/v1/evaluation', 'text/plain', bytes)).status).toBe(400);
    });

    it('and breaks off, is counted as its own fault', async () => {
      const { port } = new URL(system.runtime.url);
      const served = async () =>
        (await scrape(system))
          .filter(
            ({ name, labels }) => name === 'chancery_http_requests_total' && labels.route === '/decisions',
          )
          .map(({ labels }) => `${labels.status} ${labels.class}`);
      const head = `POST /decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"a": 1, `;
      const socket = connect(Number(port), '127.0.0.1');
      await new Promise<void>((resolve) => socket.write(head, () => resolve()));
      socket.destroy();
      await expect.poll(served).toContain('400 client');
      expect((await served()).filter((each) => each.endsWith('fault'))).toEqual([]);
    });
  });

  describe('that asks what it may', () => {
    it('learns the methods by OPTIONS, and by a refusal of another', async () => {
      for (const [path, allow] of [
        ['/health', 'GET, HEAD'],
        ['/decisions', 'POST'],
        ['/emergency-stop', 'POST, DELETE, GET, HEAD'],
        ['/tile/entries/000.p/1', 'GET, HEAD'],
      ] as const) {
        const options = await get(path, {}, 'OPTIONS');
        expect([path, options.status, options.headers.get('allow'), options.text]).toEqual([
          path,
          204,
          `${allow}, OPTIONS`,
          '',
        ]);
        const put = await get(path, {}, 'PUT');
        expect([put.status, put.headers.get('allow'), put.body.code]).toEqual([
          405,
          `${allow}, OPTIONS`,
          'METHOD_NOT_ALLOWED',
        ]);
      }
      expect((await get('/nowhere', {}, 'OPTIONS')).status).toBe(404);
    });

    it('from a known page, may; from another, is told nothing', async () => {
      const preflight = (origin: string) =>
        system.call('OPTIONS', '/decisions', {
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        });
      const known = await preflight(PAGE);
      expect(known.status).toBe(204);
      expect(known.headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(known.headers.get('access-control-allow-methods')).toBe('POST');
      expect(known.headers.get('access-control-allow-headers')).toContain('Authorization');
      expect(known.headers.get('vary')).toContain('Origin');
      const other = await preflight('https://evil.example');
      expect(other.headers.has('access-control-allow-origin')).toBe(false);
      const answer = await get('/health', { origin: PAGE });
      expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    });

    it('gets the head of what GET answers', async () => {
      const [head, whole] = [await get('/ledger/trust', {}, 'HEAD'), await get('/ledger/trust')];
      expect(head.status).toBe(200);
      expect(head.text).toBe('');
      for (const name of ['content-length', 'etag', 'content-type'])
        expect(head.headers.get(name)).toBe(whole.headers.get(name));
    });

    it.each([
      ['JSON', 'GET', '/workflows', {}, 200, 'no-store', 'Origin'],
      ['its head', 'HEAD', '/workflows', {}, 200, 'no-store', 'Origin'],
      [
        'JSON that may be kept',
        'GET',
        '/.well-known/authzen-configuration',
        {},
        200,
        'public, max-age=300',
        'Origin',
      ],
      ['text', 'GET', '/metrics', {}, 200, 'no-store', 'accept, accept-encoding, Origin'],
      ['what may be had in parts', 'GET', '/ledger/checkpoint', {}, 200, 'no-cache', 'Origin'],
      ['nothing new', 'GET', '/ledger/checkpoint', { 'if-none-match': '*' }, 304, 'no-cache', 'Origin'],
      ['what may be asked', 'OPTIONS', '/workflows', {}, 204, 'no-store', 'Origin'],
      ['another method', 'POST', '/workflows', {}, 405, 'no-store', 'Origin'],
      ['nothing', 'GET', '/nowhere', {}, 404, 'no-store', 'Origin'],
      ['nothing to ask', 'OPTIONS', '/nowhere', {}, 404, 'no-store', 'Origin'],
      ['a refusal', 'GET', '/workflows', { authorization: 'Bearer no' }, 401, 'no-store', 'Origin'],
      ['a stranger of a tool', 'POST', '/mcp/nobody', {}, 404, 'no-store', 'Origin'],
    ])('is answered %s with the headers of every answer, each once', async (...asked) => {
      const [, method, path, headers, status, kept, vary] = asked;
      const trace = { 'x-trace-id': 'trace-of-mine', origin: PAGE, 'access-control-request-method': 'GET' };
      const answer = await get(path, { ...trace, ...headers }, method);
      expect([answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
        status,
        {
          'x-trace-id': 'trace-of-mine',
          'x-request-id': expect.stringMatching(/^req_\w{26}$/),
          'x-content-type-options': 'nosniff',
          'cache-control': kept,
          vary,
          'access-control-allow-origin': PAGE,
        },
      ]);
      expect(answer.headers.has('access-control-allow-methods')).toBe(method === 'OPTIONS');
    });

    it.each([
      ['JSON', '/workflows', '/workflows'],
      ['a problem', '/nowhere', 'unmatched'],
      ['JSON that something else wrote', '/reports/quarterly?format=json', '/reports/quarterly'],
    ])('is told the length of %s, which is what the size metric counts', async (_what, path, route) => {
      const counted = async () => total(await scrape(system), 'http_response_size_bytes_sum', { route });
      const before = await counted();
      const { headers, text } = await get(path);
      const length = Buffer.byteLength(text);
      expect(headers.get('content-length')).toBe(String(length));
      expect((await counted()) - before).toBe(length);
    });

    it('in a form that the route does not have, is refused before anything is done', async () => {
      const answer = await system.call('POST', '/decisions', {
        token,
        body: {},
        headers: { accept: 'image/png' },
      });
      expect([answer.status, answer.body.code]).toEqual([406, 'NOT_ACCEPTABLE']);
      expect((await get('/metrics', { accept: 'application/json' })).status).toBe(406);
      expect((await get('/health', { accept: 'text/html, */*;q=0.1' })).status).toBe(200);
    });

    it('for metrics gets the format that it likes more, and gzip where it takes it', async () => {
      const asked = async (headers: Record<string, string>) => (await get('/metrics', headers)).headers;
      const openMetrics = 'application/openmetrics-text';
      const types = [
        [`${openMetrics};q=0.1, text/plain;q=0.9`, 'text/plain'],
        [`${openMetrics};version=1.0.0;q=0.5, text/plain;q=0.3, */*;q=0.2`, openMetrics],
        ['*/*', 'text/plain'],
        [`text/plain;q=0, ${openMetrics};q=0.1`, openMetrics],
      ] as const;
      for (const [accept, type] of types)
        expect((await asked({ accept })).get('content-type')).toContain(type);
      expect((await asked({ 'accept-encoding': 'gzip;q=0' })).has('content-encoding')).toBe(false);
      expect((await asked({ 'accept-encoding': 'gzip;q=0.3' })).get('content-encoding')).toBe('gzip');
    });
  });

  describe('that has a part already', () => {
    const bundle = async () => {
      const { text } = await get('/ledger/checkpoint');
      return `/tile/entries/000.p/${text.split('\n')[1]}`;
    };

    it('is told that nothing changed', async () => {
      const path = await bundle();
      const { headers } = await get(path);
      const etag = headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      for (const seen of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await get(path, { 'if-none-match': seen });
        expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
        expect(again.headers.get('cache-control')).toContain('immutable');
      }
      expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    });

    it('gets the rest by Range', async () => {
      const path = await bundle();
      const whole = await get(path);
      const length = Number(whole.headers.get('content-length'));
      expect(whole.headers.get('accept-ranges')).toBe('bytes');
      const part = async (range: string, further = {}) => {
        const answer = await fetch(`${system.runtime.url}${path}`, {
          headers: { authorization: `Bearer ${token}`, range, ...further },
        });
        const { byteLength } = await answer.arrayBuffer();
        return [answer.status, answer.headers.get('content-range'), byteLength];
      };
      const etag = whole.headers.get('etag');
      expect(await part('bytes=0-9')).toEqual([206, `bytes 0-9/${length}`, 10]);
      expect(await part('bytes=10-')).toEqual([206, `bytes 10-${length - 1}/${length}`, length - 10]);
      expect(await part('bytes=-5')).toEqual([206, `bytes ${length - 5}-${length - 1}/${length}`, 5]);
      expect(await part(`bytes=0-${length * 9}`)).toEqual([206, `bytes 0-${length - 1}/${length}`, length]);
      for (const behind of [`bytes=${length}-`, 'bytes=-0'])
        expect((await part(behind)).slice(0, 2)).toEqual([416, `bytes */${length}`]);
      // What is no range, or several, is answered whole (RFC 9110 §14.2).
      for (const odd of ['bytes=5-2', 'lines=1-2', 'bytes=0-1,4-5', 'bytes=x-', 'bytes=-'])
        expect(await part(odd)).toEqual([200, null, length]);
      expect(await part('bytes=0-9', { 'if-range': '"other"' })).toEqual([200, null, length]);
      expect(await part('bytes=0-9', { 'if-range': etag })).toEqual([206, `bytes 0-9/${length}`, 10]);
    });
  });

  it('that is refused can follow the type of the problem to what it means and what to do', async () => {
    for (const [path, code] of [
      ['/health/detailed', 'AUTH_REQUIRED'],
      ['/nowhere', 'NOT_FOUND'],
    ] as const) {
      const { body } = await system.call('GET', path);
      expect(body.code).toBe(code);
      expect(body.type).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/errors\//);
      const page = await fetch(body.type);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
      expect(await page.text()).toContain(`## ${code}\n`);
    }
    // Whoever has the code alone finds it as well.
    expect((await system.call('GET', '/errors/NOT_FOUND')).status).toBe(200);
    expect((await system.call('GET', '/errors/no-such-code')).status).toBe(404);
  });

  it('that brings no token, a bad one or too weak a one is told what to bring (RFC 6750 §3)', async () => {
    const path = '/health/detailed';
    const challenge = async (given?: string) =>
      (await system.call('GET', path, given === undefined ? {} : { token: given })).headers.get(
        'www-authenticate',
      );
    expect(await challenge()).toBe('Bearer realm="chancery", scope="system:status"');
    expect(await challenge('no.such.token')).toBe('Bearer realm="chancery", error="invalid_token"');
    expect(await challenge(await system.token({ roles: ['user_basic'] }))).toBe(
      'Bearer realm="chancery", error="insufficient_scope", scope="system:status"',
    );
  });
});
