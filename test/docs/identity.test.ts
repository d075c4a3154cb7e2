import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('docs/identity.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
  });
  afterAll(() => reader.close());

  it('can be followed: tokens are printed, an issuer is added, sessions are listed', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/identity.md')) {
      // The corpus has its own test, which compares its figures with the page.
      if (block.language === 'sh' && !block.text.includes('npm run'))
        printed.push(await reader.follow(block));
    }
    const [tokens = '', , sessions] = printed;
    expect(tokens.trim().split('\n')).toHaveLength(3);
    for (const token of tokens.trim().split('\n')) expect(token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(sessions).toMatch(/no session was active|^session /);
  });
});
