/** What a browser loads is the console's own, the API's client and three packages: nothing of node, nothing of the server. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

/** The client is for browsers as well. */
const ROOMS = /^(?:console|client)\//;
const PACKAGES = /^(?:preact(?:\/hooks)?|zod\/mini|uplot|openapi-fetch)$/;

it('imports its own files and packages for browsers only', () => {
  const files = globSync(['console/{app,views}/**/*.{ts,tsx}', 'client/**/*.ts'], { cwd: PROJECT });
  expect(files.length).toBeGreaterThan(30);
  const strange = files.flatMap((file) =>
    [...readFileSync(join(PROJECT, file), 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)]
      .map(([, name = '']) => name)
      .filter((name) => !(name.startsWith('.') ? ROOMS.test(join(dirname(file), name)) : PACKAGES.test(name)))
      .map((name) => `${file}: ${name}`),
  );
  expect(strange).toEqual([]);
});
