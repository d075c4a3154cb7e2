import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('docs/retention.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  });
  afterAll(() => reader.close());

  it('can be followed: a person is revoked, a hold placed, a pruning asked for', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/retention.md')) printed.push(await reader.follow(block));
    const [both, listed, holds, pruned] = printed;
    const [stopped, revoked] = (both ?? '').split(/(?<=\n)/);
    expect(stopped).toMatch(/^rev_\w{26} {2}requested, access stopped {2}waits for a second person/);
    expect(revoked).toMatch(/^rev_\w{26} {2}erased, access stopped {2}account_closure .* proof \d+\.\d+\n$/);
    expect(listed).toMatch(
      /^REVOCATION +STATUS .*\nrev_\w{26} +erased +stopped +account_closure .* available +\d+\.\d+\n$/,
    );
    expect(holds).toMatch(/hold_\w{26} .* subject [0-9a-f]{12} {2}case 2026-11, court order\n$/);
    expect(pruned).toBe('nothing is old enough to go\n');
  }, 60_000);
});
