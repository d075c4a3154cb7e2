/**
 * Compiles the report out of the sealed log, and says how to do it again: the records of the tree between two sizes
 * whose time is in the period, each size with its root, and that the later tree extends the earlier one.
 */
import { base64, parseRecord } from '../../ledger/bytes.ts';
import { proveConsistency, publishedCheckpoint, readBundle } from '../../ledger/check/proof.ts';
import { splitEntry } from '../../ledger/entry.ts';
import { EMPTY_ROOT, rangeRoot } from '../../ledger/tree/merkle.ts';
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

/** Entries are sealed a little out of the order of their times: so much earlier and later is looked at too. */
const SLACK_MS = 15 * 60_000;

/** Undefined before anything is sealed. The sizes are those that somebody asks for, or those that hold the period. */
export async function compileReport(
  sealed: SealedRecords,
  period: Period,
  sizes: { readonly from?: number; readonly to?: number } = {},
): Promise<QuarterlyReport | undefined> {
  const published = await publishedCheckpoint(sealed);
  if (published === undefined) return undefined;
  const { size } = published.checkpoint;
  const from = sizes.from ?? (await firstFrom(sealed.log, size, period.from - SLACK_MS));
  const to = sizes.to ?? (await firstFrom(sealed.log, size, period.to + SLACK_MS));
  const consistency = from <= to ? await proveConsistency(sealed, from, to) : undefined;
  if (consistency === undefined) return undefined;
  const figures = noFigures();
  for await (const entry of entries(sealed.log, size, from, to)) {
    const record = parseRecord(splitEntry(entry).b);
    const at = record === undefined ? Number.NaN : Date.parse(record.time);
    if (record !== undefined && at >= period.from && at < period.to) count(figures, record);
  }
  const nodes = tileNodes(sealed.log, size);
  const at = async (tree_size: number): Promise<TreeAt> => ({
    tree_size,
    root: base64(tree_size === 0 ? EMPTY_ROOT : await rangeRoot(nodes, 0, tree_size)),
  });
  return {
    period: {
      ...(period.quarter === undefined ? {} : { quarter: period.quarter }),
      from: new Date(period.from).toISOString(),
      to: new Date(period.to).toISOString(),
    },
    ...figures,
    recommendations: recommendationsFor(figures),
    proof: {
      from: await at(from),
      to: await at(to),
      consistency: consistency.map(base64),
      checkpoint: published.text,
    },
  };
}

async function* entries(
  log: SealedRecords['log'],
  size: number,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n += 1) {
    const bundle = await readBundle(log, n, size);
    const first = n * TILE_WIDTH;
    yield* bundle.slice(Math.max(0, from - first), Math.max(0, to - first));
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
