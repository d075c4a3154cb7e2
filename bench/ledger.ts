/**
 * Sealing, verifying and proving at size (issue figures: seal 100,000 in ≤ 5 s; verify them in ≤ 4 s by hashes
 * and ≤ 3 s with every signature on two cores; a proof out of 1,000,000 in ≤ 5 ms; seal lag p99 ≤ 2 × the interval).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { startSealing } from '../local/sealing.ts';
import { locate } from '../src/ledger/check/proof.ts';
import { inclusionProof } from '../src/ledger/tree/merkle.ts';
import { TileTree, type TreeFile } from '../src/ledger/tree/tile-tree.ts';
import { tileNodes } from '../src/ledger/tree/tiles.ts';
import { type BenchStore, openBenchStore, quiet, record, verifyApart } from './sealed-store.ts';
import { percentile, type Table, table } from './table.ts';

const RECORDS = 100_000;
const LEAVES = 1_000_000;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

export async function benchLedger(): Promise<Table> {
  const store = await openBenchStore();
  try {
    const lag = await sealLag(store);
    await store.fill(RECORDS);
    const sealed = await store.seal();
    const hashes = await verifyApart(store.folder, 'hashes');
    const signatures = await verifyApart(store.folder, 'signatures');
    const proof = await proofTimes();
    const count = signatures.entries.toLocaleString('en');
    const verdicts = [hashes.verdict, signatures.verdict].join(', ');
    return table(
      'Ledger: sealing, verifying, proving',
      ['what', 'goal', 'measured'],
      [
        [`seal ${RECORDS.toLocaleString('en')} records (thread start included)`, '≤ 5 s', seconds(sealed)],
        [`verify ${count} sealed records, hashes and links (${verdicts})`, '≤ 4 s', seconds(hashes.ms)],
        [`verify ${count} sealed records, every signature`, '≤ 3 s', seconds(signatures.ms)],
        [
          'peak memory of the process that verifies them',
          '≤ 300 MB at 1,000,000',
          `${Math.round(signatures.peak_bytes / 2 ** 20)} MB`,
        ],
        ['seal lag p99 at 500 records a second, interval 1 s', '≤ 2 s', seconds(lag)],
        [
          `an inclusion proof out of ${LEAVES.toLocaleString('en')}, tiles read from files, p50 and p99`,
          '≤ 5 ms',
          `${proof.p50.toFixed(2)} and ${proof.p99.toFixed(2)} ms`,
        ],
      ],
    );
  } finally {
    store.close();
  }
}

/** How long a record waits until the index says that it is in a published tree. */
async function sealLag({ folder, lane, stores }: BenchStore): Promise<number> {
  const sealing = await startSealing(folder, quiet);
  const waits: number[] = [];
  const waiting: { lane: number; seq: number; at: number }[] = [];
  const end = performance.now() + 10_000;
  for (let now = performance.now(); now < end || waiting.length > 0; now = performance.now()) {
    if (now < end) {
      const receipts = await Promise.all(Array.from({ length: 25 }, () => lane.append(record())));
      const [first] = receipts;
      if (first !== undefined) waiting.push({ ...first, at: performance.now() });
    }
    for (let oldest = waiting[0]; oldest !== undefined; oldest = waiting[0]) {
      if ((await locate(stores.table, oldest.lane, oldest.seq)) === undefined) break;
      waits.push(performance.now() - oldest.at);
      waiting.shift();
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - (performance.now() - now))));
  }
  await sealing.stop();
  return percentile(
    waits.sort((a, b) => a - b),
    0.99,
  );
}

/** Milliseconds of proofs out of a log in a folder, no tile of which was read before by the same reader. */
async function proofTimes(): Promise<{ p50: number; p99: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-proofs-'));
  try {
    const log = await openFolderBlobs(folder);
    const tree = new TileTree();
    const write = async (files: readonly TreeFile[]): Promise<void> => {
      for (const { path, bytes } of files) if (!path.startsWith('tile/entries/')) await log.put(path, bytes);
    };
    for (let index = 0; index < LEAVES; index += 1) {
      tree.append(new TextEncoder().encode(`${index}`));
      if (index % 65_536 === 0) await write(tree.takeFull());
    }
    await write(tree.takeFiles());
    const times: number[] = [];
    for (let index = 3; index < LEAVES; index += 997) {
      const begun = performance.now();
      await inclusionProof(tileNodes(log, LEAVES), index, LEAVES);
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
