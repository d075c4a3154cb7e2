import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { blobsContract, namesOf } from './blobs-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-blobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

blobsContract('a folder', async () => ({
  blobs: await openFolderBlobs(join(folder, 'contract')),
  close: () => undefined,
}));

test('leaves no draft behind, and lists none that a crash left', async () => {
  const blobs = await openFolderBlobs(join(folder, 'drafts'));
  await blobs.put('a/b', new Uint8Array([1]));
  await blobs.put('a/b', new Uint8Array([2]), { ifAbsent: true });
  expect(readdirSync(join(folder, 'drafts', '.writing'))).toEqual([]);
  writeFileSync(join(folder, 'drafts', '.writing', 'half'), 'half');
  expect(await namesOf(blobs, '')).toEqual(['a/b']);
});

test('a folder that is in the way of a name is unavailable, not a lie', async () => {
  const blobs = await openFolderBlobs(join(folder, 'clash'));
  await blobs.put('a/b', new Uint8Array([1]));
  await expect(blobs.put('a', new Uint8Array([1]))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(blobs.put('a/b/c', new Uint8Array([1]))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
