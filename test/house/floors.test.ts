import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What the table of floors says of a small house. */
function faultsOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-floors-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const program = join(PROJECT, 'node_modules', '.bin', 'depcruise');
  try {
    return execFileSync(program, ['--config', join(PROJECT, '.dependency-cruiser.mjs'), 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

describe('the table of floors', () => {
  it('lets a room import what its line names, and the loose files of src', () => {
    const files = {
      'src/gate/mediate.ts':
        "import { a } from '../decision/a.ts';\nimport { e } from '../errors.ts';\nexport const m = [a, e];",
      'src/decision/a.ts': 'export const a = 1;',
      'src/errors.ts': 'export const e = 1;',
    };
    expect(faultsOf(files)).toMatch(/no dependency violations/);
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    [
      'upward',
      'src/ledger imports only its line',
      {
        'src/ledger/a.ts': "import type { B } from '../gate/b.ts';\nexport type A = B;",
        'src/gate/b.ts': 'export type B = 1;',
      },
    ],
    [
      'from a folder that is no room',
      'every folder of src is a room',
      {
        'src/attic/a.ts': "import { b } from './b.ts';\nexport const a = b;",
        'src/attic/b.ts': 'export const b = 1;',
      },
    ],
    [
      'of what does I/O of its own',
      'src is pure',
      { 'src/ledger/a.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;" },
    ],
    [
      'in a circle',
      'no circles',
      {
        'src/ledger/a.ts': "import { b } from './b.ts';\nexport const a = () => b;",
        'src/ledger/b.ts': "import { a } from './a.ts';\nexport const b = () => a;",
      },
    ],
  ])('finds an import %s', (_, rule, files) => {
    expect(faultsOf(files)).toContain(`error ${rule}`);
  });
});
