/** Servers that a charter no longer lists, lists again, or reaches otherwise: what runs there, and what is believed of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { filesIn } from '../charter/world.ts';
import { type HostileServer, openHostileServer } from '../fixtures/mcp/hostile-server.ts';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

let world: McpWorld;
let hostile: HostileServer;
let client: Client;

beforeAll(async () => {
  hostile = await openHostileServer();
  world = await openMcpWorld({
    seconds: 30,
    servers: [{ id: 'moves', sensitivity: 'low', environment: 'local', endpoint: `${hostile.url}/one` }],
    tools: [
      { id: 'fixture.pid', server: 'fixture' },
      { id: 'fixture.holds', server: 'fixture' },
      { id: 'moves.c', server: 'moves' },
    ],
  });
  client = await world.client();
}, 60_000);
afterAll(async () => {
  await world.stop();
  await hostile.close();
});

const call = async (name: string, given: Record<string, unknown> = {}, by = client): Promise<Seen> =>
  by.callTool({ name, arguments: given });

/** Drafted, replayed and voted for by two, as the committee does it. */
async function bringIntoForce(change: (servers: YAMLSeq, tools: YAMLSeq) => void): Promise<void> {
  const { chancery } = world;
  const files = filesIn(join(chancery.folder, '../charter'));
  const document = parseDocument(files.get('gateway.yaml') ?? '');
  const [servers, tools] = [document.get('servers'), document.get('tools')];
  if (!(servers instanceof YAMLSeq && tools instanceof YAMLSeq)) throw new Error('gateway.yaml has no lists');
  change(servers, tools);
  files.set('gateway.yaml', document.toString());
  const as = async (sub: string, path: string, body: unknown): Promise<Seen> => {
    const roles = sub === 'root' ? ['admin'] : ['committee_member'];
    const token = await chancery.token({ sub, name: sub, email: `${sub}@example.org`, roles });
    const answer = await chancery.call('POST', path, { token, body });
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.body;
  };
  const { id } = await as('root', '/charters', { files: Object.fromEntries(files) });
  const { flips_digest } = await as('ann', `/charters/${id}/replay`, {});
  for (const sub of ['ann', 'ben'])
    await as(sub, `/charters/${id}/activate`, { acknowledge: [flips_digest] });
}

const of = (id: string) => (entry: unknown) => entry instanceof YAMLMap && entry.get('id') === id;
const withoutFixture = (servers: YAMLSeq, tools: YAMLSeq): void => {
  servers.items = servers.items.filter((entry) => !of('fixture')(entry));
  tools.items = tools.items.filter(
    (entry) => !(entry instanceof YAMLMap && entry.get('server') === 'fixture'),
  );
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH.
    return false;
  }
}

it('ends the program of a server that leaves, when it has answered what it was asked; it comes back anew, as it was reviewed', async () => {
  const pid = Number((await call('fixture.pid')).content[0].text);
  expect(isAlive(pid)).toBe(true);
  const told = await world.records('tool.unreviewed');
  const until = join(world.chancery.folder, 'until');
  const held = call('fixture.holds', { until });
  await expect.poll(() => world.calls().at(-1)?.name, { timeout: 10_000 }).toBe('holds');

  await bringIntoForce(withoutFixture);
  expect((await call('fixture.pid')).structuredContent).toMatchObject({
    code: 'CHARTER_DENIED',
    reasons: [{ code: 'unlisted_tool' }],
  });
  expect(isAlive(pid)).toBe(true);
  writeFileSync(until, '');
  expect((await held).content).toEqual([{ type: 'text', text: 'held' }]);
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);

  await bringIntoForce(() => {});
  const anew = Number((await call('fixture.pid')).content[0].text);
  expect(anew).not.toBe(pid);
  expect(await world.records('tool.unreviewed')).toEqual(told);

  // Nobody asks it anything now.
  await bringIntoForce(withoutFixture);
  await expect.poll(() => isAlive(anew), { timeout: 10_000 }).toBe(false);
}, 60_000);

it('believes nothing of a server that the one before it under its name had listed', async () => {
  expect((await call('moves.c')).content[0].text).toBe('/one c');
  await bringIntoForce((servers) => {
    const moves = servers.items.find(of('moves'));
    if (moves instanceof YAMLMap) moves.set('endpoint', `${hostile.url}/`);
  });
  expect((await call('moves.c')).structuredContent).toMatchObject({ code: 'CHARTER_DENIED' });
  expect(hostile.heard('/')).toEqual([]);
}, 60_000);
