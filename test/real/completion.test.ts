/** Completion in the shells themselves: zsh at a pseudo-terminal of its own, fish by its own question for what may follow. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../../cli/command-table.ts';
import { FAMILIES } from '../../cli/commands.ts';
import { completionFor } from '../../cli/completion.ts';
import { debianTool } from './debian.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const scripts = { zsh: join(folder, 'chancery.zsh'), fish: join(folder, 'chancery.fish') };
beforeAll(async () => {
  const table = await commandTable(FAMILIES);
  writeFileSync(join(folder, 'chancery'), '#!/bin/sh\necho staging\n', { mode: 0o755 });
  for (const shell of ['zsh', 'fish'] as const) writeFileSync(scripts[shell], completionFor(shell, table));
});

/** The program itself is asked for the contexts that there are. */
const env = () => ({ ...process.env, HOME: folder, PATH: `${folder}:${process.env.PATH}` });

const LINES = [
  ['chancery led', 'chancery ledger'],
  ['chancery ledger ver', 'chancery ledger verify'],
  ['chancery ledger verify --hash', 'chancery ledger verify --hashes-only'],
  ['chancery --env s', 'chancery --env staging'],
  ['chancery ledger tail --env s', 'chancery ledger tail --env staging'],
  ['chancery ledger tail -o w', 'chancery ledger tail -o wide'],
  ['chancery --json context u', 'chancery --json context use'],
  ['chancery revoke jake --reason account', 'chancery revoke jake --reason account_closure'],
] as const;

describe('zsh', async () => {
  const zsh = await debianTool('zsh', 'zsh');
  const after = (line: string): string =>
    execFileSync(zsh, ['-f', join(import.meta.dirname, 'terminal/complete.zsh'), scripts.zsh, line], {
      encoding: 'utf8',
      env: { ...env(), TERM: 'dumb' },
      timeout: 20_000,
    }).trim();

  it.each(LINES)('makes of %s and a tab: %s', (line, whole) => {
    expect(after(line)).toBe(whole);
  });
});

describe('fish', async () => {
  const fish = await debianTool('fish', 'fish');
  const after = (line: string): string[] => {
    const asked = `source ${scripts.fish}; complete -C '${line}'`;
    const said = execFileSync(fish, ['--no-config', '-c', asked], {
      encoding: 'utf8',
      env: env(),
    });
    const before = line.slice(0, line.lastIndexOf(' ') + 1);
    return said
      .trim()
      .split('\n')
      .map((each) => before + each.split('\t')[0]);
  };

  it.each(LINES)('offers after %s: %s', (line, whole) => {
    expect(after(line)).toContain(whole);
  });
});
