/** The command line as a person or a script meets it: what it prints, and what it exits with. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governed, PROJECT } from '../runtime/support.ts';
import { type RuntimeProcess, startProcess } from '../support/process.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('chancery', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-cli-'));
  let runtime: RuntimeProcess;
  beforeAll(async () => {
    runtime = await startProcess(join(folder, 'data'));
  });
  afterAll(async () => {
    await runtime.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  const chancery = (args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        CHANCERY_DATA: join(folder, 'data'),
        CHANCERY_URL: runtime.url,
        ...environment,
      };
      execFile(
        process.execPath,
        ['bin/chancery.cjs', ...args],
        { cwd: PROJECT, env },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('says which version it is', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(await chancery(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('leaves --version to the command whose option it is', async () => {
    const line = ['dora', 'record', '--environment', 'staging', '--version', '1.4.2', '--commit', '3f2a9c1'];
    const { code, stdout } = await chancery([...line, '--lead-time', '90m']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dep_[0-9A-Z]{26} recorded/);
  });

  it('prints one token and nothing else', async () => {
    const { code, stdout, stderr } = await chancery(['token', '--sub', 'jake', '--role', 'operator']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stderr).toBe('');
  });

  it('sends a request file as the actor that it names, and exits 0 when it ran', async () => {
    const { code, stdout } = await chancery(['execute', file('report.json', governed()), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ success: true, outcome: 'success' });
    expect(code).toBe(0);
  });

  it('exits 1 when the answer is no', async () => {
    const { code, stdout } = await chancery([
      'execute',
      file('vague.json', governed({ drag_mode: 'dream' })),
      '--json',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).reasons[0].code).toBe('invalid_mode');
  });

  it.each([
    [['execute', '/nowhere/request.json'], 'cannot be read'],
    [['execute', 'README.md'], 'is not JSON'],
    [['token'], '--sub'],
    [['frobnicate'], 'unknown command'],
    [['ledger', 'show'], 'missing required argument'],
  ])('exits 2 and says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await chancery(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('exits 2 and names the variable when the environment is not right', async () => {
    const { code, stderr } = await chancery(['status'], { PORT: 'eighty' });
    expect(code).toBe(2);
    expect(stderr).toContain('PORT');
  });

  it('exits 3 and says how to start it when nothing answers', async () => {
    const { code, stderr } = await chancery(['status'], { CHANCERY_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(3);
    expect(stderr).toContain('npm start');
  });

  it('tells the health of what runs', async () => {
    const { code, stdout } = await chancery(['status', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ url: runtime.url, status: 'healthy' });
  });

  it('lists every command with --help, and exits 0', async () => {
    const { code, stdout } = await chancery(['--help']);
    expect(code).toBe(0);
    for (const word of ['start', 'demo', 'token', 'execute', 'status', 'ledger', 'charter', 'slo'])
      expect(stdout).toContain(word);
  });
});
