/** Programs from Debian packages: found, else installed, else a failure in CI and a clear message elsewhere. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/usr/sbin'];

async function find(program: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = `${folder}/${program}`;
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}

/** The program's path. `RUNLEVEL=1` keeps Debian from starting the package's service. */
export async function debianTool(program: string, pkg: string): Promise<string> {
  const there = await find(program);
  if (there !== undefined) return there;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', pkg], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  const installed = await find(program);
  if (installed === undefined) throw new Error(`${pkg} brought no ${program}`);
  return installed;
}
