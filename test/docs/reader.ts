/** A reader who does what a page says, in a folder of their own: writes its files, starts Chancery, runs its commands. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../runtime/support.ts';
import { freePort } from '../support/free-port.ts';
import type { Block } from './page.ts';

const run = promisify(execFile);

export interface Reader {
  /** Does one block; gives what its commands printed. A block with `chancery start` is kept running. */
  follow(block: Omit<Block, 'section'>): Promise<string>;
  close(): Promise<void>;
}

/** @param copies paths of the project that the reader has at hand, such as `workflows` */
export async function openReader(copies: readonly string[]): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-page-'));
  const started: ChildProcess[] = [];
  for (const path of copies) cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // `npx chancery` and `npm start` as in the project, without what npm takes to find that out.
  const command = `exec "${process.execPath}" "${join(PROJECT, 'bin/chancery.ts')}"`;
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nname=$1; shift\n[ "$name" = node ] && exec "${process.execPath}" "$@"\n${command} "$@"\n`,
  );
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${command} "$@"\n`);
  for (const name of ['npx', 'npm']) chmodSync(join(bin, name), 0o755);
  const port = await freePort();
  const environment = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    PORT: String(port),
    CHANCERY_URL: `http://127.0.0.1:${port}`,
    CHANCERY_DATA: join(folder, 'data'),
  };

  return {
    async follow({ file, text }) {
      if (file !== undefined) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
        return '';
      }
      const script = text.replaceAll('http://127.0.0.1:8787', environment.CHANCERY_URL);
      if (!/(?:chancery|npm) start\b/.test(script)) {
        const { stdout } = await run('bash', ['-ec', script], { cwd: folder, env: environment });
        return stdout;
      }
      const start = script.replace(/(npx chancery|npm) start/, 'exec $1 start');
      started.push(spawn('bash', ['-c', start], { cwd: folder, env: environment, stdio: 'ignore' }));
      await alive(environment.CHANCERY_URL);
      return '';
    },
    async close() {
      for (const child of started) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }
      rmSync(folder, { recursive: true });
    },
  };
}

async function alive(url: string): Promise<void> {
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
