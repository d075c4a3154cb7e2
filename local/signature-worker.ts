/** Checks batches of signatures by libsodium in a thread of its own. */
import { openSodium } from '../adapters/local/sodium.ts';
import { release, unpack } from './signature-batch.ts';
import type { SignatureJob, SignatureOffer } from './signatures.ts';
import { giveWay, serve } from './thread.ts';

await serve<SignatureJob, SignatureOffer>(({ below }) => {
  if (below > 0) giveWay(below);
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
