/**
 * What a caller waits for when the gate starts: milliseconds from its import to its first call to the store, which it
 * makes when it has its keys and its charter. KMS is a stand-in that takes as long as KMS does.
 * `node bench/cold-start.ts [folder of another build…]` measures others in turn with this one; `FUNCTION` is another door than the gate.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALL_FUNCTIONS } from '../lib/functions.ts';
import { bundle } from '../scripts/bundle.ts';
import { gateEnvironment } from './gate-environment.ts';
import { percentile, show, type Table, table } from './table.ts';

const RUNS = Number(process.env.RUNS ?? 9);
const FUNCTION = process.env.FUNCTION ?? 'gate';
const KMS_MS = 20;

const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
const KMS: Readonly<Record<string, object>> = {
  'TrentService.GetPublicKey': { PublicKey: spki.toString('base64') },
  'TrentService.GenerateMac': { Mac: Buffer.alloc(32).toString('base64') },
};

interface Start {
  /** Milliseconds from the import to the first connection to AWS, and to the first call to DynamoDB. */
  readonly aws: number;
  readonly store: number;
}

async function start(folder: string): Promise<Start> {
  const at = { aws: Number.NaN, store: Number.NaN };
  const now = (): number => performance.timeOrigin + performance.now();
  const reached = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    request.resume();
    const answer = KMS[target];
    if (answer === undefined) {
      at.store = now();
      reached.resolve();
      return;
    }
    await sleep(KMS_MS);
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answer));
  });
  server.once('connection', () => {
    at.aws = now();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `console.log(performance.timeOrigin + performance.now()); await import(${JSON.stringify(join(folder, 'index.mjs'))});`,
    ],
    {
      env: gateEnvironment({
        folder,
        aws: `http://127.0.0.1:${port}`,
        issuer: { issuer: 'https://bench.invalid', audience: 'bench', jwksUri: 'https://127.0.0.1:1/jwks' },
      }),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(child.stdout, 'data');
  const began = Number(String(line).split('\n')[0]);
  await Promise.race([
    reached.promise,
    once(child, 'exit').then(() => {
      throw new Error(`${folder} ended before it called the store`);
    }),
  ]);
  child.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  return { aws: at.aws - began, store: at.store - began };
}

export async function benchColdStart(others: readonly string[] = []): Promise<Table> {
  const spec = ALL_FUNCTIONS.find(({ name }) => name === FUNCTION);
  if (spec === undefined) throw new Error(`there is no function ${FUNCTION}`);
  const { folder } = await bundle(spec, join(tmpdir(), 'chancery-cold-start'), '0.0.0-bench');
  const builds = [folder, ...others];
  const starts = new Map<string, Start[]>(builds.map((build) => [build, []]));
  for (let run = 0; run < RUNS; run++) for (const [build, done] of starts) done.push(await start(build));
  const ms = (values: readonly number[], share: number): string =>
    percentile(
      [...values].sort((a, b) => a - b),
      share,
    ).toFixed(0);
  return table(
    `Cold start of ${FUNCTION}: milliseconds from its import, ${RUNS} processes each in turn, KMS taking ${KMS_MS} ms`,
    ['build', 'first connection to AWS, fastest', 'p50', 'first call to the store, fastest', 'p50'],
    [...starts].map(([build, done]) => {
      const [aws, store] = [done.map((one) => one.aws), done.map((one) => one.store)];
      return [build === folder ? 'this one' : build, ms(aws, 0), ms(aws, 0.5), ms(store, 0), ms(store, 0.5)];
    }),
  );
}

if (import.meta.main) console.log(show(await benchColdStart(process.argv.slice(2))));
