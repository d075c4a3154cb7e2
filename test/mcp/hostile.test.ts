/** Servers that are slow, huge, malformed or gone, callers that cancel, definitions that change: each with its answer and its record. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

let world: McpWorld;
beforeAll(async () => {
  world = await openMcpWorld();
}, 60_000);
afterAll(() => world.stop());

const lastOf = async (type: string) => (await world.records(type)).at(-1)?.record;

describe('a server that misbehaves', () => {
  it.each([
    ['is slow', 'slow', 'timeout'],
    ['answers more than it may', 'huge', 'too_large'],
    ['answers something else than it promised', 'shapeless', 'malformed'],
    ['calls back', 'asks', 'refused'],
    ['says that it failed', 'fails', 'tool_error'],
    ['dies', 'dies', 'unreachable'],
  ])('is never recorded as a success: it %s', async (_what, name, error_type) => {
    const client = await world.client();
    const answer: Seen = await client.callTool({ name: `fixture.${name}`, arguments: {} });
    expect(answer.isError).toBe(true);
    expect(await lastOf('tool.failed')).toMatchObject({
      data: { tool: `fixture.${name}`, outcome: 'failure', error_type, execution_id: expect.any(String) },
    });
    // What comes after is served as if nothing had been.
    const next: Seen = await client.callTool({ name: 'fixture.echo', arguments: { text: 'still here' } });
    expect(next.isError).toBeUndefined();
  });

  it('is told of a cancellation, and the cancellation is recorded', async () => {
    const client = await world.client();
    const stop = new AbortController();
    const failed = world.records('tool.failed').then((records) => records.length);
    const before = await failed;
    const call = client.callTool({ name: 'fixture.slow', arguments: {} }, { signal: stop.signal });
    await expect.poll(() => world.calls().at(-1)?.name).toBe('slow');
    stop.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(async () => (await world.records('tool.failed')).length).toBe(before + 1);
    expect(await lastOf('tool.failed')).toMatchObject({
      data: { outcome: 'cancelled', error_type: 'cancelled' },
    });
  });
});

describe('a definition', () => {
  it('that changed after it was reviewed is denied, recorded once, and allowed again after a review', async () => {
    const changed = await openMcpWorld();
    try {
      const client = await changed.client();
      const call = (): Promise<Seen> => client.callTool({ name: 'fixture.shifty', arguments: {} });
      expect((await call()).isError).toBeUndefined();
      changed.change();
      // As if the time for which a list is believed were over: the server says that its list changed.
      changed.forgetLists();
      for (const _ of [1, 2])
        expect((await call()).structuredContent).toMatchObject({
          code: 'CHARTER_DENIED',
          reasons: [{ code: 'unreviewed_tool' }],
        });
      const told = await changed.records('tool.unreviewed');
      expect(told.map(({ record }) => record.data)).toMatchObject([
        ...Array.from({ length: told.length - 1 }, () => ({ change: 'new' })),
        { tool: 'fixture.shifty', change: 'changed' },
      ]);
      const token = await changed.chancery.token({ roles: ['admin'] });
      await expect
        .poll(async () => (await changed.chancery.call('GET', '/metrics', { token })).text)
        .toMatch(/chancery_tools_unreviewed_total\{tool="fixture.shifty"\} [1-9]/);
      expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('fixture.shifty');
      await changed.review('fixture.shifty');
      expect((await call()).isError).toBeUndefined();
    } finally {
      await changed.stop();
    }
  });

  it('is shown with those that this principal may call, in one order, for the caller alone', async () => {
    const client = await world.client();
    const listed: Seen = await client.request({ method: 'tools/list', params: {} });
    const names = listed.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).not.toContain('fixture.unlisted');
    expect(listed).toMatchObject({ cacheScope: 'private', ttlMs: expect.any(Number) });
    const analyst = await world.client({
      sub: 'nobody',
      name: 'No Body',
      roles: [],
      scopes: ['decisions:evaluate'],
    });
    expect((await analyst.listTools()).tools).toEqual([]);
  });
});

describe('resources and prompts', () => {
  it('are listed and read under the same door, decided and recorded', async () => {
    const client = await world.client();
    expect((await client.listResources()).resources).toMatchObject([{ uri: 'fixture+note://one' }]);
    expect((await client.readResource({ uri: 'fixture+note://one' })).contents).toMatchObject([
      { text: 'a note' },
    ]);
    expect(await lastOf('tool.invoked')).toMatchObject({
      data: { tool: 'fixture:resources/read', outcome: 'success', asked_digest: expect.any(String) },
    });
    expect((await client.listPrompts()).prompts).toMatchObject([{ name: 'fixture.greet' }]);
    expect((await client.getPrompt({ name: 'fixture.greet' })).messages).toHaveLength(1);
    const nobody = await world.client({
      sub: 'nobody',
      name: 'No Body',
      roles: [],
      scopes: ['decisions:evaluate'],
    });
    await expect(nobody.readResource({ uri: 'fixture+note://one' })).rejects.toThrow();
  });
});
