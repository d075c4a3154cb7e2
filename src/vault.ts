/**
 * Working state that holds personal values (a request that waits for approval, an answer kept for a retry) is
 * sealed under the key of the person it is about, as records are: who is erased is erased there as well.
 */
import { type SubjectKeys, sealPersonal } from './ledger/personal.ts';
import type { Sealed } from './ledger/record.ts';
import type { Json, Random } from './ports.ts';

export interface Vault {
  /** `value` must be JSON; it comes back as the same JSON. The text may be stored anywhere. */
  seal(sub: string, value: object): Promise<string>;
  /** Undefined when the person was erased since. */
  open(sealed: string): Promise<unknown>;
}

export function createVault(deps: {
  readonly subjects: SubjectKeys;
  readonly pseudonym: (sub: string) => string;
  readonly random: Random;
}): Vault {
  return {
    async seal(sub, value) {
      const key = await deps.subjects.forSealing(deps.pseudonym(sub));
      return JSON.stringify(sealPersonal({ text: JSON.stringify(value) }, key, deps.random));
    },
    async open(sealed) {
      const opened = await deps.subjects.open(JSON.parse(sealed) as Sealed);
      const text: Json | undefined = opened.ok ? opened.personal.text : undefined;
      return typeof text === 'string' ? JSON.parse(text) : undefined;
    },
  };
}
