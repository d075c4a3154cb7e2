/**
 * What the Dockerfile says, done without a daemon: the folder that it copies together, its environment, its user, its
 * commands. Packages are links to those that the lock file says production needs, so that none of the others is found.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { PROJECT } from '../runtime/support.ts';
import { freePort } from '../support/free-port.ts';

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Instructions of the last stage, continued lines joined. */
export function lastStage(dockerfile: string): Instruction[] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const from = lines.findLastIndex((line) => line.startsWith('FROM '));
  return lines.slice(from).map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, text: rest.join(' ') };
  });
}

const words = z.array(z.string());
const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() }),
  ),
});

export interface Image {
  readonly app: string;
  readonly url: string;
  readonly uid: number;
  /** Runs a command of the image as its user; gives its exit code and what it printed. */
  run(command: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  /** Entrypoint and command; ready when the health check says so. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function assembleImage(): Promise<Image> {
  const stage = lastStage(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
  const only = (name: string): string =>
    stage.filter((one) => one.name === name).at(-1)?.text ?? missing(name);
  const [home, port] = [mkdtempSync(join(tmpdir(), 'chancery-image-')), await freePort()];
  const [app, data] = [join(home, 'app'), join(home, 'data')];
  const user = Number(only('USER').split(':')[0]);
  const uid = mayBe(user) ? user : (process.getuid?.() ?? user);
  mkdirSync(app);
  mkdirSync(data, { mode: 0o700 });
  if (uid === user) for (const folder of [data, home]) chownSync(folder, uid, uid);
  for (const { text } of stage.filter(({ name }) => name === 'COPY')) {
    const [from = '', to = ''] = text.split(' ');
    if (!from.startsWith('--from='))
      cpSync(join(PROJECT, from), join(app, to.endsWith('/') ? join(to, basename(from)) : to), {
        recursive: true,
      });
  }
  linkPackages(join(app, 'node_modules'));
  mkdirSync(join(home, 'bin'));
  symlinkSync(process.execPath, join(home, 'bin/node'));
  const PATH = `${join(home, 'bin')}:/usr/bin:/bin`;
  for (const { text } of stage.filter(({ name, text }) => name === 'RUN' && text.startsWith('node ')))
    execFileSync('/bin/sh', ['-c', text], { cwd: app, env: { PATH } });
  layered(app);
  chmodSync(app, 0o555);
  const environment = {
    PATH,
    ...Object.fromEntries(
      only('ENV')
        .trim()
        .split(/\s+/)
        .map((pair) => pair.split('=') as [string, string]),
    ),
    CHANCERY_DATA: data,
    PORT: String(port),
  };
  const begin = (command: readonly string[], quiet: boolean): ChildProcess =>
    spawn(command[0] ?? '', command.slice(1), {
      cwd: app,
      env: environment,
      ...(uid === user ? { uid, gid: uid } : {}),
      stdio: ['ignore', quiet ? 'ignore' : 'pipe', quiet ? 'inherit' : 'pipe'],
    });
  const run: Image['run'] = (command) =>
    new Promise((resolve, reject) => {
      const child = begin(command, false);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  const check = words.parse(JSON.parse(only('HEALTHCHECK').replace(/^.*?CMD /, '')));
  let running: ChildProcess | undefined;
  return {
    app,
    uid,
    url: `http://127.0.0.1:${port}`,
    run,
    async start() {
      running = begin(
        [...words.parse(JSON.parse(only('ENTRYPOINT'))), ...words.parse(JSON.parse(only('CMD')))],
        true,
      );
      for (let tries = 0; tries < 60; tries += 1) if ((await run(check)).code === 0) return;
      throw new Error('the health check never said that it is well');
    },
    async close() {
      if (running !== undefined && running.exitCode === null) {
        const gone = new Promise((resolve) => running?.once('exit', resolve));
        running.kill('SIGTERM');
        await gone;
      }
      chmodSync(app, 0o755);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Whoever is not root cannot become another user, and in a checkout below a closed folder another reads nothing. */
function mayBe(user: number): boolean {
  if (process.getuid?.() !== 0) return false;
  const { status } = spawnSync('/usr/bin/test', ['-r', join(PROJECT, 'package.json')], {
    uid: user,
    gid: user,
  });
  if (status !== 0)
    console.warn(`user ${user} cannot read ${PROJECT}: the image is run as the tests' own user`);
  return status === 0;
}

/** Files of a layer have whole seconds, and whoever builds may give them all the same. */
function layered(app: string): void {
  for (const each of readdirSync(app, { recursive: true, withFileTypes: true }))
    if (each.isFile()) utimesSync(join(each.parentPath, each.name), 1_700_000_000, 1_700_000_000);
}

function linkPackages(target: string): void {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')));
  const removed = /^node_modules\/(node-linux-|aws-cdk-lib$|cdk-nag$)/;
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    // What stands within another package comes with the link to that one.
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev || devOptional || removed.test(path)) continue;
    const link = join(target, path.replace('node_modules/', ''));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(PROJECT, path), link);
  }
  // What npm writes of what it installed.
  symlinkSync(join(PROJECT, 'node_modules/.package-lock.json'), join(target, '.package-lock.json'));
}

function missing(name: string): never {
  throw new Error(`the Dockerfile's last stage has no ${name}`);
}
