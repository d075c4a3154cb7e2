import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type LocalEngineDeps, localEngine } from '../../adapters/local/engine.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import type { EngineResult } from '../../src/ports.ts';
import { httpCall } from '../../src/workflow/tasks/http-call.ts';
import { type Task, TaskError } from '../../src/workflow/tasks/task.ts';
import { untraced } from '../support/tracers.ts';
import { pair, registryOf, shippedFiles } from './files.ts';

const ended: { name: string; workflow: string; result: EngineResult }[] = [];

function engine(
  files: ReadonlyMap<string, string>,
  tasks: Record<string, Task> = {},
  changes: Partial<LocalEngineDeps> = {},
) {
  return localEngine({
    workflows: registryOf(files),
    tasks,
    table: openSqliteTable(':memory:'),
    ended: async (end) => void ended.push(end),
    log: { write: () => {} },
    retry_ms: 0,
    ...changes,
  });
}

let names = 0;
const input = (parameters: JsonObject): Json => ({
  parameters,
  execution_id: 'exe_1',
  trace_id: 't',
  tracestate: '',
  drag_mode: 'execute',
});
const run = (on: ReturnType<typeof engine>, workflow: string, parameters: JsonObject = {}, wait = true) =>
  on.run({ name: `exe_${++names}`, workflow, input: input(parameters), wait });

const task = (name: string, changes: object = {}) => ({
  Echo: { Type: 'Task', Resource: `\${TaskArn_${name}}`, End: true, ...changes },
});

describe('the local engine', () => {
  it('runs a definition that a user added and gives its output', async () => {
    const result = await run(engine(pair('say-it')), 'say-it', { say: 'hello' });
    expect(result).toMatchObject({ status: 'succeeded', output: { said: 'hello' } });
  });

  it('calls a task by its placeholder, inside a Parallel state too', async () => {
    const inner = {
      StartAt: 'Inner',
      States: { Inner: { ...task('http_call').Echo, Parameters: { 'n.$': '$.parameters.n' } } },
    };
    const files = pair('w', { states: { Echo: { Type: 'Parallel', Branches: [inner], End: true } } });
    const result = await run(engine(files, { http_call: async (given) => ({ given }) }), 'w', { n: 4 });
    expect(result).toMatchObject({ status: 'succeeded', output: [{ given: { n: 4 } }] });
  });

  it('keeps the error names of the States Language', async () => {
    const failing: Task = async () => {
      throw new TaskError('EndpointRefused', 'no');
    };
    const hanging: Task = () => new Promise(() => {});
    const fail = { Echo: { Type: 'Fail', Error: 'Own.Error', Cause: 'because' } };
    const errors = await Promise.all([
      run(engine(pair('w', { states: task('http_call') }), { http_call: failing }), 'w'),
      run(engine(pair('w', { states: fail })), 'w'),
      run(
        engine(pair('w', { states: task('http_call', { TimeoutSeconds: 1 }) }), { http_call: hanging }),
        'w',
      ),
      run(
        engine(pair('w', { states: task('http_call'), definition: { TimeoutSeconds: 1 } }), {
          http_call: hanging,
        }),
        'w',
      ),
      run(engine(pair('w', { states: { Echo: { Type: 'Pass', InputPath: '$.gone', End: true } } })), 'w'),
      run(engine(pair('w', { states: task('http_call') })), 'w'),
      run(engine(pair('w')), 'gone'),
    ]);
    expect(errors.map((result) => (result.status === 'failed' ? result.error : result.status))).toEqual([
      'EndpointRefused',
      'Own.Error',
      'States.Timeout',
      'States.Timeout',
      'States.Runtime',
      'TaskUnavailable',
      'StateMachineDoesNotExist',
    ]);
    expect(errors[1]).toMatchObject({ cause: 'because' });
  });

  it('stops a task that outlives its run', async () => {
    let stopped = false;
    const patient: Task = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason);
        });
      });
    const files = pair('w', { states: task('http_call'), definition: { TimeoutSeconds: 1 } });
    await run(engine(files, { http_call: patient }), 'w');
    expect(stopped).toBe(true);
  });

  it('starts once under one name, short or long, also after a restart', async () => {
    let starts = 0;
    const counting = { http_call: async () => ++starts };
    const files = pair('w', { states: task('http_call') });
    const table = openSqliteTable(':memory:');
    const once = engine(files, counting, { table });
    const short = { name: 'exe_short', workflow: 'w', input: null, wait: true };
    const [first, second] = await Promise.all([once.run(short), once.run(short)]);
    expect(second).toEqual(first);
    expect(await once.run(short)).toMatchObject({ status: 'failed', error: 'ExecutionAlreadyExists' });
    expect(starts).toBe(1);

    const long = { name: 'exe_long', workflow: 'w', input: null, wait: false };
    expect(await once.run(long)).toEqual({ status: 'started' });
    expect(await engine(files, counting, { table }).run(long)).toEqual({ status: 'started' });
    await once.idle();
    expect(starts).toBe(2);
    expect(ended.filter((end) => end.name === 'exe_long')).toMatchObject([
      { workflow: 'w', result: { status: 'succeeded', output: 2 } },
    ]);
  });

  it('says so when the end of a long run could not be recorded', async () => {
    const lines: string[] = [];
    const broken = engine(
      pair('w'),
      {},
      {
        ended: () => Promise.reject(new Error('down')),
        log: { write: (level, logger) => void lines.push(`${level} ${logger}`) },
      },
    );
    await run(broken, 'w', { say: 'x' }, false);
    await broken.idle();
    expect(lines).toEqual(['error engine']);
  });

  it('shares nothing with its caller', async () => {
    const given = { parameters: { say: { deep: 1 } } };
    const result = await engine(pair('w')).run({
      name: 'exe_share',
      workflow: 'w',
      input: given,
      wait: true,
    });
    given.parameters.say.deep = 2;
    expect(result).toMatchObject({ output: { said: { deep: 1 } } });
  });
});

describe('a deployment', () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).map((server) => server.close()));

  /** A deployment endpoint that answers from a list, then 200. */
  async function endpoint(answers: { deployments?: number[]; health?: number[] }) {
    const seen: { at: string; key: string | undefined; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        seen.push({
          at: `${request.method} ${request.url}`,
          key: request.headers['idempotency-key']?.toString(),
          body,
        });
        const list = request.url === '/health' ? answers.health : answers.deployments;
        response.writeHead(list?.shift() ?? 200, {
          'content-type': 'application/json',
          location: 'http://127.0.0.1:1/',
        });
        response.end(JSON.stringify({ url: request.url }));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const deploying = (url: string | undefined) =>
    engine(shippedFiles(), {
      http_call: httpCall({ fetch, endpoints: { DEPLOY_ENDPOINT: url }, tracer: untraced }),
    });

  it('calls the configured endpoint, checks its health and reports it', async () => {
    const { seen, url } = await endpoint({});
    const result = await run(deploying(url), 'deploy-to-staging', { version: 'v7' });
    expect(result).toMatchObject({
      status: 'succeeded',
      output: {
        target: 'staging',
        health: 'ok',
        deployment: { status: 200, answer: { url: '/deployments' } },
        health_check: { status: 200 },
      },
    });
    expect(seen.map(({ at, key }) => [at, key])).toEqual([
      ['POST /deployments', 'exe_1'],
      ['GET /health', 'exe_1'],
    ]);
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
      target: 'staging',
      parameters: { version: 'v7' },
    });
  });

  it('tries again while the endpoint is unavailable, under the same idempotency key', async () => {
    const { seen, url } = await endpoint({ deployments: [503, 429], health: [500, 503] });
    expect(await run(deploying(url), 'deploy-to-staging')).toMatchObject({ status: 'succeeded' });
    expect(seen).toHaveLength(6);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  });

  it.each([
    ['is not configured', undefined, 'EndpointMissing', 0],
    ['refuses', { deployments: [403] }, 'EndpointRefused', 1],
    ['stays unavailable', { deployments: [503, 503, 503, 503] }, 'EndpointUnavailable', 3],
    ['sends elsewhere', { deployments: [302, 302, 302, 302] }, 'EndpointUnavailable', 3],
    ['never gets healthy', { health: Array<number>(9).fill(503) }, 'DeploymentUnhealthy', 5],
  ] as const)('fails with a clear error when the endpoint %s', async (_, answers, error, calls) => {
    const target =
      answers === undefined
        ? undefined
        : await endpoint(structuredClone(answers) as { deployments?: number[] });
    const result = await run(deploying(target?.url), 'deploy-to-staging');
    expect(result).toMatchObject({ status: 'failed', error });
    expect(target?.seen.length ?? 0).toBe(calls);
    if (answers === undefined)
      expect(result).toMatchObject({ cause: expect.stringContaining('DEPLOY_ENDPOINT is not set') });
  });

  it('to production is the same, as a long run', async () => {
    const { url } = await endpoint({ health: [503] });
    const production = deploying(url);
    const started = await run(production, 'deploy-to-production', {}, false);
    expect(started).toEqual({ status: 'started' });
    await production.idle();
    expect(ended.at(-1)).toMatchObject({
      workflow: 'deploy-to-production',
      result: { status: 'succeeded', output: { target: 'production', health: 'ok' } },
    });
  });
});
