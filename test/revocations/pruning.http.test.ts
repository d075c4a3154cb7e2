/** How long the audit trail is kept is the charter's: a pruning asks for as long or longer. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleWith, edited } from '../charter/world.ts';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const charterFolder = mkdtempSync(join(tmpdir(), 'chancery-kept-'));
let world: TestRuntime;

beforeAll(async () => {
  const longer = { 'charter.yaml': edited('charter.yaml', 'retention_days: 183', 'retention_days: 365') };
  for (const [name, text] of bundleWith(longer)) {
    mkdirSync(dirname(join(charterFolder, name)), { recursive: true });
    writeFileSync(join(charterFolder, name), text);
  }
  world = await startTestRuntime({ charterFolder });
});
afterAll(async () => {
  await world.stop();
  rmSync(charterFolder, { recursive: true });
});

const prune = async (body?: unknown) =>
  world.call('POST', '/ledger/prunings', {
    token: await world.token({ sub: 'ann', roles: ['admin'], mfa: true }),
    body,
  });

it('refuses fewer days than the charter keeps, and takes those where none are named', async () => {
  const fewer = await prune({ retention_days: 364 });
  expect(fewer.status).toBe(400);
  expect(fewer.body.reasons).toMatchObject([
    { path: '/retention_days', message: expect.stringContaining('365') },
  ]);
  expect((await prune({ retention_days: 366 })).body).toMatchObject({ lanes: [], retention_days: 366 });
  expect((await prune()).body).toMatchObject({ lanes: [], retention_days: 365 });
});
