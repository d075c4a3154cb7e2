/**
 * Makes a signed tree public: tiles, checkpoint, cosignature, write-once copy, index. Every step may be done
 * again, so a run that was cut off is simply repeated from the start; only then is the staged bundle removed.
 */

import { inBatches } from '../../basics/batches.ts';
import { ChanceryError } from '../../errors.ts';
import type { Blobs, Log, Table } from '../../ports.ts';
import { laneKey, seqKey } from '../bytes.ts';
import { consistencyProof, type NodeReader } from '../tree/merkle.ts';
import type { TreeFile } from '../tree/tile-tree.ts';
import { partialsOf } from '../tree/tiles.ts';
import type { Witness } from '../tree/witness.ts';
import { Contradiction } from './heads.ts';
import type { LogLock } from './lock.ts';
import { type Segment, unstage } from './staging.ts';
import { keepCopy } from './worm.ts';

export interface PublishDeps {
  readonly table: Table;
  readonly log: Blobs;
  readonly worm: Blobs;
  readonly witnesses: readonly Witness[];
  readonly diary?: Log;
}

export const CHECKPOINT = 'checkpoint';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface Publication {
  readonly lock: LogLock;
  readonly files: readonly TreeFile[];
  readonly segments: readonly Segment[];
  readonly nodes: NodeReader;
}

/** Returns the note with its cosignatures. Throws Contradiction when a witness or the write-once copy disagrees. */
export async function publish(
  deps: PublishDeps,
  { lock, files, segments, nodes }: Publication,
): Promise<string> {
  const full = files.filter((file) => file.full);
  // The edge comes last: where it can be read, everything before it is there.
  await inBatches(full, ({ path, bytes }) => deps.log.put(path, bytes));
  for (const { path, bytes } of files)
    if (!full.some((file) => file.path === path)) await deps.log.put(path, bytes);
  await deps.log.put(CHECKPOINT, utf8(lock.note));
  const note = await cosign(deps, lock, nodes, lock.from);
  if (note !== lock.note) await deps.log.put(CHECKPOINT, utf8(note));
  if (!(await keepCopy(deps.worm, lock, note)))
    throw new Contradiction('worm', `the write-once copy of size ${lock.size} is of another tree`);
  await index(deps.table, lock.from, segments);
  // Under the size of a lock that was restored lies the next bundle, and may be somebody's who is about to sign.
  if (lock.from < lock.size) await unstage(deps.log, lock.from);
  await Promise.all(full.map(({ path }) => removePartials(deps.log, path)));
  return note;
}

/**
 * Asks every witness to cosign. One that does not answer is told of; one that contradicts stops the log.
 * @param from the size that they are expected to have seen last: one that is elsewhere says so, and is asked again
 */
export async function cosign(
  deps: Pick<PublishDeps, 'witnesses' | 'diary'>,
  lock: LogLock,
  nodes: NodeReader,
  from: number,
): Promise<string> {
  const lines = await Promise.all(
    deps.witnesses.map(async (witness) => {
      try {
        return await askWitness(witness, lock, nodes, from);
      } catch (error) {
        if (error instanceof Contradiction) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        deps.diary?.write('warn', 'seal', 'A witness does not answer', { witness: witness.name, reason });
        return '';
      }
    }),
  );
  return lock.note + lines.join('');
}

/** Once for a witness that is where it is expected; then from where it says that it is, which others may move. */
const ASKED = 3;

async function askWitness(
  witness: Witness,
  { size, note }: LogLock,
  nodes: NodeReader,
  from: number,
): Promise<string> {
  let old = from;
  for (let asked = 0; asked < ASKED; asked += 1) {
    const answer = await witness.add(old, await consistencyProof(nodes, old, size), note);
    if (answer.ok) return answer.line;
    if (answer.reason !== 'conflict') {
      const detail = `${witness.name}: ${answer.detail}`;
      if (answer.reason === 'inconsistent') throw new Contradiction('witness', detail);
      // Not configured for this log, or not yet for its new key: that is for its keeper to mend.
      throw new ChanceryError('STORE_UNAVAILABLE', detail);
    }
    old = answer.size;
    if (old > size)
      throw new Contradiction('witness', `${witness.name} has seen a tree of ${old}, ours is of ${size}`);
  }
  throw new ChanceryError('STORE_UNAVAILABLE', `${witness.name} is being asked by somebody else as well`);
}

/** Where a record is in the tree: `(SEALED#lane, first seq)` → index. A help for proofs, which prove it themselves. */
export const sealedKey = (lane: number): string => laneKey(lane).replace('LANE#', 'SEALED#');

/** Notes where segments are whose first entry is `from`; what is noted already stays. */
export async function index(
  table: Pick<Table, 'put'>,
  from: number,
  segments: readonly Segment[],
): Promise<void> {
  let at = from;
  for (const { lane, seq, count } of segments) {
    await table.put({ pk: sealedKey(lane), sk: seqKey(seq), index: at, count }, 'absent');
    at += count;
  }
}

async function removePartials(log: Blobs, path: string): Promise<void> {
  for await (const name of log.list(partialsOf(path))) await log.remove(name);
}
