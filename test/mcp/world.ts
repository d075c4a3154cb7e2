/** A runtime with one MCP server behind it, its tools listed and reviewed, and clients of the official SDK in front of it. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { DevClaims } from '../../adapters/local/dev-issuer.ts';
import type { Replacements } from '../../local/runtime.ts';
import type { LocalSettings } from '../../local/settings.ts';
import { DEV_ISSUER } from '../../src/identity/development.ts';
import { ServerFault } from '../../src/tools/server.ts';
import type { Offered } from '../../src/tools/shelf.ts';
import { PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { charterWithTools, type Entry } from './charter.ts';

export const SERVER = join(PROJECT, 'test/fixtures/mcp/server.ts');

export interface McpWorld {
  readonly chancery: TestRuntime;
  /** What the server was really asked to do. */
  calls(): { name: string; given: Record<string, unknown>; meta: Record<string, unknown> }[];
  /** The server's definition of `shifty` changes. */
  change(): void;
  /** As if the time were over for which a server's list is believed. */
  forgetLists(): void;
  client(claims?: Partial<DevClaims>, options?: ClientOptions, path?: string): Promise<Client>;
  /** Records of this type, oldest first. */
  records(type: string): Promise<{ id: string; record: RecordSeen }[]>;
  /** Everything that was recorded in a trace, oldest first. */
  trace(trace: string): Promise<RecordSeen[]>;
  /** As a person does it. */
  review(tool: string): Promise<void>;
  stop(): Promise<void>;
}

interface RecordSeen {
  readonly type: string;
  readonly after?: string;
  readonly trace: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records freely; the assertions are the types.
  readonly data: any;
}

/** The shipped charter with the fixture's tools listed. */
export const TOOLS: Readonly<Record<string, Record<string, unknown>>> = {
  echo: { sensitivity: 'low' },
  replace: { sensitivity: 'low' },
  deploy: { sensitivity: 'medium', risk_level: 5 },
  secret: { sensitivity: 'low' },
  slow: { sensitivity: 'low' },
  huge: { sensitivity: 'low' },
  fails: { sensitivity: 'low' },
  shapeless: { sensitivity: 'low' },
  asks: { sensitivity: 'low' },
  dies: { sensitivity: 'low' },
  chatters: { sensitivity: 'low' },
  steps: { sensitivity: 'low' },
  shifty: { sensitivity: 'low' },
  absent: { sensitivity: 'low' },
};

interface More {
  reviewed?: boolean;
  policies?: string;
  /** Instead of the shipped limits.yaml. */
  limits?: string;
  replaced?: Replacements;
  /** Beside the fixture. */
  servers?: readonly Entry[];
  tools?: readonly (Entry & { readonly server: string })[];
  settings?: Partial<LocalSettings>;
  /** For which the fixture is waited for. */
  seconds?: number;
}

/** One runtime with the fixture behind it, and what else is given. */
export async function openMcpWorld({
  reviewed = true,
  policies = '',
  limits = '',
  replaced = {},
  servers = [],
  tools = [],
  settings = {},
  seconds = 3,
}: More = {}): Promise<McpWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-mcp-'));
  const charterFolder = charterWithTools(
    folder,
    [
      { id: 'fixture', sensitivity: 'low', environment: 'local', limits: { seconds, bytes: 100_000 } },
      ...servers,
    ],
    [
      ...Object.entries(TOOLS).map(([name, more]) => ({ id: `fixture.${name}`, server: 'fixture', ...more })),
      ...tools,
    ].map((tool) => ({ category: 'test', sensitivity: 'low', writes: true, ...tool })),
  );
  if (limits !== '') writeFileSync(join(charterFolder, 'limits.yaml'), limits);
  if (policies !== '') writeFileSync(join(charterFolder, 'policies/more.cedar'), policies);

  const [calls, changed] = [join(folder, 'calls'), join(folder, 'changed')];
  let now = 0;
  const chancery = await startTestRuntime(
    {
      ...settings,
      dataFolder: join(folder, 'data'),
      charterFolder,
      programs: {
        fixture: {
          command: process.execPath,
          args: [SERVER],
          env: { CALLS: calls, CHANGED: changed },
          cwd: PROJECT,
        },
      },
    },
    { clock: () => Date.now() + now, ...replaced },
  );
  const clients: Client[] = [];
  const world: McpWorld = {
    chancery,
    calls: () =>
      existsSync(calls)
        ? readFileSync(calls, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    change: () => writeFileSync(changed, ''),
    forgetLists() {
      now += 31_000;
    },
    async client(claims = {}, options = {}, path = '/mcp') {
      const client = new Client(
        { name: 'test', version: '1' },
        { versionNegotiation: { mode: { pin: '2026-07-28' } }, ...options },
      );
      const token = await chancery.token(claims);
      const headers = { authorization: `Bearer ${token}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(path, chancery.runtime.url), { requestInit: { headers } }),
      );
      clients.push(client);
      return client;
    },
    async records(type) {
      const token = await chancery.token({ sub: 'ada', roles: ['auditor'] });
      const { body } = await chancery.call('GET', `/ledger/entries?type=${type}&limit=200&order=oldest`, {
        token,
      });
      return body.entries;
    },
    async trace(trace) {
      const token = await chancery.token({ sub: 'ada', roles: ['auditor'] });
      const { body } = await chancery.call('GET', `/ledger/entries?trace=${trace}&limit=200&order=oldest`, {
        token,
      });
      return body.entries.map(({ record }: { record: RecordSeen }) => record);
    },
    async review(tool) {
      const token = await chancery.token({ sub: 'rita', name: 'Rita', roles: ['committee_member'] });
      const { body } = await chancery.call('GET', '/tools', { token });
      const { definition_digest } = body.tools.find((one: { tool: string }) => one.tool === tool);
      const answer = await chancery.call('POST', '/tools/reviews', {
        token,
        body: { tool, definition_digest },
      });
      if (answer.status !== 201) throw new Error(answer.text);
    },
    async stop() {
      for (const client of clients) await client.close();
      await chancery.stop();
      await rm(folder, { recursive: true });
    },
  };
  if (reviewed) await takeAsTheyAre(chancery, ['fixture', ...servers.map(({ id }) => id)]);
  return world;
}

/** All that these servers offer and the charter lists, without asking for each over HTTP. */
async function takeAsTheyAre({ runtime, token }: TestRuntime, servers: readonly string[]): Promise<void> {
  const { tools } = runtime;
  const [charter, caller] = await Promise.all([tools.charter(), token()]);
  const by = {
    who: { issuer: DEV_ISSUER.issuer, sub: 'rita' },
    trace: '0'.repeat(32),
    how: 'first_use',
  } as const;
  for (const server of servers) {
    const look = (): Promise<readonly Offered[] | undefined> =>
      tools.shelf.offered(charter, server, caller).catch((error: unknown) => {
        if (error instanceof ServerFault) return undefined;
        throw error;
      });
    // On a busy machine an honest server may be late once; a hostile one is none the better for being asked again.
    const offered = (await look()) ?? (await look()) ?? [];
    for (const { id, definition, listed } of offered) if (listed) await tools.reviews.pin(id, definition, by);
  }
}
