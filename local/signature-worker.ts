/** Checks batches of signatures by libsodium in a thread of its own. */
import { openSodium } from '../adapters/local/sodium.ts';
import { unpack } from './signature-batch.ts';
import type { SignatureOffer } from './signatures.ts';
import { serve } from './thread.ts';

await serve<undefined, SignatureOffer>(() => {
  const opened = openSodium();
  if (!opened.ok) throw new Error(`libsodium did not load in a thread: ${opened.reason}`);
  const { sodium } = opened;
  return {
    verify: async (batch) => Uint8Array.from(unpack(batch), (claim) => (sodium.verify(claim) ? 1 : 0)),
  };
});
