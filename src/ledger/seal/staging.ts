/**
 * The staged bundle: what will be added to the tree of a given size, decided once. It is put with
 * If-None-Match under the old size before anything is signed; the loser of a race, and the next run after a
 * crash, take the bundle that is there. So two different trees are never signed for one size.
 */
import type { Blobs } from '../../ports.ts';
import { decodeBundle, encodeBundle } from '../tree/tiles.ts';

/** Records of one lane that follow each other in the tree. */
export interface Segment {
  readonly lane: number;
  readonly seq: number;
  readonly count: number;
}

export interface Staged {
  readonly segments: readonly Segment[];
  /** b ‖ s, in the order of the segments. */
  readonly entries: readonly Uint8Array[];
}

const stagingName = (size: number): string => `staging/${String(size).padStart(12, '0')}`;

/** Puts the bundle, or returns the one that somebody staged for this size before. */
export async function stage(log: Blobs, size: number, staged: Staged): Promise<StagedBefore> {
  const put = await log.put(stagingName(size), encodeStaged(staged), { ifAbsent: true });
  return put === 'stored' ? staged : readStaged(log, size);
}

/** Undefined when nothing is staged for this size; `damaged` when nobody of ours staged what is there. */
export type StagedBefore = Staged | 'damaged' | undefined;

export async function readStaged(log: Pick<Blobs, 'get'>, size: number): Promise<StagedBefore> {
  const bytes = await log.get(stagingName(size));
  return bytes === undefined ? undefined : (decodeStaged(bytes) ?? 'damaged');
}

/** Whether this is what a tree of `size` grew by: one that was staged too late, or by nobody of ours, is not. */
export const isGrowth = (
  staged: StagedBefore,
  { from, size }: { readonly from: number; readonly size: number },
): staged is Staged =>
  staged !== undefined && staged !== 'damaged' && from < size && staged.entries.length === size - from;

/** Whether the bundle of this tree is still staged: its publication has not come to its end. */
export const isUnderWay = async (
  log: Pick<Blobs, 'get'>,
  lock: { readonly from: number; readonly size: number },
): Promise<boolean> => isGrowth(await readStaged(log, lock.from), lock);

/** Whether anything is staged for this size. */
export const isStaged = async (log: Pick<Blobs, 'get'>, size: number): Promise<boolean> =>
  (await log.get(stagingName(size))) !== undefined;

export const unstage = (log: Blobs, size: number): Promise<void> => log.remove(stagingName(size));

function encodeStaged({ segments, entries }: Staged): Uint8Array {
  const head = segments.map(({ lane, seq, count }) => `${lane} ${seq} ${count}\n`).join('');
  return Buffer.concat([Buffer.from(`${segments.length}\n${head}`, 'utf8'), encodeBundle(entries)]);
}

function decodeStaged(bytes: Uint8Array): Staged | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const line = (): string => {
    const end = text.indexOf(10, at);
    const read = end < 0 ? '' : text.toString('utf8', at, end);
    at = end < 0 ? text.length : end + 1;
    return read;
  };
  const segments: Segment[] = [];
  const count = Number(line());
  if (!Number.isSafeInteger(count) || count < 1) return undefined;
  while (segments.length < count) {
    const match = /^(\d+) (\d+) (\d+)$/.exec(line());
    if (match === null) return undefined;
    segments.push({ lane: Number(match[1]), seq: Number(match[2]), count: Number(match[3]) });
  }
  const entries = decodeBundle(new Uint8Array(text.subarray(at)));
  const expected = segments.reduce((sum, { count }) => sum + count, 0);
  return entries === undefined || entries.length !== expected ? undefined : { segments, entries };
}
