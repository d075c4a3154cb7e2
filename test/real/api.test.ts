/**
 * The OpenAPI document by programs that we did not write: two linters find nothing, and the clients that three generators make of it
 * compile and make a governed execution each; our own is packed as it would be published, and used. Needs Go, Java with Maven, and Python; fails,
 * never skips, where one is missing.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npmTool } from '../../scripts/npm-tool.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { goProgram } from './go-tools.ts';
import { mavenJars } from './maven.ts';
import { pythonTools } from './python.ts';

const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2';
const PYTHON = ['openapi-python-client==0.29.1'];
const FETCHED_WITHIN_MS = 600_000;

const DOCUMENT = join(PROJECT, 'docs/openapi.json');
const HERE = join(import.meta.dirname, 'api');
const run = promisify(execFile);
const ran = (program: string, args: readonly string[], cwd = PROJECT) =>
  run(program, args, { cwd, maxBuffer: 64 << 20 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chancery-api-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a linter finds nothing in the document:', () => {
  it(
    'Spectral',
    async () => {
      const spectral = npmTool('@stoplight/spectral-cli@6.16.3', 'dist/index.js');
      const rules = ['--ruleset', join(HERE, 'spectral.yaml'), '--fail-severity', 'hint'];
      const { stdout } = await ran(process.execPath, [spectral, 'lint', DOCUMENT, ...rules]);
      expect(stdout).toContain('No results');
    },
    FETCHED_WITHIN_MS,
  );

  it(
    'Redocly',
    async () => {
      const redocly = npmTool('@redocly/cli@2.77.0', 'bin/cli.js');
      const { stdout, stderr } = await ran(process.execPath, [redocly, 'lint', DOCUMENT, '--format=json']);
      expect(JSON.parse(stdout), stderr).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
    },
    FETCHED_WITHIN_MS,
  );
});

describe('a client makes a governed execution:', () => {
  let system: TestRuntime;
  beforeAll(async () => {
    system = await startTestRuntime();
  });
  afterAll(() => system.stop());

  /** Runs a client's own program, which prints the decision, the outcome and the receipt; the ledger must say the same. */
  async function executesWith(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const token = await system.token({ roles: ['operator'] });
    const child = spawn(program, args, {
      env: { ...process.env, ...env, CHANCERY_URL: system.runtime.url, CHANCERY_TOKEN: token },
    });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.stdin.end(JSON.stringify(governed()));
    await new Promise((done) => child.on('close', done));
    const [decision, outcome, receipt] = said.trim().split(' ');
    expect(outcome, said).toBe('success');
    const entry = await system.call('GET', `/ledger/entries/${receipt}`, { token });
    expect(entry.body.record.data).toMatchObject({ decision_id: decision, outcome: 'allow' });
  }

  it(
    'oapi-codegen’s, in Go',
    async () => {
      const module = join(folder, 'go');
      cpSync(HERE, module, { recursive: true });
      mkdirSync(join(module, 'chancery'));
      const made = join(module, 'chancery/client.gen.go');
      const options = ['-generate', 'types,client', '-package', 'chancery', '-o', made];
      await ran(goProgram(OAPI_CODEGEN), [...options, DOCUMENT]);
      await ran('go', ['build', '-o', 'client', 'main.go'], module);
      await executesWith(join(module, 'client'), []);
    },
    FETCHED_WITHIN_MS,
  );

  it(
    'openapi-generator’s, in Java',
    async () => {
      const jars = `${mavenJars('api', join(HERE, 'pom.xml'))}/*`;
      const made = join(folder, 'java');
      const parts =
        'apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';
      const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx400m'];
      const generator = [
        'org.openapitools.codegen.OpenAPIGenerator',
        'generate',
        '-i',
        DOCUMENT,
        '-g',
        'java',
      ];
      const how = ['--library', 'native', '-o', made, '--global-property', parts];
      await ran('java', [...quick, '-cp', jars, ...generator, ...how]);
      const sources = ['-sourcepath', join(made, 'src/main/java'), join(HERE, 'Main.java')];
      const jvm = quick.map((option) => `-J${option}`);
      await ran('javac', [...jvm, '-nowarn', '-proc:none', '-d', folder, '-cp', jars, ...sources]);
      await executesWith('java', [...quick, '-cp', `${folder}:${jars}`, 'Main']);
    },
    FETCHED_WITHIN_MS,
  );

  it(
    'openapi-python-client’s',
    async () => {
      const bin = pythonTools('api', PYTHON);
      const made = join(folder, 'python');
      const { stdout } = await ran(join(bin, 'openapi-python-client'), [
        ...['generate', '--path', DOCUMENT, '--output-path', made],
        ...['--config', join(HERE, 'openapi-python-client.yaml')],
      ]);
      expect(stdout).not.toMatch(/warning|error/i);
      await executesWith(join(bin, 'python'), [join(HERE, 'main.py')], { PYTHONPATH: made });
    },
    FETCHED_WITHIN_MS,
  );

  it('ours, as it would be published', async () => {
    const home = join(folder, 'caller');
    const packages = join(home, 'node_modules');
    mkdirSync(packages, { recursive: true });
    const { stdout } = await ran(
      'npm',
      ['pack', '--json', '--pack-destination', home],
      join(PROJECT, 'client'),
    );
    const [{ filename }] = JSON.parse(stdout);
    await ran('tar', ['-xzf', join(home, filename), '-C', packages]);
    symlinkSync(join(packages, 'package'), join(packages, 'chancery-client'));
    for (const name of ['openapi-fetch', 'zod'])
      symlinkSync(join(PROJECT, 'node_modules', name), join(packages, name));
    cpSync(join(HERE, 'caller.mjs'), join(home, 'caller.mjs'));
    await executesWith(process.execPath, ['--preserve-symlinks', join(home, 'caller.mjs')]);
  });
});
