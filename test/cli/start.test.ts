/** `chancery start` where it cannot: it says why, and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

it('ends with the port and the way out when the port is in use', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = mkdtempSync(join(tmpdir(), 'chancery-start-'));
  const child = spawn(process.execPath, ['bin/chancery.ts', 'start'], {
    cwd: PROJECT,
    env: { ...process.env, PORT: String(port), CHANCERY_DATA: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  squatter.close();
  rmSync(folder, { recursive: true });
  expect(errors).toBe(
    `Port ${port} on 127.0.0.1 is in use: set PORT to another (0 takes any free one), or stop what listens there.\n`,
  );
  expect({ said, code }).toEqual({ said: '', code: 2 });
});
