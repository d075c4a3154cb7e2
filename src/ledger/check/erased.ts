/**
 * Sealed personal fields whose key is gone: lawfully, if a proof of the erasure is on record, and then nothing
 * is wrong; otherwise somebody destroyed a key behind the ledger's back.
 */

import { inBatches } from '../../basics/batches.ts';
import type { LedgerRecord } from '../record.ts';
import type { Finding } from '../verdict.ts';

/** Whether a subject key (`{pseudonym}.{generation}`) still exists. */
export type KeyExists = (name: string) => Promise<boolean>;

export class Erasures {
  /** Key → records sealed under it. */
  readonly #sealed = new Map<string, { lane: number; seq: number; records: number }>();
  /** Key → the record that proves its destruction. */
  readonly #proofs = new Map<string, string>();

  see(record: LedgerRecord): void {
    const key = record.personal?.key;
    if (typeof key === 'string') {
      const known = this.#sealed.get(key);
      if (known === undefined) this.#sealed.set(key, { lane: record.lane, seq: record.seq, records: 1 });
      else known.records += 1;
    }
    const { keys } = record.data;
    if (record.type !== 'revocation.erased' || !Array.isArray(keys)) return;
    for (const name of keys)
      if (typeof name === 'string') this.#proofs.set(name, `${record.lane}.${record.seq}`);
  }

  async findings(exists?: KeyExists): Promise<Finding[]> {
    const gone = exists === undefined ? new Set() : await this.#gone(exists);
    const findings: Finding[] = [];
    for (const [key, { lane, seq, records }] of this.#sealed) {
      const proof = this.#proofs.get(key);
      if (proof !== undefined) {
        const detail = `personal fields of ${records} record${records === 1 ? '' : 's'} were erased lawfully; the proof is ${proof}`;
        findings.push({ verdict: 'ERASED', lane, seq, detail });
      } else if (gone.has(key)) {
        findings.push({
          verdict: 'MISSING',
          lane,
          seq,
          detail: 'the key of its personal fields is gone, and no erasure is on record',
        });
      }
    }
    return findings;
  }

  /** Keys that are not there although nothing says that they were erased. */
  async #gone(exists: KeyExists): Promise<Set<string>> {
    const expected = [...this.#sealed.keys()].filter((key) => !this.#proofs.has(key));
    const there = await inBatches(expected, exists);
    return new Set(expected.filter((_, index) => there[index] === false));
  }
}
