/** A ledger in memory with its own time and randomness, for tests of everything that stands on lanes. */

import { hash } from 'node:crypto';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { signerFromSeed } from '../../src/ledger/ed25519.ts';
import type { AuthorityKey } from '../../src/ledger/lane/certificate.ts';
import { type Lane, type LaneDeps, openLane } from '../../src/ledger/lane/lane.ts';
import type { LaneTrust } from '../../src/ledger/lane/lane-check.ts';
import { checkLanes, type LaneSource } from '../../src/ledger/lane/verify-lanes.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import type { NewRecord } from '../../src/ledger/record.ts';
import { conclude, type Verification } from '../../src/ledger/verdict.ts';
import type { Item, Random, Signer, Table } from '../../src/ports.ts';
import { issuers, pseudonym } from '../support/person.ts';

export const ORIGIN = 'chancery.test/ledger';
export const START = Date.parse('2026-11-21T07:00:00.000Z');
export const TRACE = 'a'.repeat(32);

/** The same bytes for the same seed in every run. */
export function seeded(seed: string): Random {
  let calls = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      calls += 1;
      bytes.set(hash('sha256', `${seed}/${calls}`, 'buffer').subarray(0, Math.min(32, length - at)), at);
    }
    return bytes;
  };
}

export const authoritySigner = (name = 'authority'): Signer => signerFromSeed(seeded(name)(32));
export const authorityKey = (signer: Signer, range: Partial<AuthorityKey> = {}): AuthorityKey => ({
  public_key: Buffer.from(signer.publicKey).toString('base64'),
  from_lane: 1,
  ...range,
});

export interface TestLedger {
  readonly table: Table;
  readonly keys: Table;
  readonly subjects: SubjectKeys;
  readonly authority: Signer;
  readonly trust: LaneTrust;
  readonly deps: LaneDeps;
  /** Milliseconds to add to the time that the ledger sees. */
  readonly time: { now: number };
  lane(over?: Partial<LaneDeps>): Promise<Lane>;
}

export function testLedger(over: { table?: Table; keys?: Table; seed?: string } = {}): TestLedger {
  const table = over.table ?? openSqliteTable(':memory:');
  const keys = over.keys ?? openSqliteTable(':memory:', { erasing: true });
  const time = { now: START };
  const clock = () => time.now;
  const random = seeded(over.seed ?? 'ledger');
  const authority = authoritySigner();
  const subjects = new SubjectKeys({ table: keys, clock, random });
  let ids = 0;
  const deps: LaneDeps = {
    table,
    subjects,
    authority,
    clock,
    random,
    ids: (prefix) => {
      ids += 1;
      return `${prefix}_${String(ids).padStart(26, '0')}`;
    },
    origin: ORIGIN,
    code: 'test',
    region: 'local',
    max_merge_delay_seconds: 2,
    together: true,
    pseudonym,
    issuerName: issuers.nameOf,
    wait: (ms) => (ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve()),
  };
  return {
    table,
    keys,
    subjects,
    authority,
    trust: { origin: ORIGIN, authorities: [authorityKey(authority)] },
    deps,
    time,
    lane: (changes = {}) => openLane({ ...deps, ...changes }),
  };
}

export const note = (text: string, more: Partial<NewRecord> = {}): NewRecord => ({
  type: 'admin.access',
  trace: TRACE,
  data: { note: text },
  ...more,
});

/** Everything in a partition. */
export async function itemsOf(table: Table, pk: string): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await table.query(pk, after === undefined ? {} : { after });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

/** What a database administrator can do: replace or remove anything, whatever the conditions of the port. */
export async function overwrite(table: Table, item: Item): Promise<void> {
  await table.remove(item.pk, item.sk);
  await table.put(item, 'absent');
}

/** Lanes alone, before anything is sealed. */
export async function verifyLanes(source: LaneSource, trust: LaneTrust): Promise<Verification> {
  const { entries, lanes, findings } = await checkLanes(source, trust);
  return conclude({ entries, lanes, tree_size: 0 }, findings);
}
