/**
 * Sealing, verifying and proving at size (issue figures: seal 100,000 in ≤ 10 s; verify them in ≤ 4 s by hashes
 * and ≤ 12 s with every signature; a proof out of 1,000,000 in ≤ 5 ms; seal lag p99 ≤ 2 × the interval).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrust } from '../adapters/local/trust-file.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { startSealing } from '../local/sealing.ts';
import { openStores, type Stores } from '../local/stores.ts';
import { type Lane, openLane } from '../src/ledger/lane.ts';
import { inclusionProof } from '../src/ledger/merkle.ts';
import { SubjectKeys } from '../src/ledger/personal.ts';
import { locate } from '../src/ledger/proof.ts';
import { TileTree } from '../src/ledger/tile-tree.ts';
import { tileNodes } from '../src/ledger/tiles.ts';
import type { Trust } from '../src/ledger/trust.ts';
import { percentile, type Table, table } from './table.ts';

const RECORDS = 100_000;
const LEAVES = 1_000_000;
const random = (length: number) => new Uint8Array(randomBytes(length));
const quiet = {
  meter: { count: () => {}, observe: () => {}, set: () => {} },
  log: { write: () => {} },
  alarm: async () => {},
};
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

export async function benchLedger(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
  const stores = await openStores(folder);
  try {
    const trust = await openTrust(join(folder, 'trust.json'), stores, 0);
    const lane = await openBenchLane(stores, trust);
    const lag = await sealLag(folder, lane, stores);
    for (let left = RECORDS - Number(lane.head().seq); left > 0; left -= 5_000) {
      await Promise.all(Array.from({ length: 5_000 }, () => lane.append(record())));
    }
    const sealed = await timed(async () => {
      const sealing = await startSealing(folder, quiet, { intervalMs: 600_000 });
      await sealing.stop();
    });
    const hashes = await timed(() => verifyStore(folder, { signatures: false }));
    const signatures = await timed(() => verifyStore(folder));
    const count = signatures.value.entries.toLocaleString('en');
    const ok = [hashes.value.verdict, signatures.value.verdict].join(', ');
    return table(
      'Ledger: sealing, verifying, proving',
      ['what', 'goal', 'measured'],
      [
        [
          `seal ${RECORDS.toLocaleString('en')} records (thread start included)`,
          '≤ 10 s',
          seconds(sealed.ms),
        ],
        [`verify ${count} sealed records, hashes and links (${ok})`, '≤ 4 s', seconds(hashes.ms)],
        [`verify ${count} sealed records, every signature`, '≤ 12 s', seconds(signatures.ms)],
        [
          'memory of the process after it',
          '≤ 300 MB at 1,000,000',
          `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
        ],
        ['seal lag p99 at 500 records a second, interval 1 s', '≤ 2 s', seconds(lag)],
        [
          `an inclusion proof out of ${LEAVES.toLocaleString('en')}, median, cold tiles`,
          '≤ 5 ms',
          `${(await proofTime()).toFixed(2)} ms`,
        ],
      ],
    );
  } finally {
    stores.close();
    rmSync(folder, { recursive: true });
  }
}

const record = () => ({
  type: 'decision.made',
  trace: 'b'.repeat(32),
  data: { decision_id: `dec_${'0'.repeat(26)}`, outcome: 'allow', reasons: [], note: 'x'.repeat(300) },
});

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const begun = performance.now();
  const value = await work();
  return { ms: performance.now() - begun, value };
}

/** How long a record waits until the index says that it is in a published tree. */
async function sealLag(folder: string, lane: Lane, stores: Stores): Promise<number> {
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

async function proofTime(): Promise<number> {
  const files = new Map<string, Uint8Array>();
  const tree = new TileTree();
  for (let index = 0; index < LEAVES; index += 1) {
    tree.append(new TextEncoder().encode(`${index}`));
    if (index % 65_536 === 0) for (const { path, bytes } of tree.takeFull()) files.set(path, bytes);
  }
  for (const { path, bytes } of tree.takeFiles()) files.set(path, bytes);
  const source = { get: async (name: string) => files.get(name) };
  const times: number[] = [];
  for (let index = 3; index < LEAVES; index += 9_973) {
    const { ms } = await timed(() => inclusionProof(tileNodes(source, LEAVES), index, LEAVES));
    times.push(ms);
  }
  return percentile(
    times.sort((a, b) => a - b),
    0.99,
  );
}

function openBenchLane(stores: Stores, trust: Trust): Promise<Lane> {
  return openLane({
    table: stores.table,
    subjects: new SubjectKeys({ table: stores.subjects, clock: Date.now, random }),
    authority: stores.authority,
    pseudonymKey: stores.pseudonymKey,
    clock: Date.now,
    random,
    ids: (prefix) => `${prefix}_bench`,
    origin: trust.origin,
    code: 'bench',
    region: 'local',
    max_merge_delay_seconds: trust.max_merge_delay_seconds,
    wait: (ms) => new Promise((done) => (ms === 0 ? setImmediate(done) : setTimeout(done, ms))),
  });
}
