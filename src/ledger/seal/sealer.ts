/**
 * The sealer brings the lanes into one tree. The order of its steps is what makes it safe to kill anywhere and
 * to run twice at once:
 *
 *   read the lock → gather → stage under the old size, once → grow the tree → read the heads back
 *   → sign → note the places → swap the lock → publish
 *
 * Before the swap nothing has happened but a staged bundle, which the next run adopts. After it the signed tree
 * stands, and the next run publishes it again from the same bundle. So no two trees of one size are ever signed.
 */
import type { Clock, Log, Meter, Signer } from '../../ports.ts';
import type { TamperNotice } from '../../terms.ts';
import { sameBytes } from '../bytes.ts';
import type { Standing } from '../hold.ts';
import type { Wait } from '../lane/commit.ts';
import { noteSealed } from '../places/catch-up.ts';
import { notePlaces } from '../places/note.ts';
import { openCheckpoint, signCheckpoint } from '../tree/checkpoint.ts';
import type { NodeReader } from '../tree/merkle.ts';
import { parseNote } from '../tree/note.ts';
import { TileTree, type TreeFile } from '../tree/tile-tree.ts';
import { type TileSource, tileNodes } from '../tree/tiles.ts';
import { cosignatures } from '../tree/witness.ts';
import type { Trust } from '../trust.ts';
import { type GatherDeps, type Gathered, gather, type Progress, retrace } from './gather.ts';
import { Contradiction, type KnownTree, requireDirectory, requirePrefixes } from './heads.ts';
import { type LogLock, lockVersion, readLock, swapLock } from './lock.ts';
import { CHECKPOINT, cosign, type PublishDeps, publish } from './publish.ts';
import { isGrowth, isStaged, readStaged, type Staged, type StagedBefore, stage, unstage } from './staging.ts';
import { SealerTurns } from './turns.ts';
import { wormName } from './worm.ts';

export interface SealerDeps extends Omit<GatherDeps, 'leases' | 'turns' | 'trust'>, PublishDeps {
  readonly origin: string;
  readonly trust: GatherDeps['trust'] & Pick<Trust, 'witnesses'>;
  /** The checkpoint key, and beside it the old one while a rotation overlaps. */
  readonly signers: readonly Signer[];
  readonly logKeys: readonly string[];
  readonly clock: Clock;
  /**
   * Resolves when what was read of the table can no longer be taken back by a power cut, where a reader may see it sooner: what is staged
   * or signed must not know of a record that the table then has not.
   */
  readonly settled?: () => Promise<void>;
  /** An idle log is cosigned again this often, so that its checkpoint stays fresh. */
  readonly heartbeatMs: number;
  /** Where sealers of other processes may be at the same log: how to stand back for them. */
  readonly wait?: Wait;
  /** How long it stands back is left to chance: a number from 0 to 1, another each time. */
  readonly chance?: () => number;
  /** Puts a `security.tamper_detected` with these data on record. */
  readonly alarm?: (data: TamperNotice) => Promise<unknown>;
  readonly meter?: Meter;
  readonly diary?: Log;
}

export type SealResult =
  /** `more`: there was no room for everything; seal again at once. */
  | { readonly status: 'sealed'; readonly size: number; readonly added: number; readonly more: boolean }
  | { readonly status: 'idle'; readonly size: number }
  /** Another sealer was faster; nothing is lost. */
  | { readonly status: 'overtaken' }
  /** The heads contradict each other; nothing is signed until a person has looked. */
  | { readonly status: 'stopped'; readonly head: string; readonly detail: string };

export class Sealer {
  readonly #deps: SealerDeps;
  #tree = new TileTree();
  /** The lock that `#tree` belongs to; undefined until it was loaded and its publication completed. */
  #known: LogLock | undefined;
  #cosignedAt = 0;
  /** The version of the lock that the round began with. */
  #begunAt = 0;
  readonly #alarmed = new Set<string>();
  /** What the round saw of the lanes; undefined until it has read them. */
  #seen: { readonly flaw: string | undefined; readonly whole: boolean } | undefined;
  readonly #leases = new Map<number, number>();
  readonly #turns: SealerTurns;
  /** The size under which this sealer staged last, or tried to: nobody else is waited for there. */
  #staged: number | undefined;

  constructor(deps: SealerDeps) {
    this.#deps = deps;
    this.#turns = new SealerTurns(deps.wait, deps.chance);
  }

  /** The newest signed tree that this process knows. */
  get size(): number {
    return this.#known?.size ?? 0;
  }

  /** What is wrong with the first lane that has a flaw, and whether the last round read every lane to its end. */
  get lanes(): { readonly flaw: string | undefined; readonly whole: boolean } {
    return this.#seen ?? { flaw: undefined, whole: false };
  }

  /** One round. Throws STORE_UNAVAILABLE when a part does not answer; the next round goes on from what stands. */
  async seal(): Promise<SealResult> {
    this.#seen = undefined;
    try {
      const result = await this.#round();
      this.#deps.meter?.count('ledger_checkpoints_total', { result: RESULTS[result.status] });
      return result;
    } catch (error) {
      // Whatever happened half-way, the next round looks at what is really there.
      this.#known = undefined;
      if (error instanceof Contradiction && (await this.#wasOvertaken())) {
        this.#deps.meter?.count('ledger_checkpoints_total', { result: RESULTS.overtaken });
        return { status: 'overtaken' };
      }
      if (!(error instanceof Contradiction)) {
        this.#deps.meter?.count('ledger_checkpoints_total', { result: 'failed' });
        throw error;
      }
      const { head, message: detail } = error;
      this.#deps.meter?.count('ledger_checkpoints_total', { result: RESULTS.stopped });
      // The alarm's record has to wait until appending is safe again: this is what fires the alert meanwhile.
      if (!this.#alarmed.has(`${head} ${detail}`))
        this.#deps.meter?.count('ledger_integrity_checks_total', { result: 'TRUNCATED' });
      await this.#alarmWhileItStands(`${head} ${detail}`, { kind: 'head_conflict', head, detail });
      return { status: 'stopped', head, detail };
    }
  }

  async #round(): Promise<SealResult> {
    let lock = await this.#readLock();
    this.#begunAt = lock.version;
    await this.#load(lock);
    await requireDirectory(this.#deps.table, lock);
    if (!lock.noted) {
      await noteSealed(this.#deps.table, this.#deps.log, lock.size);
      const noted = await swapLock(this.#deps.table, lock, { ...lock, noted: true });
      if (noted === undefined) return { status: 'overtaken' };
      [lock, this.#known] = [noted, noted];
    }
    const gathered = await gather(this.#gathering, lock);
    await this.#reportFlaws(gathered);
    this.#measure(gathered);
    if (gathered.staged.entries.length === 0) return this.#rest(lock);

    const ours = gathered.staged;
    await this.#deps.settled?.();
    const staged = await this.#stage(lock, ours);
    if (staged === undefined) return { status: 'overtaken' };
    const progress = staged === ours ? gathered : await this.#adopt(lock, staged);
    if (progress === undefined || staged === 'damaged') return { status: 'overtaken' };

    const grown = this.#tree.copy();
    for (const [at, entry] of staged.entries.entries()) grown.append(entry, progress.leaves[at]);
    if (!(await this.#stillHolds(lock))) return { status: 'overtaken' };
    const { origin, signers } = this.#deps;
    const note = await signCheckpoint({ origin, size: grown.size, root: grown.root() }, signers);
    const { lanes, last_lane, gists } = progress;
    // What the lock says is sealed, readers look for in the notes: so they come first.
    await notePlaces(this.#deps.table, { from: lock.size, segments: staged.segments, gists });
    const swapped = await swapLock(this.#deps.table, lock, {
      size: grown.size,
      note,
      from: lock.size,
      lanes,
      last_lane,
      noted: lock.noted,
    });
    // Refused, or our own swap that we did not hear of: the lock knows. Two who took up one bundle made the same note.
    const next = swapped ?? (await this.#readLock());
    if (next.note !== note || (swapped === undefined && staged !== ours)) return { status: 'overtaken' };
    this.#turns.wrote(next.version);
    await this.#publish(next, grown, grown.takeFiles(), staged);
    const added = staged.entries.length;
    return { status: 'sealed', size: next.size, added, more: added >= this.#deps.limit };
  }

  /**
   * Stages what was gathered, once nobody else is about to. Returns what the tree grows by: that, or what another staged who
   * did not come to its end. Undefined when the other did.
   */
  async #stage(lock: LogLock, ours: Staged): Promise<StagedBefore> {
    const { log, table } = this.#deps;
    const again = this.#staged === lock.size;
    if (!again && (await this.#turns.letOthersGoFirst(lock.version))) {
      const [version, there] = await Promise.all([lockVersion(table), readStaged(log, lock.size)]);
      if (version !== lock.version) return undefined;
      if (there !== undefined) return this.#stagedByOther(lock, there);
    }
    // A put that fails may have happened.
    this.#staged = lock.size;
    const staged = await stage(log, lock.size, ours);
    this.#turns.staged(staged === ours || again);
    if (staged === ours || again) return staged;
    this.#staged = undefined;
    return this.#stagedByOther(lock, staged);
  }

  async #stagedByOther(lock: LogLock, staged: StagedBefore): Promise<StagedBefore> {
    if (staged === undefined || staged === 'damaged') return staged;
    const { log, table } = this.#deps;
    const over = await this.#turns.untilOver(async () => (await lockVersion(table)) !== lock.version);
    // Whoever found it to be nobody's may have put it away meanwhile.
    return over ? undefined : readStaged(log, lock.size);
  }

  /** Heads that another sealer moved while they were read contradict what was read before. */
  async #wasOvertaken(): Promise<boolean> {
    const now = await readLock(this.#deps.table).catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    return now !== undefined && now.version !== this.#begunAt;
  }

  get #gathering(): GatherDeps {
    return { ...this.#deps, leases: this.#leases, turns: this.#turns };
  }

  async #readLock(): Promise<LogLock> {
    try {
      return await readLock(this.#deps.table);
    } catch (error) {
      if (error instanceof TypeError) throw new Contradiction('lock', error.message);
      throw error;
    }
  }

  /**
   * Loads the tree that the lock names, proves that it is the one, and completes its publication where that was cut off: its
   * bundle is then still staged. Who published it to its end did all of it; nothing of that is done again.
   */
  async #load(lock: LogLock): Promise<void> {
    const known = this.#known;
    // All that it says of the tree: who changes one of these by hand need not change the version.
    if (known?.version === lock.version && known.size === lock.size && known.note === lock.note) return;
    // Staged when the lock had moved on: nobody grows from there any more.
    if (this.#staged !== undefined && this.#staged < lock.from) await unstage(this.#deps.log, this.#staged);
    const root = this.#signedRoot(lock);
    const found = await this.#stillStaged(lock);
    const staged = isGrowth(found, lock) ? found : undefined;
    const whole = await loadTree(this.#deps.log, lock.size);
    let [tree, files]: [TileTree, TreeFile[]] = [whole ?? new TileTree(), []];
    if (whole === undefined || !sameBytes(whole.root(), root)) {
      const base = await loadTree(this.#deps.log, lock.from);
      if (base === undefined || staged === undefined) {
        throw new Contradiction('tiles', `the tiles do not make the signed tree of size ${lock.size}`);
      }
      base.takeFiles();
      for (const entry of staged.entries) base.append(entry);
      [tree, files] = [base, base.takeFiles()];
      if (base.size !== lock.size || !sameBytes(base.root(), root)) {
        throw new Contradiction(
          'tiles',
          `tiles and staged bundle do not make the signed tree of size ${lock.size}`,
        );
      }
    }
    const nodes = tileNodes(overlay(this.#deps.log, files), lock.size);
    await this.#requirePrefixes({ size: lock.size, root, nodes, published: staged === undefined });
    if (lock.size === 0) {
      [this.#tree, this.#known] = [tree, lock];
      return;
    }
    const published = staged === undefined ? await this.#published(lock) : undefined;
    if (published === undefined) return this.#publish(lock, tree, files, staged);
    // Staged too late, by one who was overtaken, or by nobody of ours.
    if (found !== undefined && lock.from < lock.size) await unstage(this.#deps.log, lock.from);
    this.#have(lock, tree, published.cosignedAt);
  }

  /** What is staged where the tree of this lock grew, once nobody is about to publish it. */
  async #stillStaged(lock: LogLock): Promise<StagedBefore> {
    const { log, worm } = this.#deps;
    const found = await readStaged(log, lock.from);
    if (!isGrowth(found, lock) || this.#staged === lock.from) return found;
    // The copy is small, and comes late: only then is the bundle asked for.
    const over = await this.#turns.untilOver(
      async () => (await worm.get(wormName(lock.size))) !== undefined && !(await isStaged(log, lock.from)),
    );
    return over ? undefined : found;
  }

  /**
   * The published checkpoint, where it is this lock's: when our witnesses cosigned it, in milliseconds, and 0 where one of
   * them did not.
   */
  async #published({ note }: LogLock): Promise<{ readonly cosignedAt: number } | undefined> {
    const bytes = await this.#deps.log.get(CHECKPOINT);
    const text = bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
    const published = text.startsWith(note) ? parseNote(text) : undefined;
    if (published === undefined) return undefined;
    const lines = cosignatures(published, this.#deps.trust.witnesses);
    // One from the future, by a clock that was put back or a witness that lies, would hold up the next.
    const latest = this.#deps.clock() + CLOCKS_APART_MS;
    const times = this.#deps.witnesses.map(({ name }) => {
      const own = lines.filter((line) => line.name === name).map(({ time }) => time * 1_000);
      return Math.max(0, ...own.filter((time) => time <= latest));
    });
    return { cosignedAt: times.length === 0 ? 0 : Math.min(...times) };
  }

  #signedRoot(lock: LogLock): Uint8Array {
    if (lock.size === 0 && lock.note === '') return new TileTree().root();
    const opened = openCheckpoint(lock.note, this.#deps.origin, this.#deps.logKeys);
    if (!opened.ok) throw new Contradiction('lock', opened.detail);
    if (opened.checkpoint.size !== lock.size)
      throw new Contradiction('lock', 'its size is not that of its checkpoint');
    return opened.checkpoint.root;
  }

  /** A bundle that is already staged for this size; undefined (and it is removed) when nobody of ours staged it. */
  async #adopt(lock: LogLock, staged: Staged | 'damaged'): Promise<Progress | undefined> {
    const progress = staged === 'damaged' ? undefined : await retrace(this.#gathering, lock, staged);
    if (progress !== undefined) return progress;
    if ((await this.#readLock()).version !== lock.version) return undefined;
    await this.#alarm(`staged ${lock.size}`, { kind: 'staged_bundle', size: lock.size });
    await unstage(this.#deps.log, lock.size);
    return undefined;
  }

  /** Reads back what could have moved since: the lock is still ours to grow, and every head is a prefix. */
  async #stillHolds(lock: LogLock): Promise<boolean> {
    const now = await this.#readLock();
    if (now.version !== lock.version || now.note !== lock.note) return false;
    await this.#requirePrefixes({
      size: lock.size,
      root: this.#tree.root(),
      nodes: tileNodes(this.#deps.log, lock.size),
      published: true,
    });
    return true;
  }

  async #requirePrefixes(tree: KnownTree): Promise<void> {
    const [witness] = this.#deps.witnesses;
    const unreachable = (error: unknown): void =>
      this.#deps.diary?.write('warn', 'seal', 'The witness cannot be reached', { reason: String(error) });
    await requirePrefixes(
      {
        ...this.#deps,
        unreachable,
        cosigned: (name) => this.#cosigned(name),
        ...(witness === undefined ? {} : { witness }),
      },
      tree,
    );
  }

  async #cosigned(name: string): Promise<boolean> {
    const bytes = await this.#deps.log.get(CHECKPOINT);
    const note = bytes === undefined ? undefined : parseNote(Buffer.from(bytes).toString('utf8'));
    return note?.signatures.some((line) => line.name === name) === true;
  }

  async #publish(
    lock: LogLock,
    tree: TileTree,
    files: TreeFile[],
    staged: Staged | undefined,
  ): Promise<void> {
    const nodes: NodeReader = tileNodes(overlay(this.#deps.log, files), lock.size);
    await publish(this.#deps, { lock, files, segments: staged?.segments ?? [], nodes });
    tree.takeFiles();
    this.#have(lock, tree, this.#deps.clock());
  }

  #have(lock: LogLock, tree: TileTree, cosignedAt: number): void {
    [this.#tree, this.#known, this.#cosignedAt] = [tree, lock, cosignedAt];
    if (this.#staged !== undefined && this.#staged < lock.size) this.#staged = undefined;
    this.#deps.meter?.set('ledger_tree_size', {}, lock.size);
    if (cosignedAt > 0) this.#deps.meter?.set('ledger_checkpoint_timestamp_seconds', {}, cosignedAt / 1_000);
  }

  /** Nothing is new: only the witness's time goes on. */
  async #rest(lock: LogLock): Promise<SealResult> {
    const isStale = () => lock.size > 0 && this.#deps.clock() - this.#cosignedAt >= this.#deps.heartbeatMs;
    if (isStale() && (await this.#turns.letOthersGoFirst(lock.version)))
      this.#cosignedAt = Math.max(this.#cosignedAt, (await this.#published(lock))?.cosignedAt ?? 0);
    if (isStale()) {
      if (!(await this.#stillHolds(lock))) return { status: 'overtaken' };
      const now = this.#deps.clock();
      const nodes = tileNodes(this.#deps.log, lock.size);
      const note = await cosign(this.#deps, lock, nodes, lock.size);
      await this.#deps.log.put(CHECKPOINT, new TextEncoder().encode(note));
      this.#cosignedAt = now;
      this.#deps.meter?.set('ledger_checkpoint_timestamp_seconds', {}, now / 1_000);
    }
    return { status: 'idle', size: lock.size };
  }

  async #reportFlaws({ flaws, whole }: Gathered): Promise<void> {
    const [first] = flaws.map(({ lane, seq, detail }) => `${lane}.${seq}: ${detail}`);
    this.#seen = { flaw: first, whole };
    for (const { lane, seq, detail } of flaws)
      await this.#alarmWhileItStands(`${lane}.${seq}`, { kind: 'unsealable', lane, seq, detail });
  }

  #measure({ staged, oldest }: Gathered): void {
    const lag = oldest === undefined ? 0 : Math.max(0, this.#deps.clock() - Date.parse(oldest)) / 1_000;
    this.#deps.meter?.set('ledger_unsealed_entries', {}, staged.entries.length);
    this.#deps.meter?.set('ledger_seal_lag_seconds', {}, lag);
  }

  /** A finding is one whether or not it can be put on record: while it stands, the next round tries again. */
  async #alarmWhileItStands(cause: string, data: TamperNotice): Promise<void> {
    try {
      await this.#alarm(cause, data);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#deps.diary?.write('error', 'seal', 'An alarm could not be recorded', { cause, reason });
    }
  }

  /** Once per cause and process: an alarm that repeats every second would bury the others. */
  async #alarm(cause: string, data: TamperNotice): Promise<void> {
    if (this.#alarmed.has(cause)) return;
    this.#deps.diary?.write('error', 'seal', 'The ledger was tampered with', data);
    await this.#deps.alarm?.(data);
    this.#alarmed.add(cause);
  }
}

/**
 * What can be said after a round: what it left standing (the contradiction that stopped it, or a lane with a flaw), or that
 * nothing stands. Undefined when it was overtaken or had no room for every lane, and saw no flaw until then.
 */
export function saidAfter(
  result: SealResult,
  { lanes: { flaw, whole } }: Pick<Sealer, 'lanes'>,
): { readonly standing: Standing | undefined } | undefined {
  if (result.status === 'stopped') return { standing: { head: result.head, detail: result.detail } };
  if (flaw !== undefined) return { standing: { head: 'lane', detail: flaw } };
  return result.status === 'overtaken' || !whole ? undefined : { standing: undefined };
}

/** Clocks of sealers and witnesses may differ by so much. */
const CLOCKS_APART_MS = 10_000;

/** Label values of `ledger_checkpoints_total`. */
const RESULTS = { sealed: 'sealed', idle: 'idle', overtaken: 'lost_race', stopped: 'refused' } as const;

/** Undefined when its files are not all there. */
async function loadTree(log: TileSource, size: number): Promise<TileTree | undefined> {
  try {
    return await TileTree.load(log, size);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Files that are about to be written, seen as if they were. */
function overlay(log: TileSource, files: readonly TreeFile[]): TileSource {
  const pending = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return { get: (name) => Promise.resolve(pending.get(name) ?? log.get(name)) };
}
