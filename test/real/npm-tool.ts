/** A program from npm that only one test runs, under `.real/` on first use, pinned: whoever builds the project need not install it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REAL = resolve(import.meta.dirname, '../../.real');

/**
 * The file of a program.
 * @param named `name@version`
 * @param file within the package
 */
export function npmTool(named: string, file: string): string {
  const home = join(REAL, named.replaceAll(/[^A-Za-z0-9.-]/g, '-'));
  const done = join(home, '.complete');
  if (!existsSync(done)) {
    // What an interrupted first run left is made again from nothing.
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    execFileSync('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--silent', named], {
      stdio: 'inherit',
    });
    writeFileSync(done, `${named}\n`);
  }
  return join(home, 'node_modules', named.slice(0, named.lastIndexOf('@')), file);
}
