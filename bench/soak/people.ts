/** What people and agents do all day: each deed is one or more requests, and says what was not expected of an answer. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { governed, PROJECT } from '../../test/runtime/support.ts';
import type { SoakWorld } from './world.ts';

export interface Deed {
  readonly name: string;
  /** Of a hundred. */
  readonly share: number;
  /** Throws Unexpected for an answer that should not be. */
  act(): Promise<void>;
}

export class Unexpected extends Error {}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the soak looks into answers freely.
  readonly body: any;
}

export async function people(world: SoakWorld): Promise<Deed[]> {
  const who = async (sub: string, role: string): Promise<string> =>
    world.token({ sub, name: `${sub} Person`, roles: [role], kind: 'human', mfa: true, ttlSeconds: 86_400 });
  const agentToken = await world.token({
    sub: 'scout',
    name: 'Scout',
    roles: ['operator'],
    kind: 'human',
    ttlSeconds: 86_400,
  });
  const [operator, analyst, auditor, sre] = await Promise.all([
    who('olga', 'operator'),
    who('anton', 'analyst'),
    who('ada', 'auditor'),
    who('sam', 'sre'),
  ]);
  const [first, second, node, chief] = await Promise.all([
    who('ann', 'committee_member'),
    who('bob', 'committee_member'),
    who('nina', 'node_operator'),
    who('root', 'admin'),
  ]);
  const actor = (name: string) => ({ ...governed().aim, actor: { name: `${name} Person` } });

  async function ask(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<Answer> {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: json ? JSON.parse(text) : text };
  }
  async function expecting(status: number, ...request: Parameters<typeof ask>): Promise<Answer> {
    const answer = await ask(...request);
    if (answer.status !== status)
      throw new Unexpected(
        `${request[1]} ${request[2]}: ${answer.status} in place of ${status}: ${JSON.stringify(answer.body).slice(0, 300)}`,
      );
    return answer;
  }
  const hello = governed({ workflow_name: 'hello', aim: actor('olga'), parameters: { name: 'soak' } });
  const cli = (...args: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [join(PROJECT, 'bin/chancery.ts'), ...args],
        { env: { ...process.env, CHANCERY_URL: world.url, CHANCERY_DATA: world.data }, cwd: PROJECT },
        (error, _out, said) =>
          error === null
            ? resolve()
            : reject(new Unexpected(`chancery ${args.join(' ')}: ${said.slice(0, 300)}`)),
      );
    });
  const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

  return [
    {
      name: 'a caller runs a workflow',
      share: 30,
      async act() {
        const { body } = await expecting(
          200,
          operator,
          'POST',
          '/workflows/governed/execute',
          hello,
          randomUUID(),
        );
        if (body.outcome !== 'success') throw new Unexpected(`the run ended in ${body.outcome}`);
      },
    },
    {
      name: 'a caller is denied',
      share: 6,
      async act() {
        const request = governed({ aim: actor('anton') });
        await expecting(403, analyst, 'POST', '/workflows/governed/execute', request);
      },
    },
    {
      name: 'a caller breaks the rules',
      share: 4,
      async act() {
        await expecting(400, operator, 'POST', '/workflows/governed/execute', {
          ...hello,
          drag_mode: 'wild',
        });
      },
    },
    {
      name: 'a caller asks what would be decided',
      share: 12,
      async act() {
        await expecting(200, operator, 'POST', '/decisions', { ...hello, options: { mode: 'dry_run' } });
      },
    },
    { name: 'an agent calls a tool', share: 12, act: agent(world, agentToken) },
    {
      name: 'a node asks what it may collect',
      share: 6,
      async act() {
        const sample = {
          metric_name: 'latency_p50',
          value: 1,
          timestamp: new Date().toISOString(),
          source: 'node-1',
        };
        await expecting(200, node, 'POST', '/charter/metrics/validate', sample);
      },
    },
    {
      name: 'an auditor reads',
      share: 8,
      async act() {
        const { body } = await expecting(200, auditor, 'GET', '/ledger/entries?limit=20');
        await expecting(200, auditor, 'GET', `/ledger/entries/${pick<{ id: string }>(body.entries).id}`);
        await expecting(200, auditor, 'GET', '/ledger/checkpoint');
      },
    },
    {
      name: 'the console is opened',
      share: 4,
      async act() {
        await expecting(200, operator, 'GET', '/console');
        await expecting(200, auditor, 'GET', '/ledger/entries?type=decision.made&limit=50');
        await expecting(200, first, 'GET', '/approvals');
        await expecting(200, sre, 'GET', '/slos');
      },
    },
    {
      name: 'somebody watches',
      share: 12,
      async act() {
        await expecting(200, sre, 'GET', pick(['/metrics', '/health', '/health/ready', '/slos']));
      },
    },
    {
      name: 'somebody comes with a bad token',
      share: 4,
      async act() {
        await expecting(401, 'x.y.z', 'GET', '/metrics');
      },
    },
    {
      name: 'a release is approved by two',
      share: 0.2,
      async act() {
        const request = governed({
          workflow_name: 'deploy-to-production',
          drag_mode: 'execute',
          aim: actor('olga'),
          parameters: { version: `1.${Date.now()}` },
        });
        const { body } = await expecting(202, operator, 'POST', '/workflows/governed/execute', request);
        for (const member of [first, second])
          await expecting(200, member, 'POST', `/approvals/${body.approval.id}/approve`, {
            comment: 'ready to go',
          });
      },
    },
    {
      name: 'a case is opened and decided',
      share: 0.4,
      async act() {
        const report = {
          violation_type: 'other',
          node_or_service: `node-${pick([1, 2, 3])}`,
          description: 'it was too loud',
          evidence: [],
        };
        const { body } = await expecting(201, node, 'POST', '/violations', report);
        await expecting(200, first, 'POST', `/violations/${body.violation_id ?? body.id}/dismiss`, {
          reason: 'it was not',
        });
      },
    },
    {
      name: 'an operator types',
      share: 0.4,
      act: () =>
        cli(
          ...pick([
            ['status'],
            ['ledger', 'tail', '--lines', '3'],
            ['metrics', 'top-users', '--last', '5m'],
            ['slo', 'report'],
            ['approvals', 'list'],
          ]),
        ),
    },
    {
      name: 'an administrator lists sessions',
      share: 0.2,
      async act() {
        await expecting(200, chief, 'GET', '/sessions');
      },
    },
  ];
}

/** One client that stays, as agents' do; after the office was away it connects anew. */
function agent(world: SoakWorld, token: string): () => Promise<void> {
  const idle: Client[] = [];
  return async () => {
    const client = idle.pop() ?? (await connected(world, token));
    try {
      const answer = await client.callTool({ name: 'fixture.echo', arguments: { text: 'hello' } });
      if (answer.isError === true)
        throw new Unexpected(`the tool: ${JSON.stringify(answer.structuredContent)}`);
      idle.push(client);
    } catch (error) {
      await client.close();
      throw error;
    }
  };
}

async function connected(world: SoakWorld, token: string): Promise<Client> {
  const client = new Client({ name: 'soak', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`), { requestInit }));
  return client;
}
