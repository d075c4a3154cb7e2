/** A sealed store with a past: lanes that were opened and closed one after the other, fifty a day, up to now. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTime } from 'ulid';
import * as z from 'zod';
import { openTrust } from '../adapters/local/trust-file.ts';
import { startSealing } from '../local/sealing.ts';
import { openStores, type Stores } from '../local/stores.ts';
import { type Lane, openLane } from '../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import type { NewRecord } from '../src/ledger/record.ts';
import type { Trust } from '../src/ledger/trust.ts';
import type { Clock, Table } from '../src/ports.ts';
import { quiet, record } from './sealed-store.ts';
import { fillUnsigned } from './unsigned-store.ts';

const pastSchema = z.object({
  /** Milliseconds: when it was last written. */
  now: z.number(),
  /** Ids of executions, one of the first lane and one of the last. */
  oldest: z.string(),
  newest: z.string(),
});

export interface AgedStore extends z.infer<typeof pastSchema> {
  readonly folder: string;
  /** Removes it, unless it is kept for the next benchmark. */
  done(): void;
}

const BETWEEN_MS = (24 * 3_600_000) / 50;
const RUN_MS = 250;
const random = (length: number) => new Uint8Array(randomBytes(length));

/** Records that wait at once: so their times are spread over the life of their lane. */
const AT_ONCE = 256;
/** Larger stores are filled without signatures: nobody checks them but a verification that asks for each. */
const UNSIGNED_FROM = { records: 1_000_000, lanes: 10_000 };

/**
 * `records` in all, those that open and close the lanes besides. Made anew; or once, where the environment variable
 * `AGE_STORES` names a folder to keep stores in, as the large ones take long to make.
 */
export async function openAgedStore(records: number, lanes: number): Promise<AgedStore> {
  const { AGE_STORES: keep } = process.env;
  if (keep === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-age-'));
    return {
      folder,
      ...(await make(folder, records, lanes)),
      done: () => rmSync(folder, { recursive: true }),
    };
  }
  const folder = join(keep, `${records}-in-${lanes}`);
  const past = join(folder, 'past.json');
  if (!existsSync(past)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(past, JSON.stringify(await make(folder, records, lanes)));
  }
  return { folder, ...pastSchema.parse(JSON.parse(readFileSync(past, 'utf8'))), done: () => undefined };
}

async function make(folder: string, records: number, lanes: number): Promise<z.infer<typeof pastSchema>> {
  const stores = await openStores(folder);
  const trust = await openTrust(join(folder, 'trust.json'), stores);
  let now = Date.now() - lanes * BETWEEN_MS;
  const clock = () => now;
  const writing = writingTo(stores, trust, clock);
  const ids: string[] = [];
  let opened = now;
  let begun: string | undefined;
  /** A run begins, or ends a moment later. */
  const next = () => {
    const execution_id = begun ?? executionId(now);
    const ends = begun !== undefined;
    begun = ends ? undefined : execution_id;
    if (ends) now += RUN_MS;
    else ids.push(execution_id);
    return runRecord(execution_id, ends);
  };
  const pause = (): void => {
    now = opened = Math.max(now, opened + BETWEEN_MS);
  };
  if (records >= UNSIGNED_FROM.records || lanes >= UNSIGNED_FROM.lanes) {
    await fillUnsigned({ ...writing, folder, stores, next, pause }, records, lanes);
  } else {
    for (let at = 0; at < lanes; at += 1) {
      const lane = await openLane({ ...writing, table: stores.table });
      for (let left = Math.ceil(records / lanes); left > 0; left -= AT_ONCE)
        await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => lane.append(next())));
      await lane.close();
      pause();
    }
  }
  stores.close();
  await sealAll(folder);
  return { now, oldest: ids[0] ?? '', newest: ids.at(-1) ?? '' };
}

const writingTo = (stores: Stores, trust: Trust, clock: Clock) => ({
  authority: stores.authority,
  subjects: new SubjectKeys({ table: stores.subjects, clock, random }),
  clock,
  random,
  ids: (prefix: string) => `${prefix}_bench`,
  origin: trust.origin,
  code: 'bench',
  region: 'local',
  max_merge_delay_seconds: trust.max_merge_delay_seconds,
  together: true,
  pseudonym: createPseudonym(stores.pseudonymKey, undefined),
  issuerName: (issuer: string) => issuer,
  wait: (ms: number) =>
    new Promise<void>((done) => (ms === 0 ? setImmediate(done) : void setTimeout(done, ms))),
});

const sealAll = async (folder: string): Promise<void> =>
  (await startSealing(folder, quiet, { intervalMs: 3_600_000 })).stop();

/**
 * One more lane, for `work`, whose store goes through `seen`; closed and sealed after it. It stays: a store that is kept has
 * one more each time.
 */
export async function withNextLane<Seen extends Table>(
  folder: string,
  seen: (table: Table) => Seen,
  work: (opened: {
    readonly lane: Lane;
    readonly table: Seen;
    readonly next: () => NewRecord;
  }) => Promise<void>,
): Promise<void> {
  const stores = await openStores(folder);
  const trust = await openTrust(join(folder, 'trust.json'), stores);
  const table = seen(stores.table);
  const lane = await openLane({ ...writingTo(stores, trust, Date.now), table });
  await work({ lane, table, next: () => runRecord(executionId(Date.now()), false) });
  await lane.close();
  stores.close();
  await sealAll(folder);
}

const runRecord = (execution_id: string, ends: boolean) => {
  const { data, ...rest } = record();
  return { ...rest, type: ends ? 'workflow.succeeded' : 'decision.made', data: { ...data, execution_id } };
};

const executionId = (now: number): string =>
  `exe_${encodeTime(now, 10)}${Array.from(random(16), (byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte % 32]).join('')}`;
