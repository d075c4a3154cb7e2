/**
 * DynamoDB Local, AWS's own engine, fetched from Maven Central on first use into `.real/` and started on loopback.
 * Needs Java 17 and Maven; npm alone never needs it. Throws when a part is missing: nothing is skipped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../support/free-port.ts';
import { mavenJars } from './maven.ts';

const HERE = resolve(import.meta.dirname, 'dynamodb-local');

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
  const home = mavenJars('dynamodb-local', join(HERE, 'pom.xml'));
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
