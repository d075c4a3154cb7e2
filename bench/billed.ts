/**
 * What a governed execution is billed on Lambda: the gate of this commit, and of other builds in turn with it, in processes of
 * their own, with stand-ins for all that it calls in this one. The clock says what a stand-in's answers take too; the
 * processor's time is the function's alone. `node bench/billed.ts [folder of another build of the gate…]`.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exportJWK, SignJWT } from 'jose';
import * as z from 'zod';
import { ALL_FUNCTIONS } from '../lib/functions.ts';
import { bundle } from '../scripts/bundle.ts';
import { clientAt, makeTable } from '../test/support/dynamo.ts';
import type { Billed, Environment } from './billed-child.ts';
import { gateEnvironment } from './gate-environment.ts';
import { median, show, type Table, table } from './table.ts';

const ENVIRONMENTS = 6;
const INVOCATIONS = 150;
/** Of an environment's first invocations the code is compiled: they are no median. */
const WARM = 50;
/** As long as KMS takes. */
const KMS_MS = 20;
const ISSUER = 'https://bench.invalid';
const BODY = readFileSync(
  fileURLToPath(new URL('../docs/examples/compliance-report.json', import.meta.url)),
  'utf8',
);
const PATH = '/workflows/governed/execute';
/** Where the issuer's keys are, on the server of the stand-ins. */
const KEYS = '/keys';

const lane = generateKeyPairSync('ed25519');
const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const dynamo: Server = createRequire(import.meta.url)('dynalite')({ createTableMs: 0 });
const asked = z.object({ Message: z.string() });

/** What the gate asks of AWS, by its target; DynamoDB's questions go to dynalite. */
const ANSWERS: Readonly<Record<string, (body: Buffer) => object>> = {
  'TrentService.GetPublicKey': () => ({
    PublicKey: lane.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  }),
  'TrentService.GenerateMac': () => ({ Mac: Buffer.alloc(32, 7).toString('base64') }),
  'TrentService.Sign': (body) => ({
    Signature: sign(
      null,
      Buffer.from(asked.parse(JSON.parse(body.toString())).Message, 'base64'),
      lane.privateKey,
    ).toString('base64'),
  }),
  'AWSStepFunctions.StartSyncExecution': () => ({
    executionArn: 'arn:bench',
    status: 'SUCCEEDED',
    output: JSON.stringify({ document: 'reports/bench.json' }),
    startDate: Date.now() / 1_000,
    stopDate: Date.now() / 1_000,
  }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target.startsWith('DynamoDB')) {
    dynamo.emit('request', request, response);
    return;
  }
  if (request.url === KEYS) {
    const jwk = await exportJWK(issuer.publicKey);
    response.end(JSON.stringify({ keys: [{ ...jwk, kid: '1', alg: 'ES256', use: 'sig' }] }));
    return;
  }
  const body = await buffer(request);
  const said = ANSWERS[target];
  if (target.startsWith('TrentService')) await sleep(KMS_MS);
  if (said !== undefined)
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(said(body)));
  // Documents are taken, and none is there yet.
  else response.writeHead(request.method === 'PUT' ? 200 : 404).end();
}

const token = (): Promise<string> =>
  new SignJWT({ name: 'Jake Smith', email: 'jake@example.org', roles: ['operator'], kind: 'human' })
    .setProtectedHeader({ alg: 'ES256', kid: '1', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience('bench')
    .setSubject('jake')
    .setIssuedAt()
    .setExpirationTime('1h')
    .setJti(crypto.randomUUID())
    .sign(issuer.privateKey);

async function environment(folder: string, port: number, name: string): Promise<Environment> {
  const url = `http://127.0.0.1:${port}`;
  const client = clientAt(url);
  for (const each of ['ledger', 'state', 'subjects']) await makeTable(client, `${name}-${each}`);
  client.destroy();
  const event = {
    version: '1.0',
    resource: PATH,
    path: PATH,
    httpMethod: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await token()}`,
      host: 'bench.invalid',
    },
    multiValueHeaders: {},
    requestContext: { stage: 'v1', domainName: 'bench.invalid', identity: { sourceIp: '192.0.2.1' } },
    body: BODY,
    isBase64Encoded: false,
  };
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./billed-child.ts', import.meta.url)),
      folder,
      JSON.stringify(event),
      String(INVOCATIONS),
      `${url}${KEYS}`,
    ],
    {
      env: {
        ...gateEnvironment({
          folder,
          aws: url,
          issuer: { issuer: ISSUER, audience: 'bench', jwksUri: `${ISSUER}/jwks` },
        }),
        LEDGER_TABLE: `${name}-ledger`,
        STATE_TABLE: `${name}-state`,
        SUBJECT_KEYS_TABLE: `${name}-subjects`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const found = (await text(child.stdout)).trim().split('\n').at(-1) ?? '';
  if (!found.startsWith('{"started"')) throw new Error(`${folder} ended before it was measured: ${found}`);
  const measured: Environment = JSON.parse(found);
  return measured;
}

const inTurn = <Each>(all: readonly Each[], run: number): Each[] =>
  run % 2 === 0 ? [...all] : all.toReversed();

export async function benchBilled(others: readonly string[] = []): Promise<Table> {
  const spec = ALL_FUNCTIONS.find(({ name }) => name === 'gate');
  if (spec === undefined) throw new Error('there is no gate');
  const { folder } = await bundle(spec, join(tmpdir(), 'chancery-billed'), '0.0.0-bench');
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const builds = new Map<string, Environment[]>([folder, ...others].map((build) => [build, []]));
  for (let run = 0; run < ENVIRONMENTS; run++)
    // Who comes first in a turn is slower by the clock.
    for (const [index, [build, done]] of inTurn([...builds.entries()], run).entries())
      done.push(await environment(build, port, `t${run}-${index}`));
  server.closeAllConnections();
  server.close();
  const both = (billed: readonly Billed[]): string[] => [
    median(billed.map(({ ms }) => ms)).toFixed(1),
    median(billed.map(({ cpu }) => cpu)).toFixed(1),
  ];
  return table(
    `Milliseconds of the gate for a governed execution, ${ENVIRONMENTS} environments each in turn, medians`,
    [
      'build',
      'start',
      'of the processor',
      'first execution',
      'of the processor',
      'a later one',
      'of the processor',
    ],
    [...builds].map(([build, done]) => [
      build === folder ? 'this one' : build,
      ...both(done.map(({ started }) => started)),
      ...both(done.flatMap(({ invocations }) => invocations.slice(0, 1))),
      ...both(done.flatMap(({ invocations }) => invocations.slice(WARM))),
    ]),
  );
}

if (import.meta.main) console.log(show(await benchBilled(process.argv.slice(2))));
