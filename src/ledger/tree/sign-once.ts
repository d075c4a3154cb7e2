/**
 * Signs the checkpoints of one log and remembers the newest: never two trees of one size, and never a smaller one than
 * before. So whoever can only ask for signatures, the sealer taken over included, cannot show two people two logs.
 */
import type { Signer, Table } from '../../ports.ts';
import { base64 } from '../bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';

export type SignAnswer =
  | { readonly ok: true; readonly signature: Uint8Array }
  | { readonly ok: false; readonly detail: string };

export interface CheckpointSigner {
  /** @param text the three lines of a checkpoint. Throws STORE_UNAVAILABLE. */
  sign(text: string): Promise<SignAnswer>;
}

export interface CheckpointSignerDeps {
  /** Where the sealer cannot write. */
  readonly table: Table;
  readonly signer: Signer;
  readonly origin: string;
}

const PARTITION = 'SIGNED';

export function openCheckpointSigner({ table, signer, origin }: CheckpointSignerDeps): CheckpointSigner {
  return {
    async sign(text) {
      const checkpoint = parseCheckpoint(text);
      if (checkpoint === undefined || checkpoint.origin !== origin)
        return { ok: false, detail: `this is no checkpoint of ${origin}` };
      const { size, root } = { size: checkpoint.size, root: base64(checkpoint.root) };
      const before = await table.get(PARTITION, origin);
      const version = Number(before?.version ?? 0);
      const signed = Number(before?.size ?? -1);
      const again = size === signed && root === before?.root;
      if (size <= signed && !again)
        return {
          ok: false,
          detail: `a tree of ${signed} was signed already, and this other one is of ${size}`,
        };
      if (!again) {
        const item = { pk: PARTITION, sk: origin, version: version + 1, size, root };
        const { stored } = await table.put(item, before === undefined ? 'absent' : { version });
        // Another checkpoint was signed meanwhile: what it allows is to be asked anew.
        if (!stored) return this.sign(text);
      }
      return { ok: true, signature: await signer.sign(new TextEncoder().encode(text)) };
    },
  };
}
