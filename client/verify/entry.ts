/** Verifies one entry of the ledger as a list or page shows it: docs/ledger-format.md, sections 1, 2 and 4. */
import { hex, json } from './bytes.ts';
import type { Trust } from './note.ts';
import {
  bad,
  ok,
  type Place,
  type Sealed,
  type Step,
  sealedEntry,
  type Verified,
  type VerifySources,
  verifySealed,
} from './sealed.ts';
import { linkHash, signedOf } from './signed.ts';
import type { TreeHead } from './tree.ts';

/** The entry as lists and pages show it: what the server says, to be held against what was signed. */
export interface ShownEntry {
  readonly id: string;
  readonly record_hash: string;
  readonly signature: string;
  readonly record: unknown;
}

/** @param seen the last head that this browser verified: a log may only ever grow */
export const verifyEntry = (
  shown: ShownEntry,
  trust: Trust,
  sources: VerifySources,
  seen?: TreeHead,
): Promise<Verified> =>
  verifySealed(shown.id, trust, sources, seen, async (sealed) => [
    await link(sealed.place, trust, sources),
    asShown(shown, sealed),
  ]);

async function link({ lane, seq, prev }: Place, trust: Trust, sources: VerifySources): Promise<Step> {
  if (seq === 0)
    return /^0{64}$/.test(prev)
      ? ok('link', 'The first record of its lane.')
      : bad('link', 'A first record may follow no other.');
  const before = await sealedEntry(`${lane}.${seq - 1}`, trust, sources);
  if (typeof before === 'string') return bad('link', before);
  return hex(await linkHash(before)) === prev
    ? ok('link', `It names the hash of ${lane}.${seq - 1}, the record before it.`)
    : bad('link', `It does not follow ${lane}.${seq - 1}, the record that stands before it.`);
}

/** What is on the page must be what was signed: the list could show anything beside an honest proof. */
function asShown(shown: ShownEntry, { entry, hash }: Sealed): Step {
  const { bytes, signature } = signedOf(entry);
  if (shown.record_hash !== hex(hash) || shown.signature !== btoa(String.fromCharCode(...signature)))
    return bad('shown', 'Hash or signature on this page are not those of the sealed record.');
  return sameJson(shown.record, json(bytes))
    ? ok('shown', 'What this page shows is what was signed, member for member.')
    : bad('shown', 'What the server shows differs from the record that was signed.');
}

function sameJson(left: unknown, right: unknown): boolean {
  return stable(left) === stable(right);
}

const stable = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
