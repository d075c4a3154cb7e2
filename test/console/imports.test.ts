/** What a browser loads is the console's own and three packages: nothing of node, nothing of the server. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const ROOM = join(PROJECT, 'console');
const PACKAGES = /^(?:preact(?:\/hooks)?|zod\/mini|uplot)$/;

it('imports its own files and packages for browsers only', () => {
  const files = globSync('{app,views,verify}/**/*.{ts,tsx}', { cwd: ROOM });
  expect(files.length).toBeGreaterThan(20);
  const strange = files.flatMap((file) =>
    [...readFileSync(join(ROOM, file), 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)]
      .map(([, name = '']) => name)
      .filter((name) =>
        name.startsWith('.')
          ? relative(ROOM, join(ROOM, dirname(file), name)).startsWith('..')
          : !PACKAGES.test(name),
      )
      .map((name) => `${file}: ${name}`),
  );
  expect(strange).toEqual([]);
});
