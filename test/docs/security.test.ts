import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROJECT = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/security.md', PROJECT), 'utf8');
const table = page
  .split('\n')
  .filter((line) => /^\| (caller|agent|issuer|insider|charter author|supplier)/.test(line));

describe('the threat table of docs/security.md', () => {
  it.each([
    'caller',
    'agent',
    'issuer',
    'insider with the database',
    'insider with the cloud account',
    'charter author',
    'supplier',
  ])('says what a %s may try', (who) => {
    expect(table.some((line) => line.startsWith(`| ${who} |`))).toBe(true);
  });

  it('names a test for each row, and says what is not stopped', () => {
    const rows = table
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(({ length }) => length === 7);
    expect(rows.length).toBeGreaterThan(10);
    for (const [, , , , shown = '', left = ''] of rows) {
      const named = [...shown.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '');
      expect(named.length, shown).toBeGreaterThan(0);
      for (const file of named) {
        expect(existsSync(fileURLToPath(new URL(file, PROJECT))), file).toBe(true);
        // By itself, or as what a folder's test files hold.
        expect(file).toMatch(/\.test\.ts$|\/$|^test\/[a-z/-]+$|\.cases\.ts$/);
      }
      expect(left).not.toBe('');
    }
  });
});
