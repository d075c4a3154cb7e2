/**
 * Proofs out of the published log: that an entry is in the tree, that one tree extends another. A `.tlog-proof`
 * carries the entry, its place, the audit path and the checkpoint, and is checked offline with the log's key.
 * https://c2sp.org/tlog-proof
 */
import type { Blobs } from '../../ports.ts';
import { base64, fromBase64, parseRecord, seqKey } from '../bytes.ts';
import { parseEntryId, splitEntry, type TableReader } from '../entry.ts';
import { CHECKPOINT, sealedKey } from '../seal/publish.ts';
import { type Checkpoint, openCheckpoint } from '../tree/checkpoint.ts';
import { consistencyProof, inclusionProof, leafHash, verifyInclusion } from '../tree/merkle.ts';
import { bundlePath, decodeBundle, TILE_WIDTH, tileNodes, tileWidth } from '../tree/tiles.ts';
import type { Trust } from '../trust.ts';

export interface LogView {
  readonly log: Pick<Blobs, 'get'>;
  /** For the index of an entry; without it nothing can be located by lane and place. */
  readonly table: TableReader;
  readonly trust: Pick<Trust, 'origin' | 'log_keys'>;
}

export interface Published {
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/** The published checkpoint; undefined before the first, and when it is not the log's. */
export async function publishedCheckpoint({
  log,
  trust,
}: Pick<LogView, 'log' | 'trust'>): Promise<Published | undefined> {
  const text = await checkpointText(log);
  return text === undefined ? undefined : openPublished(text, trust);
}

/** As it is there, from whomever. */
export async function checkpointText(log: Pick<Blobs, 'get'>): Promise<string | undefined> {
  const bytes = await log.get(CHECKPOINT);
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** Undefined when it is not the log's. */
export function openPublished(text: string, trust: LogView['trust']): Published | undefined {
  const opened = openCheckpoint(text, trust.origin, trust.log_keys);
  return opened.ok ? { text, checkpoint: opened.checkpoint } : undefined;
}

/** Where in the tree a record is; undefined while it is not sealed. The table's help, proven by nobody. */
export async function locate(table: TableReader, lane: number, seq: number): Promise<number | undefined> {
  const page = await table.query(sealedKey(lane), { to: seqKey(seq), reverse: true, limit: 1 });
  const [segment] = page.items;
  if (segment === undefined || typeof segment.index !== 'number' || typeof segment.count !== 'number')
    return undefined;
  const offset = seq - Number(segment.sk);
  return offset < segment.count ? segment.index + offset : undefined;
}

/** Entries of bundle `n` of the tree of `size`; none when it is not there or does not read. */
export async function readBundle(
  log: Pick<Blobs, 'get'>,
  n: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const bytes =
    (await log.get(bundlePath(n, tileWidth(0, n, size)))) ?? (await log.get(bundlePath(n, TILE_WIDTH)));
  return (bytes && decodeBundle(bytes)) ?? [];
}

/** Entry `index` of the tree of `size`; undefined when its bundle is not there. */
export async function readLogEntry(
  log: Pick<Blobs, 'get'>,
  index: number,
  size: number,
): Promise<Uint8Array | undefined> {
  return (await readBundle(log, Math.floor(index / TILE_WIDTH), size))[index % TILE_WIDTH];
}

export interface EntryProof {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: string;
}

/**
 * The proof of the entry `{lane}.{seq}`; undefined while no published checkpoint covers it.
 * @param known where it is in the tree, when somebody knows
 */
export async function proveEntry(view: LogView, id: string, known?: number): Promise<EntryProof | undefined> {
  const place = parseEntryId(id);
  const published = await publishedCheckpoint(view);
  if (place === undefined || published === undefined) return undefined;
  const { size } = published.checkpoint;
  const index = known ?? (await locate(view.table, place.lane, place.seq));
  if (index === undefined || index >= size) return undefined;
  const entry = await readLogEntry(view.log, index, size);
  const record = entry === undefined ? undefined : parseRecord(splitEntry(entry).b);
  if (entry === undefined || record?.lane !== place.lane || record.seq !== place.seq) return undefined;
  const path = await inclusionProof(tileNodes(view.log, size), index, size);
  return { index, entry, path, checkpoint: published.text };
}

const HEADER = 'c2sp.org/tlog-proof@v1';

/** The `.tlog-proof` file; `extra` is the entry itself, so that the file needs nothing beside it. */
export const formatProof = ({ index, entry, path, checkpoint }: EntryProof): string =>
  [HEADER, `extra ${base64(entry)}`, `index ${index}`, ...path.map(base64), '', checkpoint].join('\n');

/** Undefined for text that is no proof with an entry in it. */
export function parseProof(text: string): EntryProof | undefined {
  const split = text.indexOf('\n\n');
  const [header, extra = '', index = '', ...path] = text.slice(0, split).split('\n');
  const place = /^index (0|[1-9]\d*)$/.exec(index)?.[1];
  if (split < 0 || header !== HEADER || !extra.startsWith('extra ') || place === undefined) return undefined;
  const hashes = path.map(fromBase64);
  if (hashes.some(({ length }) => length !== 32)) return undefined;
  return {
    index: Number(place),
    entry: fromBase64(extra.slice('extra '.length)),
    path: hashes,
    checkpoint: text.slice(split + 2),
  };
}

/** Whether the proof holds under these log keys: the entry stands in the tree that the checkpoint signs. */
export function proofHolds(proof: EntryProof, trust: Pick<Trust, 'origin' | 'log_keys'>): boolean {
  const opened = openCheckpoint(proof.checkpoint, trust.origin, trust.log_keys);
  if (!opened.ok) return false;
  const { size, root } = opened.checkpoint;
  return verifyInclusion(leafHash(proof.entry), proof.index, size, proof.path, root);
}

/** That the published tree, cut at `to`, extends its own first `from` entries. Undefined when `to` is not published. */
export async function proveConsistency(
  view: Pick<LogView, 'log' | 'trust'>,
  from: number,
  to: number,
): Promise<readonly Uint8Array[] | undefined> {
  const published = await publishedCheckpoint(view);
  if (published === undefined || to > published.checkpoint.size || from > to) return undefined;
  return consistencyProof(tileNodes(view.log, published.checkpoint.size), from, to);
}
