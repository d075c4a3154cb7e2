/**
 * Python tools that the real-part tests need, each in its own virtual environment under `.real/`, made on
 * first use with pinned versions. npm alone never needs them.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REAL = resolve(import.meta.dirname, '../../.real');

/** The `bin` folder of a virtual environment that holds exactly these packages. Throws when Python is missing. */
export function pythonTools(name: string, packages: readonly string[]): string {
  // An environment's programs name its own folder: in a clone that was moved it must be made again.
  const digest = createHash('sha256')
    .update([REAL, ...packages].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const home = join(REAL, `${name}-${digest}`);
  const done = join(home, '.complete');
  if (!existsSync(done)) {
    // A half-made environment (an interrupted first run) is made again from nothing.
    rmSync(home, { recursive: true, force: true });
    mkdirSync(REAL, { recursive: true });
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    execFileSync(join(home, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
      stdio: 'inherit',
    });
    writeFileSync(done, `${packages.join('\n')}\n`);
  }
  return join(home, 'bin');
}
