/** Resources and prompts are read under the same door as tools are called: what holds for a call holds for a look. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

let world: McpWorld;
let client: Client;
beforeAll(async () => {
  world = await openMcpWorld({ seconds: 30 });
  client = await world.client();
}, 60_000);
afterAll(() => world.stop());

describe('resources and prompts', () => {
  it('come without the secrets that the charter names, and what is asked of them goes without', async () => {
    const { contents } = await client.readResource({ uri: 'fixture+note://keys' });
    expect(contents).toMatchObject([{ text: '{"user":"ada"}' }]);
    expect((await world.records('tool.invoked')).at(-1)?.record.data).toMatchObject({
      tool: 'fixture:resources/read',
      stripped: ['/contents/0/text/api_key'],
    });
    const given = { password: 'hunter2', city: 'Ulm' };
    const { messages } = await client.getPrompt({ name: 'fixture.greet', arguments: given });
    expect(messages).toMatchObject([{ content: { text: 'Hello city' } }]);
  });

  it('are not shown to whoever is revoked while they are read', async () => {
    const who = { sub: 'wim', name: 'Wim Gone', email: 'wim@example.org', roles: ['operator', 'admin'] };
    const wim = await world.client(who);
    const before = (await world.records('decision.made')).length;
    const reading = expect(wim.readResource({ uri: 'fixture+note://slow' })).rejects.toMatchObject({
      data: { reasons: [{ code: 'standing_lost' }] },
    });
    await expect.poll(async () => (await world.records('decision.made')).length).toBeGreaterThan(before);
    const token = await world.chancery.token(who);
    const body = { subject: 'wim', reason: 'user_request' };
    expect((await world.chancery.call('POST', '/revocations', { token, body })).status).toBeLessThan(300);
    await reading;
    expect((await world.records('tool.failed')).at(-1)?.record.data).toMatchObject({
      outcome: 'cancelled',
      error_type: 'standing_lost',
    });
  });

  it('are counted against the limits, and what is over them again and again is not a record each', async () => {
    const limits = readFileSync(join(PROJECT, 'charter/limits.yaml'), 'utf8').replace(
      'limit: 120000',
      'limit: 20',
    );
    const narrow = await openMcpWorld({ limits, reviewed: false });
    const often = await narrow.client();
    const read = (): Promise<unknown> =>
      often.readResource({ uri: 'fixture+note://one' }).then(
        () => 'read',
        (error: Seen) => error.data?.code,
      );
    const answers = await Promise.all(Array.from({ length: 120 }, read));
    expect(answers).toContain('RATE_LIMITED');
    const denied = (await narrow.records('decision.made')).filter(
      ({ record }) => record.data.outcome === 'deny',
    );
    expect(denied.length).toBeLessThan(answers.filter((answer) => answer === 'RATE_LIMITED').length / 2);
    await narrow.stop();
  }, 60_000);
});
