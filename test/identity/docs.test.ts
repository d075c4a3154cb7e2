import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PATTERNS } from '../../src/identity/suspicion.ts';
import { AUTH_REASONS } from '../../src/terms.ts';
import { readCorpus, SPLITS, score } from '../corpus/corpus.ts';

const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');

describe('docs/identity.md', () => {
  it('explains every reason for which a token is refused, and no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1]);
    expect(rows).toEqual([...AUTH_REASONS]);
  });

  it('names every pattern', () => {
    for (const pattern of Object.keys(PATTERNS)) expect(page).toContain(`\`${pattern}\``);
  });

  it.each(SPLITS)('gives the figures that the corpus gives: %s', (split) => {
    const { sentences, precision, recall } = score(readCorpus(split));
    const name = split.replace('-', ' ');
    expect(page).toContain(`| ${name} | ${sentences} | ${precision.toFixed(3)} | ${recall.toFixed(3)} |`);
  });
});
