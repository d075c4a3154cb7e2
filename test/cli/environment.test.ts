/** `--env` is obeyed or refused by every command: what is meant for one environment never acts on another. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAMILIES } from '../../cli/commands.ts';
import { main } from '../../cli/main.ts';

/** Of one machine by their nature: they start a system, or make what the local one needs. */
const LOCAL = new Set(['start', 'demo', 'token', 'mcp']);

/** Every command line with its arguments and the options that it must have, filled in. */
async function commandLines(file: string): Promise<string[][]> {
  const program = new Command('chancery');
  for (const { load } of FAMILIES)
    (await load())(program, () => {
      throw new Error('nothing is run here');
    });
  const lines: string[][] = [];
  const walk = (command: Command, path: readonly string[]): void => {
    if (command.commands.length === 0) {
      const given = command.registeredArguments.map((argument) => argument.argChoices?.[0] ?? file);
      const must = command.options
        .filter(({ mandatory }) => mandatory)
        .flatMap((option) => [option.long ?? '', option.argChoices?.[0] ?? '2026-01-01']);
      const sure = command.options.some(({ long }) => long === '--yes') ? ['--yes'] : [];
      lines.push([...path, ...given, ...must, ...sure]);
      return;
    }
    for (const inner of command.commands) walk(inner, [...path, inner.name()]);
  };
  for (const command of program.commands) if (!LOCAL.has(command.name())) walk(command, [command.name()]);
  return lines;
}

describe('--env that names no environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-env-'));
  const file = join(folder, 'request.json');
  let server: Server;
  let reached: string[] = [];
  let refusal: string | undefined;
  beforeAll(async () => {
    writeFileSync(file, '{}');
    server = createServer((request, response) => {
      reached.push(`${request.method} ${request.url}`);
      response.writeHead(refusal === undefined ? 200 : 401, { 'content-type': 'application/json' });
      response.end(refusal ?? '{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('CHANCERY_URL', `http://127.0.0.1:${port}`);
    vi.stubEnv('CHANCERY_DATA', join(folder, 'data'));
    // AWS stands at an address where nobody listens: it is asked for the environment, and is not there.
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'none');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true });
  });

  it('lets no command reach a server, and none succeeds', async () => {
    const lines = await commandLines(file);
    expect(lines.length).toBeGreaterThan(50);
    const wrong: unknown[] = [];
    for (const line of lines) {
      reached = [];
      const code = await main([...line, '--env', 'nosuch']);
      if (code === 0 || reached.length > 0) wrong.push({ line: line.join(' '), code, reached });
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('and a dry run of each that cannot be undone says what it would do, and reaches none either', async () => {
    // A context, and the definition of a tool, must be there before it can be said what would become of it.
    const looks = (line: readonly string[]) => /^(?:context delete|tools review)/.test(line.join(' '));
    const sure = (await commandLines(file)).filter((line) => line.includes('--yes') && !looks(line));
    const done = sure.map((line) => line.slice(0, 2).join(' '));
    for (const known of ['emergency release', 'approvals reject', 'charter rollback', 'sanctions lift'])
      expect(done).toContain(known);
    for (const line of sure) {
      reached = [];
      const code = await main([...line.filter((word) => word !== '--yes'), '--dry-run']);
      expect([line.join(' '), code, reached]).toEqual([line.join(' '), 0, []]);
    }
  });

  it('and a refusal of the token is told as one by every command that asks, and is a no', async () => {
    refusal = JSON.stringify({ code: 'INVALID_TOKEN', error: 'the token has expired' });
    vi.stubEnv('CHANCERY_TOKEN', 'a.b.c');
    const wrong: unknown[] = [];
    let asked = 0;
    for (const line of await commandLines(file)) {
      reached = [];
      let said = '';
      const heard = (text: unknown) => {
        said += String(text);
        return true;
      };
      for (const stream of [process.stdout, process.stderr])
        vi.spyOn(stream, 'write').mockImplementation(heard);
      const code = await main(line);
      if (reached.length === 0) continue;
      asked += 1;
      if (code !== 1 || !said.includes('INVALID_TOKEN')) wrong.push({ line: line.join(' '), code, said });
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(40);
  }, 120_000);
});
