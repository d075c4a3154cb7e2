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

  it('leaves what docs/incidents.md finds: every command of it runs', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/incidents.md')) printed.push(await reader.follow(block));
    const [waiting, wrong, after] = printed;
    expect(waiting).toMatch(/no approval is pending\n[\s\S]*no overrides\nno reports\n$/);
    expect(wrong).toMatch(/healthy/);
    expect(after).toMatch(/from tree size[\s\S]*committee\.notified/);
    const block = blocksOf('docs/mape-k.md').find(({ language }) => language === 'sh');
    expect(block && (await reader.follow(block))).toMatch(/heal_\w{26}/);
  }, 120_000);
});
