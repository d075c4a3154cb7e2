/**
 * Runs after `npm ci`, on whatever Node there is. The commands of this project use the Node in node_modules/.bin, which is brought along
 * for machines that only have an older one; where the Node that runs npm is new enough itself, that one is used instead.
 * @param argv[2] the folder that holds node_modules; by default the project's
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const folder = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const programs = join(folder, 'node_modules', '.bin');
const own = process.env.npm_node_execpath;

// Windows has no links there but scripts: it keeps the Node that was brought along.
if (own !== undefined && process.platform !== 'win32' && existsSync(programs)) {
  const version = execFileSync(own, ['--version'], { encoding: 'utf8' });
  if (Number(/^v(\d+)/.exec(version)?.[1]) >= NEEDED) {
    rmSync(join(programs, 'node'), { force: true });
    symlinkSync(own, join(programs, 'node'));
  }
}
