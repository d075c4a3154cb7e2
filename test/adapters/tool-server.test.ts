/** A server of tools that is let go: what it was asked is answered, and what runs for it ends, whoever still holds it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { programServer } from '../../adapters/mcp/client.ts';
import type { JsonObject } from '../../src/json.ts';
import type { ToolServer } from '../../src/tools/server.ts';
import { SERVER } from '../mcp/world.ts';
import { PROJECT } from '../runtime/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-tool-server-'));
afterAll(() => rmSync(folder, { recursive: true }));

let calls: string;
let server: ToolServer;
let count = 0;
beforeEach(() => {
  count += 1;
  calls = join(folder, `calls-${count}`);
  server = programServer(
    { command: process.execPath, args: [SERVER], env: { CALLS: calls }, cwd: PROJECT },
    { version: '1', seconds: 30, bytes: 100_000 },
  );
});

const call = (name: string, given: JsonObject = {}): Promise<JsonObject> =>
  server.request('tools/call', { name, arguments: given });
const pidOf = async (): Promise<number> => {
  const answer = JSON.stringify(await call('pid'));
  return Number(/"text":"(\d+)"/.exec(answer)?.[1]);
};
const called = (name: string): boolean =>
  existsSync(calls) && readFileSync(calls, 'utf8').includes(`"name":"${name}"`);
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH.
    return false;
  }
};
const wait = { timeout: 20_000 };

it('ends when it retires and nothing runs', async () => {
  const pid = await pidOf();
  await server.retire();
  await expect.poll(() => isAlive(pid), wait).toBe(false);
}, 30_000);

it('ends after what runs when it retires, once that is answered', async () => {
  const [pid, until] = [await pidOf(), join(folder, `until-${count}`)];
  const held = call('holds', { until });
  await expect.poll(() => called('holds'), wait).toBe(true);
  let isOver = false;
  const over = server.retire().then(() => {
    isOver = true;
  });
  // A question beside it comes to the same program.
  expect(await pidOf()).toBe(pid);
  expect([isOver, isAlive(pid)]).toEqual([false, true]);
  writeFileSync(until, '');
  expect(await held).toMatchObject({ content: [{ text: 'held' }] });
  await over;
  await expect.poll(() => isAlive(pid), wait).toBe(false);
}, 60_000);

it('answers who held it and asks afterwards, by a program that ends with the answer', async () => {
  await server.retire();
  const pid = await pidOf();
  await expect.poll(() => isAlive(pid), wait).toBe(false);
}, 30_000);

it('fails what runs when it is closed, and says how', async () => {
  const pid = await pidOf();
  const held = call('holds', { until: join(folder, 'never') });
  const failed = expect(held).rejects.toMatchObject({ kind: 'unreachable' });
  await expect.poll(() => called('holds'), wait).toBe(true);
  await server.close();
  await failed;
  await expect.poll(() => isAlive(pid), wait).toBe(false);
}, 60_000);
