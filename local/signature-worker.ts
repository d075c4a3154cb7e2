/** Checks batches of signatures by libsodium in a thread of its own. */
import { openSodium } from '../adapters/local/sodium.ts';
import { release, unpack } from './signature-batch.ts';
import type { SignatureOffer } from './signatures.ts';
import { serve } from './thread.ts';

await serve<undefined, SignatureOffer>(() => {
  const opened = openSodium();
  if (!opened.ok) throw new Error(`libsodium did not load in a thread: ${opened.reason}`);
  const { sodium } = opened;
  return {
    async verify(batch) {
      const answers = Uint8Array.from(unpack(batch), (claim) => (sodium.verify(claim) ? 1 : 0));
      release(batch);
      return answers;
    },
  };
});
