/** DynamoDB Local is killed and started again under the running system: nothing runs without its record. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { readSettings } from '../../local/settings.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import { trustSchema } from '../../src/ledger/trust.ts';
import type { Table } from '../../src/ports.ts';
import { verifyLanes } from '../ledger/support.ts';
import { clientAt, makeTable } from '../support/dynamo.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts';

interface Reply {
  readonly status: number;
  readonly body: { readonly code?: string; readonly decision_id?: string; readonly success?: boolean };
}

describe('the system on DynamoDB Local, which goes away and comes back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-outage-'));
  /** Execution ids that reached the endpoint. */
  const deployed: string[] = [];
  let endpoint: Server;
  let dynamo: DynamoDbLocal;
  let client: DynamoDBClient;
  let table: Table;
  let runtime: Runtime;
  let token = '';

  beforeAll(async () => {
    endpoint = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (request.method === 'POST') deployed.push(JSON.parse(Buffer.concat(chunks).toString()).execution_id);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const address = endpoint.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    dynamo = await startDynamoDbLocal({ folder });
    const patient = clientAt(dynamo.url);
    await makeTable(patient, 'chancery');
    patient.destroy();
    // The patience of the deployed system: recovery is measured with it.
    client = clientAt(dynamo.url, 3_000);
    table = openDynamoTable(client, 'chancery');
    const settings = readSettings(
      { PORT: '0', CHANCERY_DATA: join(folder, 'data'), DEPLOY_ENDPOINT: `http://127.0.0.1:${port}` },
      resolve(import.meta.dirname, '../..'),
    );
    runtime = await startRuntime(settings, { table: () => table });
    token = await runtime.mint({ sub: 'jake', name: 'Jake Smith', roles: ['operator'], kind: 'human' });
  });
  afterAll(async () => {
    await runtime?.stop();
    client?.destroy();
    await dynamo?.stop();
    endpoint?.close();
    rmSync(folder, { recursive: true });
  });

  const deploy = async (): Promise<Reply> => {
    const response = await fetch(`${runtime.url}/workflows/governed/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        aim: {
          actor: { name: 'Jake Smith' },
          input: { sources: [{ type: 'api', description: 'release notes' }] },
          mission: { objective: 'Deploy the release to staging', success_criteria: ['health checks pass'] },
        },
        parameters: { environment: 'staging' },
      }),
    });
    const body: Reply['body'] = await response.json();
    return { status: response.status, body };
  };

  const verified = async () => {
    const trust = trustSchema.parse(JSON.parse(readFileSync(join(folder, 'data', 'trust.json'), 'utf8')));
    return verifyLanes(tableSource(table), trust);
  };

  test('works while the store does', async () => {
    const reply = await deploy();
    expect(reply).toMatchObject({ status: 200, body: { success: true } });
    expect(deployed).toHaveLength(1);
  });

  test('with the store gone every request is a 503, and nothing runs', async () => {
    await dynamo.stop('SIGKILL');
    const before = deployed.length;
    const replies = await Promise.all(Array.from({ length: 12 }, deploy));
    for (const { status, body } of replies) {
      expect(status).toBe(503);
      expect(['LEDGER_UNAVAILABLE', 'STORE_UNAVAILABLE']).toContain(body.code);
    }
    expect(deployed.length).toBe(before);
  });

  test('when the store is back the system works again by itself', async () => {
    dynamo = await startDynamoDbLocal({ folder, port: dynamo.port });
    const end = Date.now() + 15_000;
    let reply = await deploy();
    while (reply.status !== 200 && Date.now() < end) reply = await deploy();
    expect(reply).toMatchObject({ status: 200, body: { success: true } });
    expect((await verified()).verdict).toMatch(/^(OK|PENDING)$/);
  });

  test('killed and started under load: what was answered 200 is recorded, what ran was recorded first', async () => {
    const replies: Reply[] = [];
    let going = true;
    const caller = async () => {
      while (going) replies.push(await deploy());
    };
    const callers = Array.from({ length: 8 }, caller);
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await dynamo.stop('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      dynamo = await startDynamoDbLocal({ folder, port: dynamo.port });
    }
    const recovered = replies.length;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    going = false;
    await Promise.all(callers);

    const statuses = new Set(replies.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses).toEqual(new Set([200, 503]));
    expect(replies.slice(recovered).some(({ status }) => status === 200)).toBe(true);

    const decided = new Set<unknown>();
    const started = new Set<unknown>();
    const ended = new Set<unknown>();
    for await (const { record } of allEntries(table, {})) {
      if (record.type === 'decision.made') {
        decided.add(record.data.decision_id);
        started.add(record.data.execution_id);
      }
      if (record.type === 'workflow.succeeded') ended.add(record.data.decision_id);
    }
    for (const { status, body } of replies) {
      if (status !== 200) continue;
      expect(decided).toContain(body.decision_id);
      expect(ended).toContain(body.decision_id);
    }
    expect(deployed.filter((execution) => !started.has(execution))).toEqual([]);
    expect((await verified()).verdict).toMatch(/^(OK|PENDING)$/);
  });
});
