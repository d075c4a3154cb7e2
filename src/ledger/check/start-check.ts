/**
 * What a process that does not seal verifies when it starts, and again from time to time: the
 * newest write-once checkpoint, that the lock is signed and does not go back behind it, that the published tiles
 * make its tree, and what the sealer found last. A few reads, however long the ledger is.
 */
import { ChanceryError } from '../../errors.ts';
import type { Blobs, Clock, Table } from '../../ports.ts';
import type { TamperNotice } from '../../terms.ts';
import { sameBytes } from '../bytes.ts';
import { type AskHold, HeldBack, type Standing } from '../hold.ts';
import { Contradiction, requireDirectory } from '../seal/heads.ts';
import { type LogLock, readLock } from '../seal/lock.ts';
import { isUnderWay } from '../seal/staging.ts';
import { newestWorm, wormName } from '../seal/worm.ts';
import { type Checkpoint, openCheckpoint } from '../tree/checkpoint.ts';
import { rangeRoot } from '../tree/merkle.ts';
import { tileNodes } from '../tree/tiles.ts';
import type { Trust } from '../trust.ts';

export type Soundness =
  | { readonly sound: true }
  | { readonly sound: false; readonly head: string; readonly detail: string };

export interface StartCheckDeps {
  /** Where the lock is. */
  readonly table: Pick<Table, 'get' | 'query'>;
  readonly log: Pick<Blobs, 'get'>;
  readonly worm: Pick<Blobs, 'get' | 'list'>;
  readonly trust: Pick<Trust, 'origin' | 'log_keys'>;
  /** What the sealer found last; undefined before its first round. */
  readonly sealer: () => Promise<Soundness | undefined>;
}

/** Throws STORE_UNAVAILABLE when a part does not answer: then nothing is known. */
export async function checkStart(deps: StartCheckDeps): Promise<Soundness> {
  try {
    await requireAgreement(deps);
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    return { sound: false, head: error.head, detail: error.message };
  }
  return (await deps.sealer()) ?? { sound: true };
}

async function requireAgreement({ table, log, worm, trust }: StartCheckDeps): Promise<void> {
  // In the order against that of sealing, so that a sealer at work can only have moved the lock further.
  const kept = await newestWorm(worm);
  const lock = await readLock(table).catch((error: unknown) => {
    throw error instanceof TypeError ? new Contradiction('lock', error.message) : error;
  });
  const open = (text: string, size: number, head: 'lock' | 'worm'): Checkpoint => {
    const opened = openCheckpoint(text, trust.origin, trust.log_keys);
    if (!opened.ok) throw new Contradiction(head, opened.detail);
    if (opened.checkpoint.size !== size)
      throw new Contradiction(head, `it says ${size} and is signed for ${opened.checkpoint.size}`);
    return opened.checkpoint;
  };
  const locked = lock.size === 0 ? undefined : open(lock.note, lock.size, 'lock');
  await requireCopy(lock, { table, log, worm });
  await requireDirectory(table, lock);
  if (kept === undefined) return;
  const { size, root } = open(kept.note, kept.size, 'worm');
  if (lock.size < size)
    throw new Contradiction('lock', `it knows a tree of ${lock.size}, and one of ${size} was signed`);
  if (locked !== undefined && locked.size === size && !sameBytes(locked.root, root))
    throw new Contradiction('lock', `its tree of size ${size} has another root than the write-once one`);
  if (!sameBytes(await rootOfTiles(log, size), root))
    throw new Contradiction('tiles', `they do not make the signed tree of size ${size}`);
}

/** What was published to its end has its write-once copy. */
async function requireCopy(
  lock: LogLock,
  { table, log, worm }: Pick<StartCheckDeps, 'table' | 'log' | 'worm'>,
): Promise<void> {
  if (lock.size === 0 || (await isUnderWay(log, lock))) return;
  if ((await worm.get(wormName(lock.size))) !== undefined) return;
  // A sealer may have gone on meanwhile, and staged its next bundle under this size.
  if ((await readLock(table)).version !== lock.version) return;
  throw new Contradiction('worm', `the write-once copy of size ${lock.size} is gone`);
}

async function rootOfTiles(log: Pick<Blobs, 'get'>, size: number): Promise<Uint8Array> {
  try {
    return await rangeRoot(tileNodes(log, size), 0, size);
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'NOT_FOUND')
      throw new Contradiction('tiles', error.message);
    throw error;
  }
}

/** How long a finding holds before it is looked at again. */
const HOLDS_MS = 10_000;

export interface StartWatch {
  /** What was found at most ten seconds ago: undefined when the ledger is sound. */
  standing(): Promise<Standing | undefined>;
}

/**
 * @param alarm puts `security.tamper_detected` with these data on record, once for each thing that is found; where
 * nothing may be recorded meanwhile, as soon as it may
 */
export function watchStart(
  deps: StartCheckDeps,
  clock: Clock,
  alarm: (data: TamperNotice) => Promise<unknown>,
): StartWatch {
  let looked: { readonly at: number; readonly standing: Standing | undefined } | undefined;
  const told = new Set<string>();
  const untold = new Map<string, TamperNotice>();
  async function tell(): Promise<void> {
    for (const [cause, data] of untold) {
      try {
        await alarm(data);
      } catch (error) {
        if (error instanceof HeldBack) return;
        throw error;
      }
      untold.delete(cause);
      told.add(cause);
    }
  }
  return {
    async standing() {
      if (looked !== undefined && clock() - looked.at < HOLDS_MS) return looked.standing;
      const found = await checkStart(deps);
      if (!found.sound) {
        const { head, detail } = found;
        const cause = `${head} ${detail}`;
        if (!told.has(cause)) untold.set(cause, { kind: 'head_conflict', head, detail });
      }
      await tell();
      looked = {
        at: clock(),
        standing: found.sound ? undefined : { head: found.head, detail: found.detail },
      };
      return looked.standing;
    },
  };
}

/** How long a writer goes by what it read of the sealer's verdict. */
export const VERDICT_MS = 5_000;

/** What the sealer found, for writers in other processes: read again when it is older than five seconds. */
export function heldByVerdict(read: () => Promise<Soundness | undefined>, clock: Clock): AskHold {
  let known: { readonly at: number; readonly standing: Standing | undefined } | undefined;
  let reading: Promise<Standing | undefined> | undefined;
  const look = async (): Promise<Standing | undefined> => {
    try {
      const found = await read();
      const standing =
        found === undefined || found.sound ? undefined : { head: found.head, detail: found.detail };
      known = { at: clock(), standing };
      return standing;
    } finally {
      reading = undefined;
    }
  };
  return () => {
    if (known !== undefined && clock() - known.at < VERDICT_MS) return known.standing;
    reading ??= look();
    return reading;
  };
}

/** The first that is not sound of what several look after. */
export const anyUnsound =
  (...looks: readonly (() => Promise<Soundness | undefined>)[]) =>
  async (): Promise<Soundness | undefined> => {
    const found = await Promise.all(looks.map((look) => look()));
    return found.find((one) => one?.sound === false) ?? found.find((one) => one !== undefined);
  };

/** The sealer's verdict in the table of working state, for processes that do not seal. */
export function sealerVerdict(state: Pick<Table, 'get' | 'merge'>): {
  read(): Promise<Soundness | undefined>;
  /** Writes only what is new. */
  write(found: Soundness): Promise<void>;
} {
  const [pk, sk] = ['SEALER', 'VERDICT'];
  const read = async (): Promise<Soundness | undefined> => {
    const item = await state.get(pk, sk);
    if (item === undefined) return undefined;
    const { sound, head, detail } = item;
    return sound === true ? { sound } : { sound: false, head: String(head), detail: String(detail) };
  };
  return {
    read,
    async write(found) {
      // As it stands, not as this process left it: another that seals may have found something else since.
      if (JSON.stringify(await read()) === JSON.stringify(found)) return;
      await state.merge(pk, sk, { ...(found.sound ? { head: '', detail: '' } : {}), ...found });
    },
  };
}
