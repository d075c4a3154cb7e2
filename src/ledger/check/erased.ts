/**
 * Sealed personal fields whose key is gone: lawfully, if a proof of the erasure is on record, and then nothing
 * is wrong; otherwise somebody destroyed a key behind the ledger's back. One box of each key is opened, so that a key
 * that was put in the place of another one is not taken for it.
 */

import { inBatches } from '../../basics/batches.ts';
import type { KeyTrial } from '../people/personal.ts';
import type { LedgerRecord, Sealed } from '../record.ts';
import type { Finding } from '../verdict.ts';

/** Tries the key of a box on it, where the key table may be read. */
export type TryKey = (box: Sealed) => Promise<KeyTrial>;

interface First {
  readonly lane: number;
  readonly seq: number;
  readonly box: Sealed;
  records: number;
}

export class Erasures {
  /** Key → the first record that is sealed under it, and how many there are. */
  readonly #sealed = new Map<string, First>();
  /** Key → the record that proves its destruction. */
  readonly #proofs = new Map<string, string>();

  see(record: LedgerRecord): void {
    const { personal: box, lane, seq } = record;
    if (isBox(box)) {
      const known = this.#sealed.get(box.key);
      if (known === undefined) this.#sealed.set(box.key, { lane, seq, box, records: 1 });
      else known.records += 1;
    }
    const { keys } = record.data;
    if (record.type !== 'revocation.erased' || !Array.isArray(keys)) return;
    for (const name of keys) if (typeof name === 'string') this.#proofs.set(name, `${lane}.${seq}`);
  }

  async findings(tryKey?: TryKey): Promise<Finding[]> {
    const firsts = [...this.#sealed];
    const trials = tryKey === undefined ? [] : await inBatches(firsts, ([, { box }]) => tryKey(box));
    return firsts.flatMap(([key, { lane, seq, records }], index): Finding[] => {
      const proof = this.#proofs.get(key);
      const trial = trials[index];
      if (proof === undefined) {
        const detail = trial === undefined ? undefined : UNLAWFUL[trial];
        return detail === undefined ? [] : [{ verdict: 'MISSING', lane, seq, detail }];
      }
      // A copy of the key outlived the erasure, and somebody put it back.
      if (trial === 'opens')
        return [{ verdict: 'MODIFIED', lane, seq, detail: `its key was erased (${proof}) and is back` }];
      const detail = `personal fields of ${records} record${records === 1 ? '' : 's'} were erased lawfully; the proof is ${proof}`;
      return [{ verdict: 'ERASED', lane, seq, detail }];
    });
  }
}

const UNLAWFUL: Readonly<Record<KeyTrial, string | undefined>> = {
  opens: undefined,
  gone: 'the key of its personal fields is gone, and no erasure is on record',
  replaced: 'the key of its personal fields is gone: the one in its place does not open them',
};

/** Whoever holds a lane's key wrote it, so it is looked at first. */
const isBox = (box: Partial<Sealed> | undefined): box is Sealed =>
  typeof box?.key === 'string' && typeof box.nonce === 'string' && typeof box.box === 'string';
