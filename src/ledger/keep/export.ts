/**
 * An export: the sealed log as a plain tlog-tiles folder, with the public keys and every write-once checkpoint
 * beside it. It needs neither us nor our tools to be verified.
 */
import { ChanceryError } from '../../errors.ts';
import type { Blobs } from '../../ports.ts';
import { publishedCheckpoint } from '../check/proof.ts';
import { CHECKPOINT } from '../seal/publish.ts';
import { wormName, wormSizes } from '../seal/worm.ts';
import { keysOf } from '../tree/checkpoint.ts';
import { KEY_TYPE } from '../tree/note.ts';
import { bundlePath, TILE_WIDTH, tilePath, tileWidth } from '../tree/tiles.ts';
import type { Trust } from '../trust.ts';

export interface ExportSource {
  readonly log: Pick<Blobs, 'get'>;
  readonly worm: Pick<Blobs, 'get' | 'list'>;
  readonly trust: Trust;
}

/** Names of the files beside the log's own. */
export const EXPORT_FILES = {
  trust: 'trust.json',
  policy: 'policy',
  vkey: 'log.vkey',
  worm: 'worm/',
} as const;

/** Writes the log as its published checkpoint has it; returns the size. Throws NOT_FOUND when nothing is sealed. */
export async function exportLog(source: ExportSource, into: Pick<Blobs, 'put'>): Promise<number> {
  const published = await publishedCheckpoint(source);
  if (published === undefined)
    throw new ChanceryError('NOT_FOUND', 'Nothing is sealed yet: there is nothing to export');
  const { size } = published.checkpoint;
  for (const [path, full] of treePaths(size)) {
    // A partial file may give way to the full one while we copy.
    const bytes = (await source.log.get(path)) ?? (await source.log.get(full))?.slice();
    if (bytes === undefined) throw new ChanceryError('NOT_FOUND', `The log lacks ${path}`);
    await into.put(path, bytes);
  }
  for await (const kept of wormSizes(source.worm)) {
    const bytes = kept > size ? undefined : await source.worm.get(wormName(kept));
    if (bytes !== undefined) await into.put(`${EXPORT_FILES.worm}${wormName(kept)}`, bytes);
  }
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  await into.put(EXPORT_FILES.trust, text(`${JSON.stringify(source.trust, null, 2)}\n`));
  await into.put(EXPORT_FILES.policy, text(policyOf(source.trust)));
  await into.put(EXPORT_FILES.vkey, text(`${source.trust.log_keys.at(-1) ?? ''}\n`));
  await into.put(CHECKPOINT, text(published.text));
  return size;
}

/** Paths of all tiles and bundles of a tree, each with that of its full version. */
function* treePaths(size: number): Generator<[path: string, full: string]> {
  for (let level = 0; TILE_WIDTH ** level <= size; level += 1) {
    for (let n = 0; tileWidth(level, n, size) > 0; n += 1) {
      yield [tilePath(level, n, tileWidth(level, n, size)), tilePath(level, n, TILE_WIDTH)];
      if (level === 0) yield [bundlePath(n, tileWidth(0, n, size)), bundlePath(n, TILE_WIDTH)];
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
