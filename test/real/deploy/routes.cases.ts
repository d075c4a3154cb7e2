/** Each route of the API document is led to a function that has the rights it needs to answer. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readOpenApi, routesOf } from '../../../lib/routes.ts';
import { allEntries } from '../../../src/ledger/reader.ts';
import { type Deployment, PAGE } from '../deployment.ts';

const NOTHING: Readonly<Record<string, string>> = { level: '0', 'name+': '999.p/1' };
/** Orders that are carried out whatever stands in the body; they are driven below. */
const HANDLES = /^POST \/drain|emergency/;

export function everyRoute(given: () => Deployment): void {
  const token = (sub: string, ...roles: string[]) =>
    given().issuer.mint({ sub, name: `${sub} of the routes`, roles, kind: 'human' });

  describe('every route of the deployed API', () => {
    let everything = '';
    beforeAll(async () => {
      everything = await token('rhoda', 'admin', 'auditor', 'operator', 'committee_member');
    });

    it.each(
      routesOf(readOpenApi())
        .map(({ method, path }) => `${method} ${path}`)
        .filter((route) => !HANDLES.test(route)),
    )(
      '%s',
      async (route) => {
        const about = route.replaceAll(
          /\{([a-z+]+)\}/g,
          (_, name: string) => NOTHING[name] ?? 'no-such-thing',
        );
        const body = route.startsWith('GET') ? {} : { body: { no_such_field: true } };
        const answer = await given().call(about, { token: everything, ...body });
        expect(answer.status).toBeLessThan(500);
        expect(answer.body.detail).not.toBe('Missing Authentication Token');
        if (answer.status < 400) return;
        // The Model Context Protocol answers as JSON-RPC 2.0 does (section 5.1): a number, and what it means.
        if (answer.body.jsonrpc === '2.0')
          expect(answer.body.error).toMatchObject({ code: expect.any(Number) });
        else expect(answer.body.code ?? answer.body.reason).toMatch(/^[A-Z_]+$/);
      },
      30_000,
    );
  });

  describe('what the deployed API says of methods and media types', () => {
    let aude = '';
    beforeAll(async () => {
      aude = await token('aude', 'auditor', 'operator');
    });
    const ask = (route: string, headers: Record<string, string> = {}, body?: unknown) =>
      given().call(route, { token: aude, headers, ...(body === undefined ? {} : { body }) });

    it('answers HEAD as GET, without the body, also where no token is needed', async () => {
      const get = await ask('GET /checkpoint');
      const head = await ask('HEAD /checkpoint');
      expect([head.status, head.body]).toEqual([get.status, '']);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      expect((await given().call('HEAD /health')).status).toBe(200);
    });

    it('refuses what a path does not take, and names what it takes', async () => {
      for (const [route, allow] of [
        ['DELETE /ledger/entries', 'GET, HEAD, OPTIONS'],
        ['PUT /workflows/governed/execute', 'POST, OPTIONS'],
        ['POST /health', 'GET, HEAD, OPTIONS'],
      ] as const) {
        const { status, body, headers } = await ask(route, {}, {});
        expect([route, status, body.code, headers.allow]).toEqual([route, 405, 'METHOD_NOT_ALLOWED', allow]);
      }
    });

    it('answers a preflight, which has no token, as one machine does: by origin, for any path', async () => {
      for (const [path, methods] of [
        ['/ledger/entries', 'GET, HEAD'],
        ['/decisions', 'POST'],
        ['/tile/entries/000.p/1', 'GET, HEAD'],
        ['/health', 'GET, HEAD'],
      ] as const) {
        const preflight = (origin: string) =>
          given().call(`OPTIONS ${path}`, {
            headers: {
              origin,
              'access-control-request-method': 'GET',
              'access-control-request-headers': 'authorization',
            },
          });
        const known = await preflight(PAGE);
        expect([path, known.status, known.headers.allow]).toEqual([path, 204, `${methods}, OPTIONS`]);
        expect(known.headers).toMatchObject({
          'access-control-allow-origin': PAGE,
          'access-control-allow-methods': methods,
          'access-control-allow-headers': expect.stringContaining('Authorization'),
        });
        const other = await preflight('https://evil.example');
        expect([other.status, other.headers['access-control-allow-origin']]).toEqual([204, undefined]);
      }
      const { headers } = await ask('GET /ledger/checkpoint', { origin: PAGE });
      expect(headers['access-control-allow-origin']).toBe(PAGE);
    });

    it('lets a page read what the edge itself refuses: a problem document, and whom to ask for a token', async () => {
      const forged = await given().issuer.forge({ sub: 'aude', roles: ['auditor'] });
      for (const [route, shown, status, code] of [
        ['GET /ledger/entries', undefined, 401, 'AUTH_REQUIRED'],
        ['GET /ledger/entries', forged, 401, 'AUTH_REQUIRED'],
        ['GET /no/such/route', aude, 404, 'NOT_FOUND'],
      ] as const) {
        const answer = await given().call(route, {
          headers: { origin: PAGE },
          ...(shown === undefined ? {} : { token: shown }),
        });
        expect([route, answer.status, answer.body.code]).toEqual([route, status, code]);
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
        expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
        expect(String(answer.headers['www-authenticate']).startsWith('Bearer realm=')).toBe(status === 401);
      }
    });

    it('refuses a body that is not JSON by its media type', async () => {
      const { status, body } = await ask('POST /decisions', { 'content-type': 'text/plain' }, {});
      expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    });
  });

  describe('an emergency on the deployed stacks', () => {
    const askFor = async (by: string) =>
      given().call('POST /workflows/governed/execute', {
        token: by,
        body: {
          workflow_name: 'compliance-report',
          drag_mode: 'execute',
          aim: {
            actor: { name: 'rufus of the routes' },
            input: { sources: [{ type: 'ledger', description: 'the last day' }] },
            mission: { objective: 'See whether anything is let run', success_criteria: ['an answer came'] },
          },
          parameters: {},
        },
      });

    const openRuns = async (): Promise<number> => {
      const begun = new Set<unknown>();
      const over = new Set<unknown>();
      for await (const { record } of allEntries(given().ledgerTable(), {}))
        if (record.data.execution_id !== undefined)
          (record.type === 'decision.made' ? begun : over).add(record.data.execution_id);
      return begun.difference(over).size;
    };

    it('is over when two people say so, and until then every function refuses', async () => {
      const [rhoda, rufus] = await Promise.all([
        token('rhoda', 'committee_member'),
        token('rufus', 'emergency_responder', 'operator'),
      ]);
      const order = { reason: 'a drill of the deployment test', duration: '10m' };
      const stopped = await given().call('POST /emergency-stop', { token: rhoda, body: order });
      expect([stopped.status, stopped.body.state]).toEqual([200, 'stopped']);
      await expect
        .poll(async () => (await askFor(rufus)).body.code, { timeout: 5_000 })
        .toBe('EMERGENCY_STOP');

      const one = await given().call('POST /emergency-stop/release', { token: rhoda, body: {} });
      expect([one.status, one.body.released]).toEqual([202, false]);
      const again = await given().call('POST /emergency-release', { token: rhoda, body: {} });
      expect([again.status, again.body.code]).toEqual([409, 'CONFLICT']);
      const two = await given().call('DELETE /emergency-stop', { token: rufus, body: {} });
      expect([two.status, two.body.released]).toEqual([200, true]);
      await expect
        .poll(async () => (await given().call('GET /emergency-stop', { token: rufus })).body.state, {
          timeout: 5_000,
        })
        .not.toBe('stopped');
      await expect
        .poll(async () => (await askFor(rufus)).body, { timeout: 5_000 })
        .toMatchObject({ success: true });
    }, 30_000);

    it('drains, knows what the other functions began, and takes work again', async () => {
      const rhoda = await token('rhoda', 'admin');
      // What an outage above cut off is open until a sweep finds it stale, which may happen meanwhile.
      const before = await openRuns();
      const drained = await given().call('POST /drain', { token: rhoda, body: { timeout_seconds: 1 } });
      const after = await openRuns();
      const refused = await askFor(await token('rufus', 'operator'));
      const back = await given().call('POST /drain', { token: rhoda, body: { for_seconds: 0 } });
      expect([drained.status, drained.body.drained]).toEqual(
        drained.body.running === 0 ? [200, true] : [202, false],
      );
      expect(drained.body.running).toBeLessThanOrEqual(before);
      expect(drained.body.running).toBeGreaterThanOrEqual(after);
      expect([refused.status, refused.body.code]).toEqual([503, 'DRAINING']);
      expect([back.status, back.body.draining]).toEqual([200, false]);
    }, 30_000);
  });
}
