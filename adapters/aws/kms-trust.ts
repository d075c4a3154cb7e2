/** What verifiers of a deployed ledger start from: the log's name and the public halves of its KMS keys. */
import { formatVkey, KEY_TYPE } from '../../src/ledger/tree/note.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import type { Signer } from '../../src/ports.ts';

/** Seconds within which a record is in the tree: the stream's window, one run of the sealer, and its schedule. */
export const MAX_MERGE_DELAY_SECONDS = 60;

export interface LogKeys {
  readonly authority: Pick<Signer, 'publicKey'>;
  readonly checkpointKey?: Pick<Signer, 'publicKey'>;
  readonly witnessKey?: Pick<Signer, 'publicKey'>;
}

/** A key that is not given is not trusted: a verifier of lanes alone needs the authority only. */
export function trustOf(origin: string, keys: LogKeys): Trust {
  const { authority, checkpointKey, witnessKey } = keys;
  return {
    v: 1,
    origin,
    authorities: [{ public_key: Buffer.from(authority.publicKey).toString('base64'), from_lane: 1 }],
    log_keys: checkpointKey ? [formatVkey(origin, KEY_TYPE.log, checkpointKey.publicKey)] : [],
    witnesses: witnessKey ? [formatVkey(`${origin}/witness`, KEY_TYPE.cosigner, witnessKey.publicKey)] : [],
    max_merge_delay_seconds: MAX_MERGE_DELAY_SECONDS,
  };
}
