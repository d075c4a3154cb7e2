/**
 * Erasure with proof: every key of a subject is destroyed, then the ledger says so. The chain covers the
 * ciphertext and stays whole; nobody can read it any more. Repeating it after a failure is safe, and needed:
 * until the proof is on record, verification reports the missing key.
 */
import type { JsonObject } from '../ports.ts';
import { pseudonym, type SubjectKeys } from './personal.ts';
import type { Ledger, Receipt } from './record.ts';

export interface EraseDeps {
  readonly ledger: Ledger;
  readonly subjects: SubjectKeys;
  readonly pseudonymKey: Uint8Array;
}

export interface Erasure {
  readonly sub: string;
  readonly trace: string;
  /** Record hash of the `revocation.requested` that asked for it. */
  readonly after?: string;
  readonly reason?: string;
}

/** The receipt of the proof, and the names of the keys that are gone. */
export async function eraseSubject(
  { ledger, subjects, pseudonymKey }: EraseDeps,
  { sub, trace, after, reason }: Erasure,
): Promise<{ receipt: Receipt; keys: readonly string[] }> {
  const keys = await subjects.erase(pseudonym(sub, pseudonymKey));
  // Only the pseudonym goes on record: a personal field here would make a new key for the erased subject.
  const data: JsonObject = { keys: [...keys], ...(reason === undefined ? {} : { reason }) };
  const receipt = await ledger.append({
    type: 'revocation.erased',
    trace,
    sub,
    data,
    ...(after === undefined ? {} : { after }),
  });
  return { receipt, keys };
}
