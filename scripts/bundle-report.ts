/**
 * `npm run bundle-report`: what each function weighs, how long its cold import takes, and what is in it. It prints;
 * `npm run bundle-report -- --write` also puts the same into docs/performance.md, section Functions. Exits 1 when a
 * function is over its limit.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Metafile } from 'esbuild';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../lib/functions.ts';
import { bundleAll } from './bundle.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- functions: npm run bundle-report -->';
const END = '<!-- end of functions -->';

/** Bytes of JavaScript, SDK clients included: a function that outgrows its limit carries another one's wing. */
const MOST_BYTES: Readonly<Record<string, number>> = {
  gate: 860_000,
  audit: 700_000,
  notify: 620_000,
  canary: 200_000,
};
/** What the gate's import may take on a busy machine: it is the one function whose caller waits for a cold start. */
const GATE_IMPORT_MS = 120;
const RUNS = 5;

interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly importMs: number;
  readonly cedar: boolean;
  readonly modules: readonly (readonly [string, number])[];
}

/** npm package, or our own top-level folder, of an input file. */
function moduleOf(input: string): string {
  const packages = [...input.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)];
  return packages.at(-1)?.[1] ?? input.split('/')[0] ?? input;
}

function modulesOf({ outputs }: Metafile): (readonly [string, number])[] {
  const sizes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = moduleOf(input);
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes].filter(([, bytes]) => bytes >= 1_000).sort(([, a], [, b]) => b - a);
}

/**
 * Milliseconds from the beginning of the import to its end or to its first connection to AWS, whichever comes first:
 * what is done while AWS is awaited (the charter is read then) is not counted. The fastest of several, each in a
 * process of its own. AWS is a port that takes connections and never answers.
 */
async function importMs(file: string): Promise<number> {
  const aws = createServer();
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  const address = aws.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await importOnce(file, aws, port));
  aws.close();
  return Math.min(...runs);
}

const now = (): number => performance.timeOrigin + performance.now();

async function importOnce(file: string, aws: Server, port: number): Promise<number> {
  const spoke = Promise.withResolvers<number>();
  const onConnection = (socket: Socket): void => {
    socket.on('error', () => {});
    spoke.resolve(now());
  };
  aws.once('connection', onConnection);
  const script = `const now = () => performance.timeOrigin + performance.now();
    console.log(now());
    try { await import(${JSON.stringify(file)}); } catch {}
    console.log(now());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: environmentOf(file, `http://127.0.0.1:${port}`),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = text(child.stdout).then((out) => out.trim().split('\n').map(Number));
  const at = await Promise.race([spoke.promise, ended.then((lines) => lines[1] ?? Number.NaN)]);
  child.kill('SIGKILL');
  aws.off('connection', onConnection);
  return at - ((await ended)[0] ?? Number.NaN);
}

/** What every function finds in its environment: enough for any of them to start. */
function environmentOf(file: string, aws: string): Record<string, string> {
  return {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: aws,
    AWS_MAX_ATTEMPTS: '1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    LAMBDA_TASK_ROOT: join(file, '..'),
    CHANCERY_ENVIRONMENT: 'dev',
    CHANCERY_FUNCTION: 'report',
    CODE_VERSION: '0',
    LOG_ORIGIN: 'report',
    ISSUERS: JSON.stringify([
      { issuer: 'https://report.invalid', audience: 'report', jwksUri: 'https://127.0.0.1:1/jwks' },
    ]),
    API_URL: 'http://127.0.0.1:1',
    PROMETHEUS_URL: 'http://127.0.0.1:1',
    ...Object.fromEntries(
      ['LEDGER_TABLE', 'STATE_TABLE', 'SUBJECT_KEYS_TABLE', 'DOCUMENTS_BUCKET', 'LOG_BUCKET', 'WORM_BUCKET']
        .concat(['LANE_AUTHORITY_KEY', 'CHECKPOINT_KEY', 'WITNESS_KEY', 'CAPABILITY_KEY', 'PSEUDONYM_KEY'])
        .concat(['NOTICES_TOPIC', 'NOTIFY_SECRET', 'CANARY_SECRET', 'EVENT_BUS'])
        .map((key) => [key, 'report']),
    ),
  };
}

const specs = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS];
const bundles = await bundleAll(specs, join(ROOT, 'dist/lambdas'), '0.0.0-report');
const cedarMs = await importMs(join(ROOT, 'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js'));
const rows: Row[] = [];
for (const { name, folder, metafile } of bundles) {
  rows.push({
    name,
    bytes: Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0),
    importMs: await importMs(join(folder, 'index.mjs')),
    cedar: existsSync(join(folder, 'cedar_wasm_bg.wasm')),
    modules: modulesOf(metafile),
  });
}

const kb = (bytes: number) => `${(bytes / 1_000).toFixed(0)} KB`;
const section = [
  BEGIN,
  '',
  `Measured by \`npm run bundle-report\` on Node ${process.versions.node}, the fastest of ${RUNS} imports in processes of their own, up to the first call to AWS, which the gate makes before the rest of it is loaded.`,
  `Cedar, with its wasm (4.3 MB), lies beside the JavaScript of those that carry it and is loaded when it is first asked, by none that only starts: it would take ${cedarMs.toFixed(0)} ms more.`,
  'The parser of YAML (`yaml.cjs`, 115 KB) lies beside it too and is loaded, and counted, by nobody who only starts: the charter and the workflows are shipped as JSON, and a charter that was activated or is proposed is YAML.',
  '',
  '| function | JavaScript | cold import | carries Cedar |',
  '| --- | --- | --- | --- |',
  ...rows.map(
    (row) =>
      `| ${row.name} | ${kb(row.bytes)} | ${row.importMs.toFixed(0)} ms | ${row.cedar ? 'yes' : 'no'} |`,
  ),
  '',
  'What is in them, largest first:',
  '',
  ...rows.map(
    (row) => `- ${row.name}: ${row.modules.map(([name, bytes]) => `${name} ${kb(bytes)}`).join(', ')}`,
  ),
  '',
  END,
].join('\n');
console.log(section);

if (process.argv.includes('--write')) {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '# Performance\n';
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1] ?? '\n';
  writeFileSync(
    PAGE,
    rest === undefined ? `${page.trimEnd()}\n\n## Functions\n\n${section}\n` : `${before}${section}${after}`,
  );
}

for (const { name, bytes, importMs } of rows) {
  const most = MOST_BYTES[name];
  if (most !== undefined && bytes > most)
    over(`${name} has ${kb(bytes)} of JavaScript, more than ${kb(most)}`);
  if (name === 'gate' && importMs > GATE_IMPORT_MS)
    over(`gate takes ${importMs.toFixed(0)} ms to import, more than ${GATE_IMPORT_MS} ms`);
}

function over(what: string): void {
  console.error(what);
  process.exitCode = 1;
}
