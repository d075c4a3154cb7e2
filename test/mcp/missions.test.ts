/** Missions: an aim declared once, bounded in time, tools and count. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPaths } from '../../local/stores.ts';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

let world: McpWorld;
let now = Date.now();
beforeAll(async () => {
  world = await openMcpWorld({ replaced: { clock: () => now } });
}, 60_000);
afterAll(() => world.stop());

const AIM = {
  actor: { name: 'Jake Smith' },
  input: { sources: [{ type: 'ticket', description: 'what was asked for' }] },
  mission: { objective: 'Replace what the ticket names', success_criteria: ['it is replaced'] },
};

async function register(changes: Record<string, unknown> = {}) {
  const token = await world.chancery.token();
  return world.chancery.call('POST', '/missions', {
    token,
    body: { aim: AIM, tools: ['fixture.replace'], duration: '1h', max_calls: 2, ...changes },
  });
}

async function call(mission?: unknown): Promise<Seen> {
  const client = await world.client();
  const _meta = mission === undefined ? {} : { _meta: { 'org.chancery/mission': mission } };
  return client.callTool({ name: 'fixture.replace', arguments: {}, ..._meta });
}
const reasonOf = ({ structuredContent }: Seen) => structuredContent?.reasons?.[0]?.code;

it('covers calls of its tools until they are used up, named or not, and is on record', async () => {
  const { status, body } = await register();
  expect(status).toBe(201);
  expect((await world.records('mission.registered')).at(-1)?.record.data).toMatchObject({
    mission_id: body.mission_id,
    tools: ['fixture.replace'],
    max_calls: 2,
  });
  expect((await call(body.mission_id)).isError).toBeUndefined();
  expect((await call()).isError).toBeUndefined();
  expect(reasonOf(await call())).toBe('mission_used_up');
  const token = await world.chancery.token();
  const shown = await world.chancery.call('GET', `/missions/${body.mission_id}`, { token });
  expect(shown.body).toMatchObject({ status: 'used_up', calls: 2 });
  const decision = (await world.records('decision.made')).filter(
    ({ record }) => record.data.mission_id !== undefined,
  );
  expect(decision).toHaveLength(2);
});

it('counts from the call after it was registered, also for who was known to have none', async () => {
  const nora = { sub: 'nora', name: 'Nora New' };
  const client = await world.client(nora);
  const echo = () => client.callTool({ name: 'fixture.echo', arguments: { text: 'x' } });
  await echo();
  const aim = { ...AIM, actor: { name: nora.name } };
  const { body } = await world.chancery.call('POST', '/missions', {
    token: await world.chancery.token(nora),
    body: { aim, tools: ['fixture.echo'] },
  });
  await echo();
  const [before, after] = (await world.records('decision.made')).slice(-2);
  expect(before?.record.data.mission_id).toBeUndefined();
  expect(after?.record.data.mission_id).toBe(body.mission_id);
});

it('ends when its owner says so, and when its time is over', async () => {
  const { body } = await register();
  const token = await world.chancery.token();
  const other = await world.chancery.token({ sub: 'eve', name: 'Eve Other' });
  expect((await world.chancery.call('DELETE', `/missions/${body.mission_id}`, { token: other })).status).toBe(
    404,
  );
  expect((await world.chancery.call('DELETE', `/missions/${body.mission_id}`, { token })).body.status).toBe(
    'ended',
  );
  expect(reasonOf(await call(body.mission_id))).toBe('mission_ended');
  const next = await register({ duration: '1m' });
  now += 61_000;
  expect(reasonOf(await call(next.body.mission_id))).toBe('mission_ended');
});

it.each([
  [
    'no objective',
    { aim: { ...AIM, mission: { objective: 'x', success_criteria: ['y'] } } },
    'GOVERNANCE_VALIDATION_FAILED',
  ],
  ['another actor', { aim: { ...AIM, actor: { name: 'Somebody Else' } } }, 'GOVERNANCE_VALIDATION_FAILED'],
  ['no tools', { tools: [] }, 'VALIDATION_ERROR'],
  ['every tool', { tools: ['*'] }, 'VALIDATION_ERROR'],
  ['a year', { duration: '365d' }, 'VALIDATION_ERROR'],
  ['no calls', { max_calls: 0 }, 'VALIDATION_ERROR'],
  ['a misspelt member', { max_call: 1 }, 'VALIDATION_ERROR'],
])('is not registered with %s', async (_what, changes, code) => {
  expect((await register(changes)).body).toMatchObject({ code });
});

it.each([
  ['an id that is none', 'mis_nothing', 'unknown_mission'],
  ['something that is no id', { id: 1 }, 'unknown_mission'],
])('does not count with %s', async (_what, mission, code) => {
  expect(reasonOf(await call(mission))).toBe(code);
});

describe('somebody who can write to the store', () => {
  let store: DatabaseSync;
  beforeAll(() => {
    store = new DatabaseSync(dataPaths(world.chancery.folder).table);
  });
  afterAll(() => store.close());

  function write(mission_id: string, changes: Record<string, unknown>): void {
    const row = store
      .prepare("SELECT pk, more FROM items WHERE sk = ? AND pk LIKE 'MISSIONS#%'")
      .get(mission_id);
    const more = JSON.stringify({ ...JSON.parse(String(row?.more)), ...changes });
    store.prepare('UPDATE items SET more = ? WHERE pk = ? AND sk = ?').run(more, String(row?.pk), mission_id);
  }
  const told = async (place: string) =>
    (await world.records('security.tamper_detected')).filter(({ record }) => record.data.place === place);

  it('gives a mission no more calls, and is found out', async () => {
    const { body } = await register({ max_calls: 1 });
    expect((await call(body.mission_id)).isError).toBeUndefined();
    write(body.mission_id, { calls: 0 });
    expect(reasonOf(await call(body.mission_id))).toBe('mission_used_up');
    await expect
      .poll(() => told(body.mission_id), { timeout: 10_000 })
      .toMatchObject([{ record: { data: { item: 'mission', kind: 'state_changed' } } }]);
  });

  it('opens none again that has ended, and is found out', async () => {
    const { body } = await register();
    const token = await world.chancery.token();
    await world.chancery.call('DELETE', `/missions/${body.mission_id}`, { token });
    write(body.mission_id, { ended: undefined });
    expect(reasonOf(await call(body.mission_id))).toBe('mission_ended');
    await expect.poll(() => told(body.mission_id), { timeout: 10_000 }).toHaveLength(1);
  });
});
