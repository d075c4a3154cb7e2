/**
 * Compiles the report out of the sealed log, and says how to do it again: the records of the tree between two sizes
 * whose time is in the period, each size with its root, and that the later tree extends the earlier one.
 */
import { base64, parseRecord, sameBytes } from '../../ledger/bytes.ts';
import { bundleStands } from '../../ledger/check/patrol.ts';
import { publishedCheckpoint, readBundle } from '../../ledger/check/proof.ts';
import { splitEntry } from '../../ledger/entry.ts';
import { type Checkpoint, openCheckpoint } from '../../ledger/tree/checkpoint.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  type NodeReader,
  rangeRoot,
  verifyConsistency,
} from '../../ledger/tree/merkle.ts';
import { TILE_WIDTH, tileNodes } from '../../ledger/tree/tiles.ts';
import type { Trust } from '../../ledger/trust.ts';
import type { Blobs } from '../../ports.ts';
import type { Period } from './period.ts';
import {
  count,
  noFigures,
  type QuarterlyFigures,
  type Recommendation,
  recommendationsFor,
} from './report.ts';

export interface SealedRecords {
  readonly log: Pick<Blobs, 'get'>;
  readonly trust: Pick<Trust, 'origin' | 'log_keys'>;
}

export type QuarterlyReport = QuarterlyFigures & {
  readonly period: { readonly quarter?: string; readonly from: string; readonly to: string };
  readonly recommendations: readonly Recommendation[];
  readonly proof: {
    /** The report counts the entries from this size of the tree on, */
    readonly from: TreeAt;
    /** below this one. */
    readonly to: TreeAt;
    /** RFC 6962 §2.1.2, base64: that the tree at `to` extends the one at `from`. */
    readonly consistency: readonly string[];
    /** The signed note that the log publishes; at `to` or beyond. */
    readonly checkpoint: string;
  };
};

type TreeAt = { readonly tree_size: number; readonly root: string };

/** What somebody asks for who has a report: the same sizes, and the signed note that it shows. */
export interface Bounds {
  readonly from?: number;
  readonly to?: number;
  readonly checkpoint?: string;
}

/** `unsealed`: the log does not reach so far yet. `contradicted`: it is not what its checkpoint signs. */
export type Compiled =
  | { readonly kind: 'report'; readonly report: QuarterlyReport }
  | { readonly kind: 'unsealed' }
  | { readonly kind: 'contradicted'; readonly detail: string };

/** Entries are sealed a little out of the order of their times: so much earlier and later is looked at too. */
const SLACK_MS = 15 * 60_000;

/**
 * Without sizes, those that hold the period. Every record that is counted is held against the newest signed checkpoint,
 * so that the log may lie in a folder that somebody else made. Throws NOT_FOUND where a tile is missing.
 */
export async function compileReport(
  sealed: SealedRecords,
  period: Period,
  bounds: Bounds = {},
): Promise<Compiled> {
  const newest = await publishedCheckpoint(sealed);
  if (newest === undefined) return { kind: 'unsealed' };
  const { size } = newest.checkpoint;
  const tree = new SignedTree(sealed.log, newest.checkpoint);
  const from = bounds.from ?? (await firstFrom(sealed.log, size, period.from - SLACK_MS));
  const to = bounds.to ?? (await firstFrom(sealed.log, size, period.to + SLACK_MS));
  if (from > to || to > size) return { kind: 'unsealed' };
  const shown = bounds.checkpoint ?? newest.text;
  const kept = openCheckpoint(shown, sealed.trust.origin, sealed.trust.log_keys);
  if (!kept.ok) return { kind: 'contradicted', detail: `its checkpoint: ${kept.detail}` };
  if (kept.checkpoint.size > size) return { kind: 'unsealed' };
  if (!sameBytes(await tree.rootAt(kept.checkpoint.size), kept.checkpoint.root))
    return { kind: 'contradicted', detail: 'its checkpoint signs another tree than this log is' };
  const figures = noFigures();
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n += 1) {
    const bundle = await readBundle(sealed.log, n, size);
    const first = n * TILE_WIDTH;
    if (!(await tree.holds(bundle, first)))
      return { kind: 'contradicted', detail: `entries from ${first} on are not those of the signed tree` };
    for (const entry of bundle.slice(Math.max(0, from - first), Math.max(0, to - first))) {
      const record = parseRecord(splitEntry(entry).b);
      const at = record === undefined ? Number.NaN : Date.parse(record.time);
      if (record !== undefined && at >= period.from && at < period.to) count(figures, record);
    }
  }
  const at = async (tree_size: number): Promise<TreeAt> => ({
    tree_size,
    root: base64(await tree.rootAt(tree_size)),
  });
  const proof = {
    from: await at(from),
    to: await at(to),
    consistency: (await tree.extension(from, to)).map(base64),
    checkpoint: shown,
  };
  if (tree.broken !== undefined) return { kind: 'contradicted', detail: tree.broken };
  return {
    kind: 'report',
    report: {
      period: {
        ...(period.quarter === undefined ? {} : { quarter: period.quarter }),
        from: new Date(period.from).toISOString(),
        to: new Date(period.to).toISOString(),
      },
      ...figures,
      recommendations: recommendationsFor(figures),
      proof,
    },
  };
}

/** The tree of a signed checkpoint, whose tiles nobody believes. */
class SignedTree {
  /** What of the tiles does not lead to the signed root. */
  broken: string | undefined;
  readonly #nodes: NodeReader;
  readonly #signed: Checkpoint;

  constructor(log: SealedRecords['log'], signed: Checkpoint) {
    this.#nodes = tileNodes(log, signed.size);
    this.#signed = signed;
  }

  holds(bundle: readonly Uint8Array[], first: number): Promise<boolean> {
    return bundleStands(this.#nodes, bundle, first, this.#signed);
  }

  /** Of its first `size` entries, which it is held to extend. */
  async rootAt(size: number): Promise<Uint8Array> {
    if (size === 0) return EMPTY_ROOT;
    const { size: whole, root: signed } = this.#signed;
    const root = await rangeRoot(this.#nodes, 0, size);
    const isOurs = verifyConsistency(size, root, whole, signed, await this.extension(size, whole));
    if (!isOurs) this.broken = `the tiles do not lead from ${size} entries to the signed root`;
    return root;
  }

  async extension(from: number, to: number): Promise<readonly Uint8Array[]> {
    return consistencyProof(this.#nodes, from, to);
  }
}

/** The first entry of the first bundle that may hold something as late as this: bundles follow one another in time. */
async function firstFrom(log: SealedRecords['log'], size: number, ms: number): Promise<number> {
  let [low, high] = [0, Math.ceil(size / TILE_WIDTH)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await lastTime(log, middle, size)) >= ms) high = middle;
    else low = middle + 1;
  }
  return Math.min(size, low * TILE_WIDTH);
}

async function lastTime(log: SealedRecords['log'], n: number, size: number): Promise<number> {
  const times = (await readBundle(log, n, size)).map((entry) =>
    Date.parse(parseRecord(splitEntry(entry).b)?.time ?? ''),
  );
  return Math.max(...times.filter((time) => !Number.isNaN(time)), 0);
}
