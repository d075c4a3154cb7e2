/** Jars from Maven Central, under `.real/` on first use. Needs Maven. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REAL = resolve(import.meta.dirname, '../../.real');

/** The folder of the jars that a pom names, made once per version of the pom. Throws when they cannot be had. */
export function mavenJars(name: string, pom: string): string {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const home = join(REAL, `${name}-${digest}`);
  const done = join(home, '.complete');
  if (existsSync(done)) return home;
  rmSync(home, { recursive: true, force: true });
  execFileSync(
    'mvn',
    ['--quiet', '--batch-mode', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${home}`],
    { stdio: 'inherit' },
  );
  writeFileSync(done, '');
  return home;
}
