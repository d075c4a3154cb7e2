import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createSfnClient, describeEnd, readable, sfnEngine } from '../../adapters/aws/sfn-engine.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Seen {
  readonly action: string;
  readonly body: { stateMachineArn?: string; name?: string; input?: string };
}

/** Step Functions' JSON protocol on loopback, answering each call as told. */
async function stepFunctions(answers: readonly { status: number; body: object; type?: string }[]) {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      seen.push({ action, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      const answer = answers[seen.length - 1] ?? { status: 500, body: {} };
      response.writeHead(answer.status, {
        'content-type': 'application/x-amz-json-1.0',
        ...(answer.type ? { 'x-amzn-errortype': answer.type } : {}),
      });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  const client = createSfnClient({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${port}` });
  return {
    seen,
    client,
    engine: sfnEngine(client, 'arn:aws:states:eu-central-1:1:stateMachine:chancery-dev-'),
  };
}

const asked = { name: 'exe_1', workflow: 'data-export', input: { parameters: {} } };
const failing = (type: string) => ({ status: 400, body: { __type: type, message: 'no' }, type });

describe('a run that is waited for', () => {
  it('is one synchronous Express execution, with its output', async () => {
    const { engine, seen } = await stepFunctions([
      { status: 200, body: { status: 'SUCCEEDED', output: '{"ok":true}', startDate: 1, stopDate: 3 } },
    ]);
    const result = await engine.run({ ...asked, wait: true });
    expect(result).toEqual({ status: 'succeeded', output: { ok: true }, duration_us: 2_000_000 });
    expect(seen).toMatchObject([
      {
        action: 'StartSyncExecution',
        body: { stateMachineArn: expect.stringMatching(/chancery-dev-data-export-express$/) },
      },
    ]);
  });

  it('is never sent twice, since Express keeps no names: a lost answer is STORE_UNAVAILABLE', async () => {
    const { engine, seen } = await stepFunctions([{ status: 503, body: {} }]);
    await expect(engine.run({ ...asked, wait: true })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(seen).toHaveLength(1);
  });

  it('fails with the error that the workflow named, and the task’s own message', async () => {
    const { engine } = await stepFunctions([
      {
        status: 200,
        body: {
          status: 'FAILED',
          error: 'EndpointMissing',
          cause: '{"errorMessage":"not set","errorType":"EndpointMissing"}',
        },
      },
    ]);
    expect(await engine.run({ ...asked, wait: true })).toMatchObject({
      status: 'failed',
      error: 'EndpointMissing',
      cause: 'not set',
    });
  });

  it('fails readably when the state machine is not deployed', async () => {
    const { engine } = await stepFunctions([failing('StateMachineDoesNotExist')]);
    expect(await engine.run({ ...asked, wait: true })).toMatchObject({
      status: 'failed',
      error: 'StateMachineDoesNotExist',
    });
  });
});

describe('a run that is not waited for', () => {
  it('is a Standard execution under its name', async () => {
    const { engine, seen } = await stepFunctions([
      { status: 200, body: { executionArn: 'arn', startDate: 1 } },
    ]);
    expect(await engine.run({ ...asked, wait: false })).toEqual({ status: 'started' });
    expect(seen).toMatchObject([{ action: 'StartExecution', body: { name: 'exe_1' } }]);
  });

  it('counts as started when AWS has that name already', async () => {
    const { engine } = await stepFunctions([failing('ExecutionAlreadyExists')]);
    expect(await engine.run({ ...asked, wait: false })).toEqual({ status: 'started' });
  });
});

describe('the end of a Standard execution', () => {
  it.each([
    [{ status: 'RUNNING' }, undefined],
    [
      { status: 'SUCCEEDED', output: '1', startDate: 1, stopDate: 2 },
      { status: 'succeeded', output: 1 },
    ],
    [
      { status: 'TIMED_OUT', startDate: 1, stopDate: 2 },
      { status: 'failed', error: 'States.Timeout' },
    ],
    [
      { status: 'ABORTED', startDate: 1, stopDate: 2 },
      { status: 'failed', cause: 'The execution ended as ABORTED.' },
    ],
  ])('%j', async (told, expected) => {
    const { client } = await stepFunctions([{ status: 200, body: told }]);
    const end = await describeEnd(client, 'arn');
    if (expected === undefined) expect(end).toBeUndefined();
    else expect(end).toMatchObject(expected);
  });
});

it('reads the message out of a failed function’s cause, and leaves other texts alone', () => {
  expect(readable('{"errorMessage":"no","trace":[]}')).toBe('no');
  expect(readable('Not healthy')).toBe('Not healthy');
  expect(readable(undefined)).toBeUndefined();
});
