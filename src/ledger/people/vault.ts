/**
 * Working state that holds personal values (a request that waits for approval, an answer kept for a retry) is
 * sealed under the key of the person it is about, as records are: who is erased is erased there as well.
 */
import { decodeTime } from 'ulid';
import type { Blobs, Ids, Random } from '../../ports.ts';
import type { PrincipalId } from '../../terms.ts';
import type { Sealed } from '../record.ts';
import { type SubjectKeys, sealPersonal } from './personal.ts';
import type { Pseudonym } from './pseudonym.ts';

export interface Vault {
  /** `value` must be JSON; it comes back as the same JSON. The text is at most 100 KB and may be stored anywhere. */
  seal(who: PrincipalId, value: object): Promise<string>;
  /** Undefined when the person was erased since, or the text is past the time that large ones are kept. */
  open(sealed: string): Promise<unknown>;
  /** Who a `sub` alone meant, in what was sealed before issuers were told apart. */
  formerly(sub: string): PrincipalId;
}

export interface VaultDeps {
  readonly subjects: SubjectKeys;
  readonly pseudonym: Pseudonym;
  /** `iss` of the issuer whose people are on record by `sub` alone; undefined where no issuer is trusted. */
  readonly home: string | undefined;
  readonly random: Random;
  readonly documents: Pick<Blobs, 'get' | 'put'>;
  readonly ids: Ids;
}

/** An item of the store takes 400 KB in all; what is larger is a document, sealed all the same. */
const LARGEST_TEXT = 100_000;
/** Documents under it may be removed after 100 days, as `removeOldBoxes` does: no working state lives longer. */
export const SEALED_PREFIX = 'sealed/';
const KEPT_MS = 100 * 86_400_000;

type Text = Sealed | { readonly ref: string };

export function createVault({ subjects, pseudonym, home, random, documents, ids }: VaultDeps): Vault {
  return {
    async seal(who, value) {
      const key = await subjects.forSealing(pseudonym(who));
      const text = JSON.stringify(sealPersonal({ text: JSON.stringify(value) }, key, random));
      if (text.length <= LARGEST_TEXT) return text;
      const ref = `${SEALED_PREFIX}${ids('box')}.json`;
      await documents.put(ref, new TextEncoder().encode(text));
      return JSON.stringify({ ref } satisfies Text);
    },

    async open(sealed) {
      // Only `seal` makes these texts.
      const text = JSON.parse(sealed) as Text;
      const box = 'ref' in text ? await fetched(documents, text.ref) : text;
      const opened = box && (await subjects.open(box));
      return opened?.ok && typeof opened.personal.text === 'string'
        ? JSON.parse(opened.personal.text)
        : undefined;
    },

    formerly: (sub) => ({ issuer: home ?? 'unknown', sub }),
  };
}

async function fetched(documents: VaultDeps['documents'], name: string): Promise<Sealed | undefined> {
  const bytes = await documents.get(name);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Sealed);
}

/** For stores without a rule of their own that removes what is old. Returns how many were removed. */
export async function removeOldBoxes(
  documents: Pick<Blobs, 'list' | 'remove'>,
  now: number,
): Promise<number> {
  let removed = 0;
  for await (const name of documents.list(SEALED_PREFIX)) {
    const id = /box_([0-7][0-9A-HJKMNP-TV-Z]{25})\.json$/.exec(name)?.[1];
    if (id === undefined || decodeTime(id) > now - KEPT_MS) continue;
    await documents.remove(name);
    removed += 1;
  }
  return removed;
}
