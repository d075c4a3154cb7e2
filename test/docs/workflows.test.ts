import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('docs/workflows.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(['workflows']);
  });
  afterAll(() => reader.close());

  it('can be followed: a workflow is added, started, asked for and settled; a release is approved by two', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/workflows.md'))
      if (block.file !== undefined || block.language === 'sh') printed.push(await reader.follow(block));
    const answer = JSON.parse(printed.find((text) => text.includes('settlement')) ?? '{}');
    expect(answer).toMatchObject({
      success: true,
      output: { said: 'hello, reader' },
      settlement: { result: 'met' },
    });
    expect(printed.at(-1)).toMatch(
      /^apr_\S+ {2}pending 1\/2 .*\napr_\S+ {2}approved 2\/2 .* run started exe_\S+\n$/,
    );
  });
});
