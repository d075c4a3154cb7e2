/**
 * Erasure with proof: every key of a subject is destroyed, then the ledger says so. The chain covers the
 * ciphertext and stays whole; nobody can read it any more. Repeating it after a failure is safe, and needed:
 * until the proof is on record, verification reports the missing key.
 */
import type { JsonObject } from '../../json.ts';
import type { Ledger, Receipt } from '../record.ts';
import type { SubjectKeys } from './personal.ts';

export interface EraseDeps {
  readonly ledger: Ledger;
  readonly subjects: SubjectKeys;
}

export interface Erasure {
  /** Pseudonym. */
  readonly subject: string;
  readonly trace: string;
  /** Record hash of the `revocation.requested` that asked for it. */
  readonly after?: string;
  /** What else the proof says; nothing personal. */
  readonly data?: JsonObject;
}

/** The receipt of the proof, and the names of the keys that are gone. */
export async function eraseSubject(
  { ledger, subjects }: EraseDeps,
  { subject, trace, after, data }: Erasure,
): Promise<{ receipt: Receipt; keys: readonly string[] }> {
  const keys = await subjects.erase(subject);
  // Only the pseudonym goes on record: a personal field here would make a new key for the erased subject.
  const receipt = await ledger.append({
    type: 'revocation.erased',
    trace,
    subject,
    data: { ...data, keys: [...keys] },
    ...(after === undefined ? {} : { after }),
  });
  return { receipt, keys };
}
