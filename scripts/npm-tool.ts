/** A program from npm that one test or the making of one file needs, under `.real/` on first use, pinned: whoever builds the project need not install it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REAL = resolve(import.meta.dirname, '../.real');

/**
 * The file of a program.
 * @param named `name@version`
 * @param file within the package
 * @param beside packages that it takes from whoever installs it, pinned as well
 */
export function npmTool(named: string, file: string, beside: readonly string[] = []): string {
  const home = homeOf(named);
  const done = join(home, '.complete');
  if (!existsSync(done)) {
    // What an interrupted first run left is made again from nothing.
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    execFileSync(
      'npm',
      ['install', '--prefix', home, '--no-audit', '--no-fund', '--silent', named, ...beside],
      {
        stdio: 'inherit',
      },
    );
    writeFileSync(done, `${named}\n`);
  }
  return join(home, 'node_modules', named.slice(0, named.lastIndexOf('@')), file);
}

const homeOf = (named: string): string => join(REAL, named.replaceAll(/[^A-Za-z0-9.-]/g, '-'));
