/** The checkpoints of a log, as a verifier finds them: published, write-once, locked. Which is the newest, and do they agree? */

import { inBatches } from '../../basics/batches.ts';
import type { Blobs } from '../../ports.ts';
import { sameBytes } from '../bytes.ts';
import { type LogLock, UNLOCKED } from '../seal/lock.ts';
import { CHECKPOINT } from '../seal/publish.ts';
import { isStaged } from '../seal/staging.ts';
import { wormName, wormSizes } from '../seal/worm.ts';
import { type Checkpoint, openCheckpoint } from '../tree/checkpoint.ts';
import type { Note } from '../tree/note.ts';
import { cosignatures } from '../tree/witness.ts';
import type { Trust } from '../trust.ts';
import type { Finding } from '../verdict.ts';

/** A sealed log as files. `worm` and `lock` are absent in an export that does not carry them. */
export interface LogFiles {
  readonly log: Pick<Blobs, 'get'>;
  readonly worm?: Pick<Blobs, 'get' | 'list'>;
  readonly lock?: () => Promise<LogLock>;
}

export interface Heads {
  /** The largest checkpoint that a trusted key signed; undefined when there is none. */
  readonly newest?: Checkpoint;
  /** Every signed (size, root) and where it was found. */
  readonly signed: readonly { readonly where: string; readonly checkpoint: Checkpoint }[];
  readonly findings: readonly Finding[];
}

export interface Freshness {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly maxAgeSeconds: number;
}

/** `signal`: of somebody who cannot wait for all checkpoints that were ever kept; its reason is thrown. */
export async function findHeads(
  files: LogFiles,
  trust: Trust,
  fresh?: Freshness,
  signal?: AbortSignal,
): Promise<Heads> {
  const findings: Finding[] = [];
  const signed: Signed[] = [];
  const open = (text: string, where: Where): Note | undefined => {
    const opened = openCheckpoint(text, trust.origin, trust.log_keys);
    if (!opened.ok) findings.push({ verdict: opened.verdict, detail: `${where}: ${opened.detail}` });
    else signed.push({ where, checkpoint: opened.checkpoint });
    return opened.ok ? opened.note : undefined;
  };
  const { lock, staged, published, kept } = await readTogether(files);
  if ('damaged' in lock) findings.push({ verdict: 'MODIFIED', detail: `the lock: ${lock.damaged}` });
  const copies = await inBatches(kept, async (size) => {
    signal?.throwIfAborted();
    return { size, bytes: await files.worm?.get(wormName(size)) };
  });
  for (const { size, bytes } of copies) {
    const where: Where = `the write-once checkpoint of size ${size}`;
    const note = open(Buffer.from(bytes ?? []).toString('utf8'), where);
    const found = note === undefined ? undefined : signed.at(-1)?.checkpoint.size;
    if (found !== undefined && found !== size) {
      findings.push({ verdict: 'MODIFIED', detail: `${where} is one of size ${found}` });
    }
  }
  const note = published === undefined ? undefined : open(published, 'the published checkpoint');
  // A sealer that was cut off between the lock and the tiles completes its work from the bundle it staged.
  const underWay = !('damaged' in lock) && staged && isUnderWay(lock, signed);
  if (!('damaged' in lock) && lock.size > 0 && !underWay) open(lock.note, 'the lock');

  const newest = signed.map(({ checkpoint }) => checkpoint).reduce<Checkpoint | undefined>(larger, undefined);
  findings.push(
    ...rollbacks(signed, newest, {
      published: published !== undefined,
      lock: 'damaged' in lock || lock.absent === true || lock.size > 0,
      underWay,
    }),
  );
  if (fresh !== undefined && note !== undefined) findings.push(...staleness(note, trust, fresh));
  return { signed, findings, ...(newest === undefined ? {} : { newest }) };
}

type Where = 'the published checkpoint' | 'the lock' | `the write-once checkpoint of size ${number}`;
interface Signed {
  readonly where: Where;
  readonly checkpoint: Checkpoint;
}

const TRIES = 10;

/**
 * The heads as they stand together: a sealer may be at work, so they are read again until the lock did not move
 * meanwhile. They are read against the order in which a sealer writes them (stage, lock, publish, keep, unstage): else it could
 * publish, keep and unstage between two reads, and its finished work would look like a checkpoint that was put back.
 */
async function readTogether(files: LogFiles): Promise<{
  lock: LockFile;
  staged: boolean;
  published: string | undefined;
  kept: readonly number[];
}> {
  for (let tries = 1; ; tries += 1) {
    const lock = await readLockFile(files);
    const staged = !('damaged' in lock) && (await isStaged(files.log, lock.from));
    const kept: number[] = [];
    for await (const size of files.worm === undefined ? [] : wormSizes(files.worm)) kept.push(size);
    const bytes = await files.log.get(CHECKPOINT);
    const again = await readLockFile(files);
    if (!('damaged' in lock || 'damaged' in again) && lock.version !== again.version && tries < TRIES)
      continue;
    const published = bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    return { lock, staged, kept, published };
  }
}

/** The tree that the lock names is the next after the newest that anybody has published. */
function isUnderWay(lock: LogLock, signed: readonly Signed[]): boolean {
  const newest = Math.max(0, ...signed.map(({ checkpoint }) => checkpoint.size));
  return lock.size > newest && lock.from === newest;
}

const larger = (left: Checkpoint | undefined, right: Checkpoint): Checkpoint =>
  left !== undefined && left.size >= right.size ? left : right;

/** An export has no lock: it is as if none had ever been taken. */
type LockFile = (LogLock & { readonly absent?: true }) | { readonly damaged: string };

async function readLockFile({ lock }: LogFiles): Promise<LockFile> {
  if (lock === undefined) return { ...UNLOCKED, absent: true };
  try {
    return await lock();
  } catch (error) {
    if (error instanceof TypeError) return { damaged: error.message };
    throw error;
  }
}

function* rollbacks(
  signed: Heads['signed'],
  newest: Checkpoint | undefined,
  there: { published: boolean; lock: boolean; underWay: boolean },
): Generator<Finding> {
  if (newest === undefined) return;
  for (const { where, checkpoint } of signed) {
    if (checkpoint.size === newest.size && !sameBytes(checkpoint.root, newest.root)) {
      yield {
        verdict: 'FORK',
        detail: `${where} signs another tree of size ${newest.size}: two trees were signed`,
      };
    }
    const current = where === 'the published checkpoint' || where === 'the lock';
    if (current && checkpoint.size < newest.size) {
      yield {
        verdict: 'TRUNCATED',
        detail: `${where} is of size ${checkpoint.size}, and ${newest.size} was signed`,
      };
    }
  }
  if (!there.published && !there.underWay) {
    yield { verdict: 'TRUNCATED', detail: 'no checkpoint is published, and some were signed' };
  }
  if (!there.lock) yield { verdict: 'TRUNCATED', detail: 'the lock is gone, and checkpoints were signed' };
}

/** An old checkpoint is well signed for ever: only a witness's time tells that this is what everybody sees now. */
function* staleness(note: Note, { witnesses }: Trust, { now, maxAgeSeconds }: Freshness): Generator<Finding> {
  const newest = Math.max(0, ...cosignatures(note, witnesses).map(({ time }) => time));
  if (now / 1_000 - newest <= maxAgeSeconds) return;
  const since = newest === 0 ? 'ever' : `since ${new Date(newest * 1_000).toISOString()}`;
  yield {
    verdict: 'TRUNCATED',
    detail: `no trusted witness has cosigned the published checkpoint ${since}: it may be an old one`,
  };
}
