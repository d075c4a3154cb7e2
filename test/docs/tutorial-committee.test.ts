import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('docs/tutorial-committee.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
  });
  afterAll(() => reader.close());

  it('can be followed: reported, looked at, confirmed, appealed, made good', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/tutorial-committee.md')) printed.push(await reader.follow(block));
    const [, reported, shown, found, heard] = printed;
    expect(reported).toMatch(/^vio_\w{26} {2}SUSPENSION, investigating\n$/);
    expect(shown).toContain('it copied the customer table');
    expect(found).toMatch(/confirmed {2}SUSPENSION {2}data_extraction {2}node-7/);
    expect(found).toMatch(/active {2}suspension/);
    expect(heard).toMatch(/appealed[\s\S]*restored/);
  }, 120_000);
});
