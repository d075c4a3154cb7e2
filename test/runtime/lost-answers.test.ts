/** One Idempotency-Key, one run: each call to Step Functions fails, before it happened or after. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSfnClient, describeEnd, sfnEngine } from '../../adapters/aws/sfn-engine.ts';
import { governed, OPERATOR, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

type Lost = 'before it happened' | 'after it happened';

/** Step Functions as far as we call it: Standard executions are unique by name, Express ones are not. */
const stepFunctions = {
  /** Names of executions that were begun. */
  begun: [] as string[],
  /** What becomes of the next calls; then they are answered. */
  faults: [] as Lost[],
  answer(action: string, { name = '' }: { name?: string }): object | 'exists' {
    if (action === 'DescribeExecution') return { status: 'SUCCEEDED', output: '{"awake":true}', ...TIMES };
    if (action === 'StartExecution' && this.begun.includes(name)) return 'exists';
    this.begun.push(name);
    return action === 'StartExecution'
      ? { executionArn: `arn:${name}`, startDate: 1 }
      : { status: 'SUCCEEDED', output: '{"greeting":"hello"}', ...TIMES };
  },
};
const TIMES = { startDate: 1, stopDate: 2 };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const fault = stepFunctions.faults.shift();
    const told =
      fault === 'before it happened'
        ? {}
        : stepFunctions.answer(action, JSON.parse(String(Buffer.concat(chunks))));
    if (fault !== undefined) {
      request.socket.destroy();
      return;
    }
    const exists = told === 'exists';
    response.writeHead(exists ? 400 : 200, {
      'content-type': 'application/x-amz-json-1.0',
      ...(exists ? { 'x-amzn-errortype': 'ExecutionAlreadyExists' } : {}),
    });
    response.end(JSON.stringify(exists ? { __type: 'ExecutionAlreadyExists' } : told));
  });
});

describe('a call to Step Functions whose answer is lost', () => {
  let runtime: TestRuntime;
  let client: ReturnType<typeof createSfnClient>;
  let keys = 0;

  beforeAll(async () => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    client = createSfnClient({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${port}` });
    runtime = await startTestRuntime(
      { workflowsFolder: join(PROJECT, 'test/fixtures/workflows') },
      { engine: () => sfnEngine(client, 'arn:aws:states:eu-central-1:1:stateMachine:chancery-dev-') },
    );
  });
  afterAll(async () => {
    await runtime?.stop();
    client.destroy();
    server.close();
  });
  beforeEach(() => {
    stepFunctions.begun = [];
    stepFunctions.faults = [];
    keys += 1;
  });

  const ask = (workflow_name: string) =>
    runtime.execute(governed({ workflow_name }), OPERATOR, { 'idempotency-key': `lost-${keys}` });

  it.each([
    ['before it happened', 0],
    ['after it happened', 1],
  ] as const)('StartSyncExecution, %s: is not sent again, whoever asks again', async (fault, begun) => {
    stepFunctions.faults = [fault];
    expect(await ask('hello')).toMatchObject({ status: 503 });
    const again = await ask('hello');
    expect(again).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect(again.headers.get('retry-after')).toBe('1');
    expect(stepFunctions.begun).toHaveLength(begun);
  });

  it.each(['before it happened', 'after it happened'] as const)(
    'StartExecution, %s: is sent once more, and begins one execution',
    async (fault) => {
      stepFunctions.faults = [fault];
      const first = await ask('errand');
      expect(first.status).toBe(202);
      await end(first.body.execution_id);
      expect(await ask('errand')).toMatchObject({
        status: 200,
        body: { execution_id: first.body.execution_id, output: { awake: true } },
      });
      expect(stepFunctions.begun).toEqual([first.body.execution_id]);
    },
  );

  it('StartExecution, both times: the key stays with what was begun, and gives its end', async () => {
    stepFunctions.faults = ['after it happened', 'before it happened'];
    expect(await ask('errand')).toMatchObject({ status: 503 });
    expect(await ask('errand')).toMatchObject({ status: 409 });
    const [begun = ''] = stepFunctions.begun;
    await end(begun);
    expect(await ask('errand')).toMatchObject({
      status: 200,
      body: { execution_id: begun, output: { awake: true } },
    });
    expect(stepFunctions.begun).toEqual([begun]);
  });

  it('DescribeExecution: the event comes again, and the end is recorded once', async () => {
    const { body } = await ask('errand');
    stepFunctions.faults = ['after it happened'];
    await expect(end(body.execution_id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await end(body.execution_id);
    await end(body.execution_id);
    const answer = await ask('errand');
    expect(answer).toMatchObject({ status: 200, body: { execution_id: body.execution_id } });
    const token = await runtime.token({ sub: 'ada', roles: ['auditor'] });
    const { body: ends } = await runtime.call('GET', '/ledger/entries?type=workflow.succeeded&limit=500', {
      token,
    });
    const ids: string[] = ends.entries.map(
      (entry: { record: { data: { execution_id: string } } }) => entry.record.data.execution_id,
    );
    expect(ids.filter((id) => id === body.execution_id)).toHaveLength(1);
  });

  /** As `settle` does when EventBridge tells it of an end. */
  async function end(name: string): Promise<void> {
    const told = await describeEnd(client, `arn:${name}`);
    if (told !== undefined) await runtime.runtime.office.ended(name, told);
  }
});
