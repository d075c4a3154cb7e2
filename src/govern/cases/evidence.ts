/**
 * What a case rests on, sealed under a key of the case's own: whoever may decide it can read it, whatever becomes of
 * the key of who reported it; and it goes when the case's key goes, and with nothing else.
 */
import type { JsonObject } from '../../json.ts';
import { type SubjectKeys, sealPersonal } from '../../ledger/people/personal.ts';
import type { LedgerRecord, Sealed } from '../../ledger/record.ts';
import type { Random } from '../../ports.ts';

export interface EvidenceDeps {
  readonly subjects: SubjectKeys;
  readonly random: Random;
  /** One record by its id. */
  readonly record: (id: string) => Promise<LedgerRecord | undefined>;
}

export interface CaseEvidence {
  /** For the record's `data.sealed`. */
  seal(violation_id: string, said: JsonObject): Promise<JsonObject>;
  /** What the record of this id has sealed; `destroyed` once the key is gone, undefined where it sealed nothing. */
  open(record_id: string): Promise<JsonObject | 'destroyed' | undefined>;
  /** Names of the keys that are gone. */
  destroy(violation_id: string): Promise<readonly string[]>;
}

export function createEvidence({ subjects, random, record }: EvidenceDeps): CaseEvidence {
  return {
    async seal(violation_id, said) {
      return { ...sealPersonal(said, await subjects.forSealing(violation_id), random) };
    },

    async open(record_id) {
      const box = sealedIn(await record(record_id));
      if (box === undefined) return undefined;
      const opened = await subjects.open(box);
      return opened.ok ? opened.personal : 'destroyed';
    },

    destroy: (violation_id) => subjects.erase(violation_id),
  };
}

function sealedIn(record: LedgerRecord | undefined): Sealed | undefined {
  const box = record?.data.sealed;
  if (typeof box !== 'object' || box === null || Array.isArray(box)) return undefined;
  const { key, nonce, box: text } = box;
  if (typeof key !== 'string' || typeof nonce !== 'string' || typeof text !== 'string') return undefined;
  return { key, nonce, box: text };
}
