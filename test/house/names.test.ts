/** One word, one meaning: no two files of `src` export different types under one name. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DRAG_MODES, VERDICTS } from '../../src/terms.ts';
import { PROJECT } from '../runtime/support.ts';

function collisions(): string[] {
  const homes = globSync('src/**/*.ts', { cwd: PROJECT }).flatMap((file) =>
    [
      ...readFileSync(join(PROJECT, file), 'utf8').matchAll(
        /^export (?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm,
      ),
    ].map(([, name = '']) => ({ name, file })),
  );
  return [...Map.groupBy(homes, ({ name }) => name)]
    .filter(([, places]) => new Set(places.map(({ file }) => file)).size > 1)
    .map(([name]) => name)
    .toSorted();
}

it('gives an exported type a name that no other has', () => {
  expect(collisions()).toEqual([]);
});

it('tells each mode and each verdict in the glossary', () => {
  const glossary = readFileSync(join(PROJECT, 'docs/glossary.md'), 'utf8');
  for (const mode of DRAG_MODES) expect(glossary).toContain(`| \`${mode}\` |`);
  for (const verdict of VERDICTS) expect(glossary).toContain(verdict);
});
