import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { createVault, removeOldBoxes } from '../src/ledger/people/vault.ts';
import { testLedger } from './ledger/support.ts';
import { issuers, person, pseudonym } from './support/person.ts';

async function world() {
  const { subjects, deps, time } = testLedger();
  const documents = await openFolderBlobs(mkdtempSync(join(tmpdir(), 'chancery-vault-')));
  const ids = (prefix: string) => `${prefix}_${ulid(time.now)}`;
  const vault = createVault({ subjects, pseudonym, home: issuers.home, random: deps.random, documents, ids });
  return { vault, documents, time, erase: (sub: string) => subjects.erase(pseudonym(person(sub))) };
}

const names = async (listed: AsyncIterable<string>) => {
  const found: string[] = [];
  for await (const name of listed) found.push(name);
  return found;
};

describe('the vault', () => {
  it('gives back what it sealed, whatever it was, and shows none of it', async () => {
    const { vault } = await world();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
        const sealed = await vault.seal(person('alice'), { secret: 'do not show', value });
        expect(sealed).not.toContain('do not show');
        expect(await vault.open(sealed)).toEqual(
          JSON.parse(JSON.stringify({ secret: 'do not show', value })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('puts what no item holds into a document, sealed as well, and opens neither once the person is erased', async () => {
    const { vault, documents, erase } = await world();
    const small = await vault.seal(person('alice'), { text: 'small' });
    const large = await vault.seal(person('alice'), { text: 'x'.repeat(200_000) });
    expect(large.length).toBeLessThan(100);
    const [document = ''] = await names(documents.list('sealed/'));
    expect(new TextDecoder().decode(await documents.get(document))).not.toContain('xxx');
    expect(await vault.open(large)).toEqual({ text: 'x'.repeat(200_000) });
    await erase('alice');
    expect([await vault.open(small), await vault.open(large)]).toEqual([undefined, undefined]);
  });

  it('lets documents go after 100 days, and no others', async () => {
    const { vault, documents, time } = await world();
    const large = { text: 'x'.repeat(200_000) };
    await vault.seal(person('alice'), large);
    await documents.put('sealed/note.txt', new Uint8Array([1]));
    time.now += 100 * 86_400_000 - 1;
    const later = await vault.seal(person('alice'), large);
    expect(await removeOldBoxes(documents, time.now)).toBe(0);
    time.now += 1;
    expect(await removeOldBoxes(documents, time.now)).toBe(1);
    expect(await vault.open(later)).toEqual(large);
    expect(await names(documents.list('sealed/'))).toHaveLength(2);
  });
});
