/**
 * Before anything is signed, three heads are read back that nobody can change alone: the lock, the newest
 * write-once checkpoint and our own witness. Each must be a prefix of the tree about to grow. The lock alone
 * could be rolled back by whoever can write to the table, and the sealer would sign a fork.
 */
import type { Blobs, Table } from '../../ports.ts';
import { laneKey, placeOf, sameBytes, seqKey } from '../bytes.ts';
import { directory, FIRST_LANE } from '../lane/directory.ts';
import { openCheckpoint } from '../tree/checkpoint.ts';
import { type NodeReader, rangeRoot } from '../tree/merkle.ts';
import type { Witness, Witnessed } from '../tree/witness.ts';
import type { LogLock } from './lock.ts';
import { newestWorm } from './worm.ts';

type Head = 'lock' | 'directory' | 'worm' | 'witness' | 'tiles';

/** The heads contradict each other. It says which and how; nothing may be signed until a person has looked. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
  readonly head: Head;

  constructor(head: Head, detail: string) {
    super(detail);
    this.head = head;
  }
}

export interface HeadsDeps {
  readonly origin: string;
  readonly logKeys: readonly string[];
  readonly worm: Pick<Blobs, 'get' | 'list'>;
  readonly witness?: Witness;
  /** Whether the published checkpoint carries a cosignature by the witness of this name. */
  readonly cosigned: (name: string) => Promise<boolean>;
  /** The witness could not be reached: that is told, and stops nothing. */
  readonly unreachable: (error: unknown) => void;
}

/** The tree that must extend every head: its size, and its nodes for proofs. */
export interface KnownTree {
  readonly size: number;
  readonly root: Uint8Array;
  readonly nodes: NodeReader;
  /** Its publication came to its end: the write-once store and our witness cannot be behind it. */
  readonly published: boolean;
}

/** Throws Contradiction unless the newest WORM checkpoint and the witness's newest are there and prefixes of this tree. */
export async function requirePrefixes(deps: HeadsDeps, tree: KnownTree): Promise<void> {
  const worm = await newestWorm(deps.worm);
  if (worm !== undefined) {
    const opened = openCheckpoint(worm.note, deps.origin, deps.logKeys);
    if (!opened.ok)
      throw new Contradiction('worm', `the write-once checkpoint of size ${worm.size}: ${opened.detail}`);
    await requirePrefix('worm', opened.checkpoint, tree);
  }
  const seen = await witnessed(deps);
  if (seen === 'forgotten' && (await deps.cosigned(deps.witness?.name ?? '')))
    throw new Contradiction('witness', `it has forgotten the tree of ${tree.size} that it cosigned`);
  if (typeof seen === 'object') await requirePrefix('witness', seen, tree);
  if (tree.published && tree.size > 0 && worm?.size !== tree.size)
    throw new Contradiction(
      'worm',
      `the write-once copy of size ${tree.size} is gone; the newest is of ${worm?.size ?? 0}`,
    );
}

/** Undefined when nobody can be asked. */
async function witnessed({ witness, unreachable }: HeadsDeps): Promise<Witnessed | 'forgotten' | undefined> {
  try {
    if (witness?.newest === undefined) return undefined;
    return (await witness.newest()) ?? 'forgotten';
  } catch (error) {
    unreachable(error);
    return undefined;
  }
}

/**
 * A lane is in the directory before anything of it is in the tree, numbers have no gap, and each has its first record
 * before it has its entry: else a number would be given out a second time, or passed over for good.
 */
export async function requireDirectory(
  table: Pick<Table, 'get' | 'query'>,
  { last_lane }: Pick<LogLock, 'last_lane'>,
): Promise<void> {
  const isBegun = async (lane: number) => (await table.get(laneKey(lane), seqKey(0))) !== undefined;
  const is = (detail: string) => new Contradiction('directory', detail);
  let expected = Math.max(FIRST_LANE, last_lane);
  for await (const { sk } of directory(table, expected)) {
    if (placeOf(sk) !== expected) throw is(`it names lane ${placeOf(sk)}, and no lane ${expected}`);
    if (expected > last_lane && !(await isBegun(expected)))
      throw is(`it names lane ${expected}, of which nothing is there`);
    expected += 1;
  }
  if (expected <= last_lane) throw is(`it ends before lane ${last_lane}, which is in the tree`);
}

async function requirePrefix(
  head: 'worm' | 'witness',
  { size, root }: { size: number; root: Uint8Array },
  tree: KnownTree,
): Promise<void> {
  if (size > tree.size)
    throw new Contradiction(head, `it has seen a tree of ${size}, the lock knows ${tree.size}`);
  const ours = size === tree.size ? tree.root : await rangeRoot(tree.nodes, 0, size);
  if (!sameBytes(ours, root))
    throw new Contradiction(head, `its tree of size ${size} has another root than ours`);
}
