import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHARTER_AHEAD, readCharter, readWorkflows } from '../../adapters/bundled-files.ts';
import { otlpBytes } from '../../adapters/traces/otlp-bytes.ts';
import { gateEnvironment } from '../../bench/gate-environment.ts';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../../lib/functions.ts';
import { type Bundle, bundle } from '../../scripts/bundle.ts';
import { confusables } from '../../src/basics/confusables.ts';
import type { SpanLine } from '../../src/basics/trace.ts';

/** Of all the files that are its modules. */
const codeOf = ({ folder }: Bundle): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

/** What is in a file and in all that it imports when it is loaded. */
function inputsOf({ metafile, folder }: Bundle, file: string): string[] {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(path), output]));
  const seen = new Set<string>();
  const visit = (path: string): string[] => {
    const output = outputs.get(path);
    if (output === undefined || seen.has(path)) return [];
    seen.add(path);
    const imported = output.imports.filter(({ kind }) => kind === 'import-statement');
    return [...Object.keys(output.inputs), ...imported.flatMap((each) => visit(resolve(each.path)))];
  };
  return visit(join(folder, file));
}

const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
const KMS: Readonly<Record<string, object>> = {
  'TrentService.GetPublicKey': { PublicKey: spki.toString('base64') },
  'TrentService.GenerateMac': { Mac: Buffer.alloc(32).toString('base64') },
};

/** What stands for all of AWS: answers questions of KMS as `kms` says, and none to the store. */
async function standIn(kms: (response: ServerResponse, answer: object) => void) {
  const called = Promise.withResolvers<void>();
  const asked: string[] = [];
  const aws = createServer((request, response) => {
    const target = String(request.headers['x-amz-target']);
    const answer = KMS[target];
    request.resume();
    if (answer === undefined) called.resolve();
    else {
      asked.push(target);
      kms(response, answer);
    }
  }).listen(0, '127.0.0.1');
  await once(aws, 'listening');
  return {
    port: (aws.address() as AddressInfo).port,
    asked,
    /** The store is called. */
    called: called.promise,
    close() {
      aws.closeAllConnections();
      aws.close();
    },
  };
}
const answered = (response: ServerResponse, answer: object): void => {
  response.end(JSON.stringify(answer));
};

/** A process that imports the function and then does what the script says, with `handler` at hand. */
function processOf(folder: string, port: number, script: string) {
  const imported = `import(${JSON.stringify(join(folder, 'index.mjs'))})`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script.replace('IMPORTED', `await ${imported}`)],
    {
      env: {
        ...gateEnvironment({
          folder,
          aws: `http://127.0.0.1:${port}`,
          issuer: {
            issuer: 'https://issuer.invalid',
            audience: 'test',
            jwksUri: 'https://127.0.0.1:1/jwks',
          },
        }),
        AWS_MAX_ATTEMPTS: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return { child, out: text(child.stdout), errors: text(child.stderr), exit: once(child, 'exit') };
}

/** Starts the function until its first call to the store: the parts of Node and the CommonJS files it has loaded. */
async function loadedByAStart(folder: string): Promise<{ parts: string[]; files: string[] }> {
  const aws = await standIn(answered);
  const { child, out, exit } = processOf(
    folder,
    aws.port,
    `const before = new Set(process.moduleLoadList);
    process.once('SIGTERM', () => {
      const parts = process.moduleLoadList.filter((part) => !before.has(part));
      const files = Object.keys(process.getBuiltinModule('node:module')._cache);
      process.stdout.write(JSON.stringify({ parts, files }) + '\\n', () => process.exit());
    });
    IMPORTED`,
  );
  await Promise.race([aws.called, exit]);
  child.kill('SIGTERM');
  const last = (await out).trim().split('\n').at(-1) ?? '';
  aws.close();
  return JSON.parse(last);
}

function expectNothingButWhatAsks(of: Bundle): void {
  const inputs = inputsOf(of, 'index.mjs');
  expect(inputs.filter((input) => input.endsWith('kms-signer.ts'))).toHaveLength(1);
  expect(
    inputs.filter((input) =>
      /zod|hono|powertools|client-(?:dynamodb|s3|sfn)|^(?:http|src\/(?!errors|terms))/.test(input),
    ),
  ).toEqual([]);
}

describe('a bundled function', () => {
  const output = mkdtempSync(join(tmpdir(), 'chancery-bundle-'));
  let gate: Bundle;
  beforeAll(async () => {
    const [spec] = ALL_FUNCTIONS.filter(({ name }) => name === 'gate');
    if (spec === undefined) throw new Error('there is no gate');
    gate = await bundle(spec, output, '0.0.0-test');
  });
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  it('carries the charter and the workflows that the repository has, as JSON', () => {
    expect(readFileSync(join(gate.folder, 'charter/roles.yaml'), 'utf8')).toMatch(/^\{"/);
    expect(readCharter(join(gate.folder, 'charter')).digest).toBe(readCharter('charter').digest);
    expect(readWorkflows(join(gate.folder, 'workflows')).all).toEqual(readWorkflows('workflows').all);
  });

  it('carries the charter as it was read, which holds for these very files', () => {
    const folder = join(gate.folder, 'charter');
    const read = readCharter(folder);
    const anew = readCharter(folder, join(folder, 'none'));
    const { engine: _, ...charter } = read;
    const { engine: __, ...same } = anew;
    expect(charter).toEqual(same);
    const other = mkdtempSync(join(output, 'charter-'));
    cpSync(folder, other, { recursive: true });
    // What was read does not count for another policy: it is asked of Cedar, which refuses it.
    writeFileSync(join(other, 'policies/more.cedar'), '@id("x") permit (principal, action);');
    expect(readFileSync(join(other, CHARTER_AHEAD)).length).toBeGreaterThan(0);
    expect(() => readCharter(other)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  });

  it('loads Cedar when it is first asked', () => {
    const code = codeOf(gate);
    expect(code).toContain('./cedar_wasm.cjs');
    expect(code).not.toContain('__wbindgen');
  });

  it('asks KMS for its keys with nothing loaded but what asks', () => {
    expectNothingButWhatAsks(gate);
  });

  it.each([...ALL_FUNCTIONS, ...WATCH_FUNCTIONS].filter(({ asksAhead }) => asksAhead !== undefined))(
    'asks likewise where it is $name, and starts with what it was told',
    async (spec) => {
      const door = await bundle(spec, output, '0.0.0-test');
      expectNothingButWhatAsks(door);
      // Up to its first call of the store.
      expect((await loadedByAStart(door.folder)).parts).toContain('NativeModule https');
    },
    60_000,
  );

  it('calls the store with nothing of Node loaded that it does not need, and no file beside it', async () => {
    const { parts, files } = await loadedByAStart(gate.folder);
    expect(parts).toContain('NativeModule https');
    // `fetch` and its WebSocket, WebCrypto, the streams of the web, profiles' files, compression, sockets of spans.
    const unneeded =
      /undici|webcrypto|webstreams|worker|http2|inspector|fs\/promises|readline|child_process|zlib|dgram/;
    expect(parts.filter((part) => /^NativeModule /.test(part) && unneeded.test(part))).toEqual([]);
    expect(files).toEqual([]);
  }, 30_000);

  it('ends its start where KMS refuses a key that was asked for ahead, and says why', async () => {
    const aws = await standIn((response) =>
      response.writeHead(400).end('{"__type":"AccessDeniedException","message":"not you"}'),
    );
    const { errors, out, exit } = processOf(gate.folder, aws.port, 'IMPORTED');
    expect((await exit)[0]).toBe(1);
    const said = `${await out}${await errors}`;
    expect(said).toContain('the function cannot start');
    expect(said).toContain('AccessDeniedException: not you');
    aws.close();
  }, 30_000);

  it('answers 503 while KMS is away, and asks it anew with each request', async () => {
    let away = true;
    const aws = await standIn((response, answer) => {
      if (away) response.writeHead(500).end('{}');
      else answered(response, answer);
    });
    const { child, out, exit } = processOf(
      gate.folder,
      aws.port,
      `const { handler } = IMPORTED;
      const { statusCode, body } = await handler({ headers: {}, requestContext: {} }, {});
      console.log(JSON.stringify({ statusCode, code: JSON.parse(body).code }));
      process.once('SIGTERM', () => void handler({ headers: {}, requestContext: {} }, {}));`,
    );
    let told = '';
    child.stdout.on('data', (chunk) => (told += chunk));
    await expect.poll(() => told, { timeout: 20_000 }).toContain('"statusCode":503');
    expect(told).toContain('LEDGER_UNAVAILABLE');
    expect(aws.asked.length).toBeGreaterThanOrEqual(6);
    away = false;
    child.kill('SIGTERM');
    await aws.called;
    child.kill('SIGKILL');
    await Promise.all([exit, out]);
    aws.close();
  }, 30_000);

  it('carries no machine code: its signatures are those of node:crypto', () => {
    const inputs = Object.keys(gate.metafile.inputs);
    expect(inputs.filter((input) => /sodium|\.node$|require-addon/.test(input))).toEqual([]);
    expect(codeOf(gate)).not.toContain('sodium');
    expect(
      readdirSync(gate.folder, { recursive: true }).filter((file) => /\.node$/.test(String(file))),
    ).toEqual([]);
  });

  it('has the parser of YAML beside it, for charters that were activated', () => {
    const inputs = Object.keys(gate.metafile.inputs);
    expect(inputs.filter((input) => input.includes('node_modules/yaml/'))).toEqual([]);
    const parser: unknown = createRequire(import.meta.url)(join(gate.folder, 'yaml.cjs'));
    expect(parser).toMatchObject({
      parseDocument: expect.any(Function),
      isMap: expect.any(Function),
      LineCounter: expect.any(Function),
      stringify: expect.any(Function),
    });
  });

  it('has the table of look-alikes beside it, for the first comparison of names', () => {
    const code = codeOf(gate);
    expect(code).toContain('./confusables.cjs');
    expect(code).not.toContain(confusables().slice(0, 100));
    const beside = createRequire(import.meta.url)(join(gate.folder, 'confusables.cjs'));
    expect(beside.confusables()).toBe(confusables());
  });

  it('has OpenTelemetry’s format beside it, for the first span that is kept', () => {
    const code = codeOf(gate);
    expect(code).toContain('./otlp-bytes.cjs');
    const beside = createRequire(import.meta.url)(join(gate.folder, 'otlp-bytes.cjs'));
    const span: SpanLine = {
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: '00f067aa0ba902b7',
      name: 'weigh',
      start: '2026-07-01T00:00:00.000Z',
      duration_us: 3,
      status: 'ok',
      attributes: { outcome: 'allow' },
    };
    const resource = { 'service.name': 'chancery' };
    expect(Buffer.from(beside.otlpBytes(span, resource))).toEqual(Buffer.from(otlpBytes(span, resource)));
  });

  it('keeps the classes of those errors of AWS that an adapter tells from others', () => {
    const code = codeOf(gate);
    for (const name of ['ConditionalCheckFailedException', 'NoSuchKey', 'ExecutionAlreadyExists'])
      expect(code).toContain(`#${name}"`);
    expect(code).not.toContain('#CloudHsmClusterInUseException"');
  });
});
