/**
 * DynamoDB Local, AWS's own engine, fetched from Maven Central on first use into `.real/` and started on loopback.
 * Needs Java 17 and Maven; npm alone never needs it. Throws when a part is missing: nothing is skipped.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../support/free-port.ts';

const HERE = resolve(import.meta.dirname, 'dynamodb-local');
const REAL = resolve(import.meta.dirname, '../../.real');

export interface DynamoDbLocal {
  readonly url: string;
  readonly port: number;
  /** Ends it (by its process id) and waits; `SIGKILL` lets it finish nothing. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** `folder` keeps the tables over a stop and start; without it everything is in memory. */
export async function startDynamoDbLocal(
  options: { port?: number; folder?: string } = {},
): Promise<DynamoDbLocal> {
  const home = fetchJars();
  const port = options.port ?? (await freePort());
  const store = options.folder === undefined ? ['-inMemory'] : ['-sharedDb', '-dbPath', options.folder];
  const child = spawn(
    'java',
    [
      '-Xmx256m',
      `-Djava.library.path=${home}`,
      '-cp',
      `${home}:${home}/*`,
      join(HERE, 'Loopback.java'),
      ...store,
      '-port',
      String(port),
      '-disableTelemetry',
    ],
    { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // A test that ends without stopping it would leave it behind, and the runner waiting for its output.
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  child.once('exit', () => process.off('exit', orphan));
  await listening(child);
  return { url: `http://127.0.0.1:${port}`, port, stop: (signal = 'SIGTERM') => stop(child, signal) };
}

/** The folder of the jars that the pom names, made once per version of the pom. */
function fetchJars(): string {
  const pom = join(HERE, 'pom.xml');
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const home = join(REAL, `dynamodb-local-${digest}`);
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

async function listening(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('DynamoDB Local has no output');
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`DynamoDB Local ended at start with code ${code}`)));
    lines.on('line', (line) => line.startsWith('listening on') && resolve());
  });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
