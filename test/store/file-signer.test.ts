import { createPrivateKey, sign } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openFileSigner } from '../../adapters/local/file-signer.ts';
import { signerContract } from './signer-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'chancery-signer-'));
afterAll(() => rmSync(folder, { recursive: true }));

signerContract('a file', async () => ({
  signer: await openFileSigner(join(folder, 'contract.pem')),
  close: () => undefined,
}));

test('the key is made once, kept, and for its owner alone', async () => {
  const path = join(folder, 'keys', 'lane-authority.pem');
  const first = await openFileSigner(path);
  expect((await openFileSigner(path)).publicKey).toEqual(first.publicKey);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('signs what the key in the file signs, by whomever', async () => {
  const path = join(folder, 'same.pem');
  const signer = await openFileSigner(path);
  const key = createPrivateKey(readFileSync(path));
  const messages = fc.uint8Array({ maxLength: 4_096 });
  await fc.assert(
    fc.asyncProperty(messages, async (message) => {
      const within = Buffer.concat([Buffer.from('before'), message, Buffer.from('behind')]);
      const part = within.subarray('before'.length, -'behind'.length);
      expect(Buffer.from(await signer.sign(part))).toEqual(sign(null, message, key));
    }),
  );
});

test('those who make it at once all get the one that stands', async () => {
  const path = join(folder, 'race', 'key.pem');
  const signers = await Promise.all(Array.from({ length: 8 }, () => openFileSigner(path)));
  const kept = await openFileSigner(path);
  for (const { publicKey } of signers) expect(publicKey).toEqual(kept.publicKey);
  expect(readdirSync(join(folder, 'race'))).toEqual(['key.pem']);
});

test('a key that others may read is refused', async () => {
  const path = join(folder, 'open.pem');
  await openFileSigner(path);
  chmodSync(path, 0o644);
  await expect(openFileSigner(path)).rejects.toThrow(/may be read by others/);
});
