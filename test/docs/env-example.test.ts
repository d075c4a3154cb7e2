import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';
import { startProcess } from '../support/process.ts';

it('.env.example starts the local runtime as it is, by the command in its first line', async () => {
  const [line = ''] = readFileSync(join(PROJECT, '.env.example'), 'utf8').split('\n');
  const [, flags] = /`npx node (--env-file=\.env) bin\/chancery\.ts start`/.exec(line) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'chancery-env-'));
  const runtime = await startProcess(join(folder, 'data'), {}, [`${flags}.example`]);
  const { status } = await fetch(`${runtime.url}/health/live`);
  await runtime.kill('SIGTERM');
  rmSync(folder, { recursive: true });
  expect(status).toBe(200);
});
