/** The checkpoints of a log, as a verifier finds them: published, write-once, locked. Which is the newest, and do they agree? */

import { inBatches } from '../../basics/batches.ts';
import type { Blobs } from '../../ports.ts';
import { sameBytes } from '../bytes.ts';
import { type LogLock, UNLOCKED } from '../seal/lock.ts';
import { CHECKPOINT } from '../seal/publish.ts';
import { isUnderWay as isPublishing } from '../seal/staging.ts';
import { sizeBefore, wormName, wormSizes } from '../seal/worm.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../tree/checkpoint.ts';
import type { Note } from '../tree/note.ts';
import { cosignatures, type Witnessed } from '../tree/witness.ts';
import type { Trust } from '../trust.ts';
import type { Finding } from '../verdict.ts';

/** A sealed log as files. `worm` and `lock` are absent in an export that does not carry them. */
export interface LogFiles {
  readonly log: Pick<Blobs, 'get'>;
  readonly worm?: Pick<Blobs, 'get' | 'list'>;
  readonly lock?: () => Promise<LogLock>;
  /** What our own witness remembers; absent where it cannot be asked. */
  readonly witness?: () => Promise<Witnessed | undefined>;
}

export interface Heads {
  /** The largest checkpoint that a trusted key signed; undefined when there is none. */
  readonly newest?: Checkpoint;
  /** Every signed (size, root) and where it was found. */
  readonly signed: readonly { readonly where: string; readonly checkpoint: Checkpoint }[];
  readonly findings: readonly Finding[];
  /** What was kept beside the log and is not there any more: the log itself can be whole without it. */
  readonly gone: readonly Finding[];
}

export interface HeadsOptions {
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Demands a cosignature that is not older, on a clock that is not ahead. */
  readonly maxAgeSeconds?: number;
  /** A checkpoint that somebody kept, as text: the log must extend it. */
  readonly since?: string;
  /** Write-once copies of smaller trees are passed over. */
  readonly olderThan?: number;
  /** Of somebody who cannot wait for all checkpoints that were ever kept; its reason is thrown. */
  readonly signal?: AbortSignal;
}

export async function findHeads(
  files: LogFiles,
  trust: Trust,
  { now = 0, maxAgeSeconds, since, olderThan = 0, signal }: HeadsOptions = {},
): Promise<Heads> {
  const findings: Finding[] = [];
  const signed: Signed[] = [];
  const open = (text: string, where: Where): Note | undefined => {
    const opened = openCheckpoint(text, trust.origin, trust.log_keys);
    if (!opened.ok) findings.push({ verdict: opened.verdict, detail: `${where}: ${opened.detail}` });
    else signed.push({ where, checkpoint: opened.checkpoint });
    return opened.ok ? opened.note : undefined;
  };
  const { lock, staged, published, kept, witnessed } = await readTogether(files, olderThan);
  if ('damaged' in lock) findings.push({ verdict: 'MODIFIED', detail: `the lock: ${lock.damaged}` });
  const copies = await inBatches(kept, async (size) => {
    signal?.throwIfAborted();
    return { size, bytes: await files.worm?.get(wormName(size)) };
  });
  const named = new Set<number>();
  for (const { size, bytes } of copies) {
    const where: Where = `the write-once checkpoint of size ${size}`;
    const note = open(Buffer.from(bytes ?? []).toString('utf8'), where);
    if (note !== undefined) named.add(sizeBefore(note, trust.origin) ?? 0);
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
  if (note !== undefined && files.worm !== undefined && !staged) named.add(sizeOf(note));
  const gone = missingCopies(named, kept)
    .filter(({ size }) => size >= olderThan)
    .map(({ finding }) => finding);
  if (files.witness !== undefined)
    signed.push(...remembered(witnessed, { newest, note, trust, findings, gone }));
  if (since !== undefined) signed.push(...keptElsewhere(since, { newest, trust, findings }));
  findings.push(
    ...rollbacks(signed, newest, {
      published: published !== undefined,
      lock: 'damaged' in lock || lock.absent === true || lock.size > 0,
      underWay,
    }),
  );
  if (maxAgeSeconds !== undefined && note !== undefined)
    findings.push(...staleness(note, trust, { now, maxAgeSeconds }));
  return { signed, findings, gone, ...(newest === undefined ? {} : { newest }) };
}

type Where =
  | 'the published checkpoint'
  | 'the lock'
  | 'the memory of the witness'
  | 'the checkpoint that was kept elsewhere'
  | `the write-once checkpoint of size ${number}`;
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
async function readTogether(
  files: LogFiles,
  olderThan: number,
): Promise<{
  lock: LockFile;
  staged: boolean;
  published: string | undefined;
  kept: readonly number[];
  witnessed: Witnessed | 'damaged' | undefined;
}> {
  for (let tries = 1; ; tries += 1) {
    const lock = await readLockFile(files);
    const staged = !('damaged' in lock) && (await isPublishing(files.log, lock));
    const kept: number[] = [];
    // The largest come first.
    for await (const size of files.worm === undefined ? [] : wormSizes(files.worm)) {
      if (size < olderThan) break;
      kept.push(size);
    }
    const witnessed = await files.witness?.().catch((error: unknown) => {
      if (error instanceof TypeError) return 'damaged' as const;
      throw error;
    });
    const bytes = await files.log.get(CHECKPOINT);
    const again = await readLockFile(files);
    if (!('damaged' in lock || 'damaged' in again) && lock.version !== again.version && tries < TRIES)
      continue;
    const published = bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    return { lock, staged, kept, published, witnessed };
  }
}

const sizeOf = ({ text }: Note): number => parseCheckpoint(text)?.size ?? 0;

/** Checkpoints that were signed and kept, as others name them, and whose copies are not there. */
function missingCopies(
  named: ReadonlySet<number>,
  kept: readonly number[],
): { readonly size: number; readonly finding: Finding }[] {
  const there = new Set([0, ...kept]);
  return [...named]
    .filter((size) => !there.has(size))
    .sort((left, right) => left - right)
    .map((size) => {
      const detail = `the write-once checkpoint of size ${size} is not there`;
      return { size, finding: { verdict: 'MISSING', detail } };
    });
}

interface Judged {
  readonly newest: Checkpoint | undefined;
  readonly trust: Trust;
  readonly findings: Finding[];
}

/** What our witness has seen is a head like the others; it cannot have forgotten what it cosigned. */
function remembered(
  witnessed: Witnessed | 'damaged' | undefined,
  {
    newest,
    note,
    trust,
    findings,
    gone,
  }: Judged & { readonly note: Note | undefined; readonly gone: Finding[] },
): Signed[] {
  if (witnessed === 'damaged') {
    findings.push({ verdict: 'MODIFIED', detail: 'the memory of the witness is damaged' });
    return [];
  }
  if (witnessed === undefined) {
    if (note !== undefined && cosignatures(note, trust.witnesses).length > 0)
      gone.push({ verdict: 'MISSING', detail: 'the witness has forgotten what it cosigned' });
    return [];
  }
  if (witnessed.size > (newest?.size ?? 0)) {
    const detail = `the witness has seen a tree of ${witnessed.size}, and the newest is of ${newest?.size ?? 0}`;
    findings.push({ verdict: 'TRUNCATED', detail });
    return [];
  }
  return [
    {
      where: 'the memory of the witness',
      checkpoint: { origin: trust.origin, size: witnessed.size, root: witnessed.root },
    },
  ];
}

/** Whoever kept a checkpoint needs nobody's word: the log has grown from it, or it was rolled back. */
function keptElsewhere(since: string, { newest, trust, findings }: Judged): Signed[] {
  const where = 'the checkpoint that was kept elsewhere';
  const opened = openCheckpoint(since, trust.origin, trust.log_keys);
  if (!opened.ok) {
    findings.push({ verdict: opened.verdict, detail: `${where}: ${opened.detail}` });
    return [];
  }
  const { checkpoint } = opened;
  if (checkpoint.size > (newest?.size ?? 0)) {
    const detail = `${where} is of size ${checkpoint.size}, and the newest here is of ${newest?.size ?? 0}: the log was rolled back`;
    findings.push({ verdict: 'TRUNCATED', detail });
    return [];
  }
  return [{ where, checkpoint }];
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

/** Clocks differ a little; a cosignature from further ahead tells nothing of now. */
const AHEAD_SECONDS = 10;

/** An old checkpoint is well signed for ever: only a witness's time tells that this is what everybody sees now. */
function* staleness(
  note: Note,
  { witnesses }: Trust,
  { now, maxAgeSeconds }: { readonly now: number; readonly maxAgeSeconds: number },
): Generator<Finding> {
  const times = cosignatures(note, witnesses).map(({ time }) => time);
  const newest = Math.max(0, ...times.filter((time) => time <= now / 1_000 + AHEAD_SECONDS));
  if (now / 1_000 - newest <= maxAgeSeconds) return;
  const since = newest === 0 ? 'ever' : `since ${new Date(newest * 1_000).toISOString()}`;
  const ahead = times.length > 0 && newest === 0 ? ', but for cosignatures from the future' : '';
  yield {
    verdict: 'TRUNCATED',
    detail: `no trusted witness has cosigned the published checkpoint ${since}${ahead}: it may be an old one`,
  };
}
