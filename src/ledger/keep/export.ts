/**
 * An export: the sealed log as a plain tlog-tiles folder, with the public keys and every write-once checkpoint
 * beside it. It needs neither us nor our tools to be verified.
 */
import { ChanceryError } from '../../errors.ts';
import type { Blobs } from '../../ports.ts';
import { publishedCheckpoint } from '../check/proof.ts';
import { CHECKPOINT } from '../seal/publish.ts';
import { isStaged } from '../seal/staging.ts';
import { newestWorm, wormName, wormSizes } from '../seal/worm.ts';
import { keysOf } from '../tree/checkpoint.ts';
import { KEY_TYPE } from '../tree/note.ts';
import { bundlePath, decodeBundle, encodeBundle, TILE_WIDTH, tilePath, tileWidth } from '../tree/tiles.ts';
import type { Trust } from '../trust.ts';

export interface ExportSource {
  readonly log: Pick<Blobs, 'get'>;
  /** Absent where the write-once copies cannot be read; the export then carries none. */
  readonly worm?: Pick<Blobs, 'get' | 'list'>;
  readonly trust: Trust;
}

/** Names of the files beside the log's own. */
export const EXPORT_FILES = {
  trust: 'trust.json',
  policy: 'policy',
  vkey: 'log.vkey',
  worm: 'worm/',
} as const;

/** Writes the log as its newest kept checkpoint has it; returns the size. Throws NOT_FOUND when nothing is sealed. */
export async function exportLog(source: ExportSource, into: Pick<Blobs, 'put'>): Promise<number> {
  const { size, text: checkpoint } = await newestKept(source);
  await copyTree(source.log, into, size);
  if (source.worm !== undefined) await copyKept(source.worm, into, EXPORT_FILES.worm, size);
  const put = (name: string, content: string): Promise<unknown> =>
    into.put(name, new TextEncoder().encode(content));
  await put(EXPORT_FILES.trust, `${JSON.stringify(source.trust, null, 2)}\n`);
  await put(EXPORT_FILES.policy, policyOf(source.trust));
  await put(EXPORT_FILES.vkey, `${source.trust.log_keys.at(-1) ?? ''}\n`);
  await put(CHECKPOINT, checkpoint);
  return size;
}

/** The published checkpoint or, while a sealer is about to keep that one, the one before it. */
async function newestKept(source: ExportSource): Promise<{ size: number; text: string }> {
  const published = await publishedCheckpoint(source);
  if (published === undefined)
    throw new ChanceryError('NOT_FOUND', 'Nothing is sealed yet: there is nothing to export');
  const kept = source.worm && (await newestWorm(source.worm));
  const { text, checkpoint } = published;
  const isUnderWay =
    kept !== undefined && kept.size < checkpoint.size && (await isStaged(source.log, kept.size));
  return isUnderWay ? { size: kept.size, text: kept.note } : { size: checkpoint.size, text };
}

/** Copies the tree as it was at `size`: what is wider by now is cut. Throws NOT_FOUND, naming what is lacking. */
export async function copyTree(
  log: Pick<Blobs, 'get'>,
  into: Pick<Blobs, 'put'>,
  size: number,
): Promise<void> {
  for (const { path, full, width, isBundle } of treePaths(size)) {
    const bytes = (await log.get(path)) ?? cut(await log.get(full), width, isBundle);
    if (bytes === undefined) throw new ChanceryError('NOT_FOUND', `The log lacks ${path}`);
    await into.put(path, bytes);
  }
}

/** Copies the write-once checkpoints up to `size`. */
export async function copyKept(
  worm: Pick<Blobs, 'get' | 'list'>,
  into: Pick<Blobs, 'put'>,
  prefix: string,
  size: number,
): Promise<void> {
  for await (const kept of wormSizes(worm)) {
    const bytes = kept > size ? undefined : await worm.get(wormName(kept));
    if (bytes !== undefined) await into.put(`${prefix}${wormName(kept)}`, bytes);
  }
}

const HASH_BYTES = 32;

function cut(full: Uint8Array | undefined, width: number, isBundle: boolean): Uint8Array | undefined {
  if (full === undefined || width === TILE_WIDTH) return full;
  if (!isBundle) return full.slice(0, width * HASH_BYTES);
  const entries = decodeBundle(full);
  return entries && encodeBundle(entries.slice(0, width));
}

interface TreePath {
  readonly path: string;
  /** Of its full version. */
  readonly full: string;
  readonly width: number;
  readonly isBundle: boolean;
}

/** All tiles and bundles of a tree. */
function* treePaths(size: number): Generator<TreePath> {
  for (let level = 0; TILE_WIDTH ** level <= size; level += 1) {
    for (let n = 0; tileWidth(level, n, size) > 0; n += 1) {
      const width = tileWidth(level, n, size);
      const full = tilePath(level, n, TILE_WIDTH);
      yield { path: tilePath(level, n, width), full, width, isBundle: false };
      if (level === 0)
        yield { path: bundlePath(n, width), full: bundlePath(n, TILE_WIDTH), width, isBundle: true };
    }
  }
}

/** C2SP tlog-policy: our log keys, and that our witness must have cosigned. */
export function policyOf({ log_keys, witnesses }: Trust): string {
  const known = keysOf(witnesses).filter(({ type }) => type === KEY_TYPE.cosigner);
  const names = known.map((_, index) => `w${index + 1}`);
  return [
    ...log_keys.map((vkey) => `log ${vkey}`),
    ...witnesses.map((vkey, index) => `witness w${index + 1} ${vkey}`),
    ...(names.length > 0 ? [`group witnesses any ${names.join(' ')}`, 'quorum witnesses'] : ['quorum none']),
    '',
  ].join('\n');
}
