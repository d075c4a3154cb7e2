/** The OpenAPI document says what the running system does: its examples are taken, and what comes back is what it describes. */
import Ajv2020 from 'ajv/dist/2020.js';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRoutes } from '../../http/audit/log.ts';
import type { Env, Handler, RouteSpec } from '../../http/routes.ts';
import { ChanceryError } from '../../src/errors.ts';
import { testLog } from '../ledger/log-support.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { pseudonym } from '../support/person.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is looked into freely; the assertions are the types.
type Loose = any;

const ROLES = ['admin', 'operator', 'auditor', 'committee_member', 'emergency_responder', 'user_basic'];
/** Answers of these are not looked at here: they stop the runtime's work, or speak another protocol. */
const APART = new Set(['/drain', '/emergency-stop', '/mcp', '/mcp/{server_name}']);

describe('docs/openapi.json', () => {
  let system: TestRuntime;
  let token: string;
  let document: Loose;
  let ajv: InstanceType<typeof Ajv2020.default>;
  beforeAll(async () => {
    system = await startTestRuntime();
    token = await system.token({ roles: ROLES, mfa: true });
    document = (await system.call('GET', '/openapi.json')).body;
    ajv = new Ajv2020.default({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', components: document.components });
  });
  afterAll(() => system.stop());

  const operations = () =>
    Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Loose>(methods).map(([method, operation]) => ({ method, path, operation })),
    );

  /** Every operation's answers are looked at by what the document says of their status. */
  function asDescribed(operation: Loose, answer: { status: number; headers: Headers; body: Loose }): void {
    const id = `${operation.operationId} ${answer.status} ${JSON.stringify(answer.body)}`;
    const described = operation.responses[answer.status];
    expect(described, `${id} is not documented`).toBeDefined();
    const { content } =
      described.$ref === undefined
        ? described
        : document.components.responses[described.$ref.split('/').at(-1)];
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    expect(Object.keys(content), id).toContain(type);
    if (answer.body === undefined) return;
    const schema = JSON.parse(
      JSON.stringify(content[type].schema).replaceAll('"#/components', '"api#/components'),
    );
    expect(ajv.validate(schema, answer.body), `${id}: ${ajv.errorsText()}`).toBe(true);
  }

  it('describes a success, its form and a refusal for every operation', () => {
    expect(operations().length).toBeGreaterThan(100);
    for (const { method, path, operation } of operations()) {
      const success = Object.entries<Loose>(operation.responses).filter(([status]) => status.startsWith('2'));
      expect([method, path, success.length > 0]).toEqual([method, path, true]);
      for (const [, { content, headers }] of success) {
        expect(
          Object.values<Loose>(content).every(({ schema }) => schema !== undefined),
          path,
        ).toBe(true);
        expect(headers, path).toHaveProperty('X-Trace-ID');
      }
      expect(operation.responses.default, path).toBeDefined();
      expect(
        operation.tags.every((tag: string) => document.tags.some(({ name }: Loose) => name === tag)),
      ).toBe(true);
    }
    expect(document.servers.length).toBeGreaterThan(0);
    // Many generators know one type for each schema.
    expect(/"type":\["(?:string|number|null|boolean)"/.test(JSON.stringify(document))).toBe(false);
  });

  it('has no description of a tag, an example or an answer that no operation needs', () => {
    for (const { name, description } of document.tags) expect(description, name).not.toBe(name);
    expect(new Set(operations().map(({ operation }) => operation.operationId)).size).toBe(
      operations().length,
    );
  });

  it('says of what is read off the sealed log that it may not be there yet', async () => {
    const { table, log, lane, trustAll: trust } = testLog();
    const routes: [RouteSpec, Handler][] = [];
    logRoutes({ ledger: await lane(), view: { table, log, trust }, trust, pseudonym })((...route) =>
      routes.push(route),
    );
    const hono = new Hono<Env>();
    hono.onError((error) => {
      if (error instanceof ChanceryError) return new Response(error.code, { status: error.status });
      throw error;
    });
    for (const [{ path }, handler] of routes) hono.get(path, handler);
    for (const path of ['/checkpoint', '/ledger/checkpoint', '/ledger/consistency']) {
      const answer = await hono.request(path === '/ledger/consistency' ? `${path}?from=0` : path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(document.paths[path].get.responses, path).toHaveProperty('404');
    }
  });

  it('gives examples that are taken, and describes what every route answers', async () => {
    const ids: Record<string, string> = { name: 'compliance-report' };
    const send = async (method: string, path: string, operation: Loose, body?: unknown) => {
      const answer = await system.call(method.toUpperCase(), path, {
        token,
        ...(body === undefined ? {} : { body }),
      });
      asDescribed(operation, answer);
      return answer;
    };
    for (const { method, path, operation } of operations()) {
      const example = operation.requestBody?.content['application/json'].example;
      if (example === undefined) continue;
      const { status, body } = await send(method, path, operation, example);
      expect([path, status < 300], JSON.stringify(body)).toEqual([path, true]);
      ids[path] =
        body.mission_id ?? body.violation_id ?? body.report_id ?? body.hold_id ?? body.execution_id ?? '';
    }
    const approval = await system.execute(
      governed({ workflow_name: 'deploy-to-production', drag_mode: 'execute', parameters: { version: '1' } }),
      { roles: ['operator'] },
    );
    const entry = await system.call('GET', '/ledger/entries?limit=1', { token });
    // Seals what is there: a checkpoint is shown from then on.
    await system.call('POST', '/ledger/verify', { token, body: {} });
    const known: Record<string, string | undefined> = {
      '/missions': ids['/missions'],
      '/violations': ids['/violations'],
      '/whistleblower/reports': ids['/whistleblower/reports'],
      '/executions': ids['/workflows/governed/execute'],
      '/approvals': approval.body.approval.approval_id,
      '/ledger/entries': entry.body.entries[0].id,
      '/charters': 'active',
      '/slos': 'api_latency',
      '/workflows': 'compliance-report',
      '/flags': 'capability_tokens',
    };
    let succeeded = 0;
    for (const { method, path, operation } of operations()) {
      if (method !== 'get' || APART.has(path)) continue;
      const [family = ''] = path.split('/{');
      const filled = path.replaceAll(/\{\w+\}/g, () => known[family] ?? 'unknown');
      const { status } = await send('get', filled, operation);
      if (status < 300) succeeded += 1;
    }
    expect(succeeded).toBeGreaterThan(40);
  }, 60_000);

  it('describes refusals as they are', async () => {
    for (const { method, path, operation } of operations()) {
      if (operation.security.length === 0) continue;
      const answer = await system.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'unknown'));
      expect([path, answer.status]).toEqual([path, 401]);
      asDescribed(operation, answer);
    }
  });
});
