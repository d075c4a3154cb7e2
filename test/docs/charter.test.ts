import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

/** A page is a dozen processes, one after the other. */
const PAGE_MS = 120_000;

describe('docs/charter.md and docs/decisions.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(['charter']);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  });
  afterAll(() => reader.close());

  it(
    'can be followed: a charter is changed, tried, voted in and rolled back',
    async () => {
      const [checked = '', changed = ''] = await follow('docs/charter.md');
      expect(checked).toMatch(/^valid: default 1\.1\.0/);
      expect(checked).toContain('~ charter.yaml/policy_mode: "strict" → "paranoid"');
      expect(checked).toContain('the examples say what the change does');
      expect(changed).toMatch(
        /nothing flips\n1 of 2 votes; 1 more people have to agree\n[0-9a-f]{64} is in force\n[0-9a-f]{64} is in force again/,
      );
    },
    PAGE_MS,
  );

  it(
    'can be followed: counters are set back, everything is stopped, released and drained',
    async () => {
      const printed = await follow('docs/decisions.md');
      expect(printed[0]).toBe('the counters of jake start anew\n');
      expect(printed[1]).toMatch(
        /^everything is stopped until .*\n1 more person .*\nreleased\ndrained: nothing runs\ntaking work again\n$/,
      );
      expect(printed[2]).toBe('no tool was called in the last 24h\n');
    },
    PAGE_MS,
  );

  async function follow(page: string): Promise<string[]> {
    const printed: string[] = [];
    for (const block of blocksOf(page).filter(({ language }) => language === 'sh'))
      printed.push(await reader.follow(block));
    return printed;
  }
});
