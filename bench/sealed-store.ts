/** Stores with many sealed records, and what it takes to verify them: for the benchmarks of the ledger. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { openTrust } from '../adapters/local/trust-file.ts';
import { startSealing } from '../local/sealing.ts';
import { openStores, type Stores } from '../local/stores.ts';
import { type Lane, openLane } from '../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
export const quiet = {
  meter: { count: () => {}, observe: () => {}, set: () => {} },
  log: { write: () => {} },
  alarm: async () => {},
};

export interface BenchStore {
  readonly folder: string;
  readonly stores: Stores;
  readonly lane: Lane;
  /** Appends until the lane holds so many records. */
  fill(records: number): Promise<void>;
  /** Seals all there is; milliseconds, the start of the thread included. */
  seal(): Promise<number>;
  close(): void;
}

export const record = () => ({
  type: 'decision.made',
  trace: 'b'.repeat(32),
  data: { decision_id: `dec_${'0'.repeat(26)}`, outcome: 'allow', reasons: [], note: 'x'.repeat(300) },
});

export async function openBenchStore(): Promise<BenchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
  const stores = await openStores(folder);
  const trust = await openTrust(join(folder, 'trust.json'), stores);
  const lane = await openLane({
    table: stores.table,
    subjects: new SubjectKeys({ table: stores.subjects, clock: Date.now, random }),
    authority: stores.authority,
    pseudonym: createPseudonym(stores.pseudonymKey, undefined),
    issuerName: (issuer) => issuer,
    clock: Date.now,
    random,
    ids: (prefix) => `${prefix}_bench`,
    origin: trust.origin,
    code: 'bench',
    region: 'local',
    max_merge_delay_seconds: trust.max_merge_delay_seconds,
    together: true,
    wait: (ms) => new Promise((done) => (ms === 0 ? setImmediate(done) : setTimeout(done, ms))),
  });
  return {
    folder,
    stores,
    lane,
    async fill(records) {
      for (let left = records - Number(lane.head().seq); left > 0; left -= 5_000)
        await Promise.all(Array.from({ length: Math.min(left, 5_000) }, () => lane.append(record())));
    },
    async seal() {
      const begun = performance.now();
      const sealing = await startSealing(folder, quiet, { intervalMs: 600_000 });
      await sealing.stop();
      return performance.now() - begun;
    },
    close() {
      stores.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const toldSchema = z.object({
  verdict: z.string(),
  entries: z.number(),
  ms: z.number(),
  peak_bytes: z.number(),
});

/** Verifies a folder in a process of its own; on one core of the machine, where that is asked. */
export async function verifyApart(
  folder: string,
  what: 'hashes' | 'signatures',
  cores: 'one' | 'all' = 'all',
): Promise<z.infer<typeof toldSchema>> {
  const child = fileURLToPath(new URL('./verify-child.ts', import.meta.url));
  const [program, ...given] = [
    ...(cores === 'one' ? ['taskset', '-c', '0'] : []),
    process.execPath,
    child,
    folder,
  ];
  const { stdout } = await promisify(execFile)(program ?? '', [...given, what]);
  return toldSchema.parse(JSON.parse(stdout));
}
