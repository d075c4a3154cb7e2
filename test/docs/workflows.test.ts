import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';
import { type Block, blocksOf } from './page.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'chancery-page-'));
const blocks = blocksOf('workflows.md');
const started: ChildProcess[] = [];
let environment: NodeJS.ProcessEnv;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function healthy(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const up = await fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the runtime of the page did not start');
}

/** Does what the page says, in its order: writes its files, keeps `start` running, gives what the others print. */
async function follow(block: Block): Promise<string> {
  if (block.file !== undefined) {
    mkdirSync(dirname(join(folder, block.file)), { recursive: true });
    writeFileSync(join(folder, block.file), block.text);
    return '';
  }
  if (!block.text.includes('chancery start')) {
    const { stdout } = await run('bash', ['-ec', block.text], { cwd: folder, env: environment });
    return stdout;
  }
  const child = spawn('bash', ['-c', block.text.replace('npx chancery', 'exec npx chancery')], {
    cwd: folder,
    env: environment,
    stdio: 'ignore',
  });
  started.push(child);
  await healthy(String(environment.CHANCERY_URL));
  return '';
}

beforeAll(async () => {
  cpSync(join(PROJECT, 'workflows'), join(folder, 'workflows'), { recursive: true });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(PROJECT, 'bin/chancery.ts')}" "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  const port = await freePort();
  environment = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    PORT: String(port),
    CHANCERY_URL: `http://127.0.0.1:${port}`,
    CHANCERY_DATA: join(folder, 'data'),
  };
});

afterAll(async () => {
  for (const child of started) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true });
});

describe('docs/workflows.md', () => {
  it('can be followed: a workflow is added, started, asked for and settled; approvals are listed', async () => {
    const printed: string[] = [];
    for (const block of blocks)
      if (block.file !== undefined || block.language === 'sh') printed.push(await follow(block));
    const answer = JSON.parse(printed.find((text) => text.includes('settlement')) ?? '{}');
    expect(answer).toMatchObject({
      success: true,
      output: { said: 'hello, reader' },
      settlement: { result: 'met' },
    });
    expect(printed.at(-1)).toBe('no approval is pending\nno approval is pending\n');
  });
});
