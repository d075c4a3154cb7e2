/** The `.tlog-proof` of an entry (https://c2sp.org/tlog-proof): its raw bytes, its place, the way up, the checkpoint. */
import { type Bytes, fromBase64 } from './bytes.ts';

export interface EntryProof {
  readonly index: number;
  /** b ‖ s: the record's bytes and the signature over them. */
  readonly entry: Bytes;
  readonly path: readonly Bytes[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** Undefined for text that is no proof with an entry in it. */
export function parseProof(text: string): EntryProof | undefined {
  const split = text.indexOf('\n\n');
  const [header, extra = '', index = '', ...rest] = text.slice(0, Math.max(split, 0)).split('\n');
  const entry = extra.startsWith('extra ') ? fromBase64(extra.slice('extra '.length)) : undefined;
  const [, place] = /^index (0|[1-9]\d*)$/.exec(index) ?? [];
  const path = rest.map(fromBase64).filter((hash) => hash?.length === 32);
  if (header !== 'c2sp.org/tlog-proof@v1' || entry === undefined || entry.length <= 64 || place === undefined)
    return undefined;
  if (path.length !== rest.length) return undefined;
  return {
    index: Number(place),
    entry,
    path: path.filter((hash) => hash !== undefined),
    checkpoint: text.slice(split + 2),
  };
}
