/**
 * Verifies one entry of the ledger from its raw bytes, believing nothing of the server's but the public keys, and says of each
 * step how it came out. Docs/ledger-format.md, sections 1, 2 and 4.
 */
import * as z from 'zod/mini';
import { type Bytes, fromBase64, hex, json, verifies } from './bytes.ts';
import { laneKey } from './certificate.ts';
import { openCheckpoint, type Trust } from './note.ts';
import { type EntryProof, parseProof } from './proof.ts';
import { extendsTree, isIncluded, leafHash, type TreeHead } from './tree.ts';

export type StepName =
  | 'checkpoint'
  | 'history'
  | 'inclusion'
  | 'certificate'
  | 'signature'
  | 'link'
  | 'shown';
export type StepVerdict = 'ok' | 'bad' | 'waiting';

export interface Step {
  readonly name: StepName;
  readonly verdict: StepVerdict;
  readonly detail: string;
}

/** The entry as lists and pages show it: what the server says, to be held against what was signed. */
export interface ShownEntry {
  readonly id: string;
  readonly record_hash: string;
  readonly signature: string;
  readonly record: unknown;
}

export interface VerifySources {
  /** The `.tlog-proof` of an entry; undefined while it is not sealed. */
  proof(id: string): Promise<string | undefined>;
  /** Hashes by which the tree of `to` extends that of `from`; undefined when the server has no tree of `to`. */
  consistency(from: number, to: number): Promise<readonly Bytes[] | undefined>;
}

export interface Verified {
  /** `bad` if any step is; `waiting` while the entry is not sealed. */
  readonly verdict: StepVerdict;
  readonly steps: readonly Step[];
  /** The head that was verified, for whoever remembers it. */
  readonly head?: TreeHead;
}

/** @param seen the last head that this browser verified: a log may only ever grow */
export async function verifyEntry(
  shown: ShownEntry,
  trust: Trust,
  sources: VerifySources,
  seen?: TreeHead,
): Promise<Verified> {
  const text = await sources.proof(shown.id);
  if (text === undefined)
    return end([
      {
        name: 'checkpoint',
        verdict: 'waiting',
        detail: 'Recorded, and not yet sealed: no checkpoint covers it.',
      },
    ]);
  const proof = parseProof(text);
  const place = placeIn(proof);
  if (proof === undefined || place === undefined || place.id !== shown.id)
    return end([bad('inclusion', `The server’s proof is not of entry ${shown.id}.`)]);

  const steps: Step[] = [];
  const opened = await openCheckpoint(proof.checkpoint, trust);
  if (!opened.ok) return end([bad('checkpoint', opened.why)]);
  const { head } = opened;
  steps.push(ok('checkpoint', `Tree of ${head.size} entries, signed by ${opened.signedBy.join(', ')}.`));
  if (seen !== undefined) steps.push(await history(seen, head, sources));
  const hash = await leafHash(proof.entry);
  steps.push(
    (await isIncluded(hash, { ...proof, ...head }))
      ? ok(
          'inclusion',
          `Leaf ${proof.index} of the tree, by ${proof.path.length} hashes up to the signed root.`,
        )
      : bad('inclusion', 'The audit path does not lead to the root of the checkpoint.'),
  );
  steps.push(...(await authorship(proof.entry, place, trust, sources)));
  steps.push(await link(place, trust, sources));
  steps.push(asShown(shown, proof.entry, hash));
  return end(steps, head);
}

const ok = (name: StepName, detail: string): Step => ({ name, verdict: 'ok', detail });
const bad = (name: StepName, detail: string): Step => ({ name, verdict: 'bad', detail });

function end(steps: readonly Step[], head?: TreeHead): Verified {
  const worst = (['bad', 'waiting'] as const).find((verdict) =>
    steps.some((step) => step.verdict === verdict),
  );
  return { verdict: worst ?? 'ok', steps, ...(head === undefined ? {} : { head }) };
}

const placed = z.object({
  lane: z.number(),
  seq: z.number(),
  prev: z.string(),
  type: z.string(),
  data: z.unknown(),
});
interface Place {
  readonly id: string;
  readonly lane: number;
  readonly seq: number;
  readonly prev: string;
  readonly tombstone: boolean;
}

function placeIn(proof: EntryProof | undefined): Place | undefined {
  const read = placed.safeParse(proof === undefined ? undefined : json(bytesOf(proof.entry)));
  if (!read.success) return undefined;
  const { lane, seq, prev, type, data } = read.data;
  const tombstone = type === 'ledger.lane_closed' && reasonOf(data) === 'tombstone';
  return { id: `${lane}.${seq}`, lane, seq, prev, tombstone };
}

const closed = z.object({ reason: z.string() });
const reasonOf = (data: unknown): string | undefined => closed.safeParse(data).data?.reason;

const bytesOf = (entry: Bytes): Bytes => entry.slice(0, -64);
const signatureOf = (entry: Bytes): Bytes => entry.slice(-64);

async function history(seen: TreeHead, head: TreeHead, sources: VerifySources): Promise<Step> {
  // An answer that is a little older than the last is a cache, not a rollback: the longer tree must begin with the shorter.
  const [before, now] = seen.size <= head.size ? [seen, head] : [head, seen];
  const grown = before.size === now.size ? [] : await sources.consistency(before.size, now.size);
  if (grown === undefined)
    return bad(
      'history',
      `A tree of ${now.size} entries was verified here before, and the log is shorter now: its end is gone.`,
    );
  return (await extendsTree(before, now, grown))
    ? ok(
        'history',
        `The tree of ${now.size} begins with the whole tree of ${before.size} that was verified here.`,
      )
    : bad(
        'history',
        `The tree of ${now.size} entries does not begin with the tree of ${before.size}: history was rewritten.`,
      );
}

/** Another entry of the same lane with its proof checked; the reason why not, as a sentence. */
async function sealedEntry(id: string, trust: Trust, sources: VerifySources): Promise<Bytes | string> {
  const text = await sources.proof(id);
  const proof = text === undefined ? undefined : parseProof(text);
  if (proof === undefined) return `There is no proof of entry ${id}.`;
  if (placeIn(proof)?.id !== id) return `The server’s proof is not of entry ${id}.`;
  const opened = await openCheckpoint(proof.checkpoint, trust);
  if (!opened.ok) return opened.why;
  const included = await isIncluded(await leafHash(proof.entry), { ...proof, ...opened.head });
  return included ? proof.entry : `Entry ${id} does not stand in the tree.`;
}

async function authorship(entry: Bytes, place: Place, trust: Trust, sources: VerifySources): Promise<Step[]> {
  const first = place.seq === 0 ? entry : await sealedEntry(`${place.lane}.0`, trust, sources);
  if (typeof first === 'string') return [bad('certificate', first)];
  const vouched = await laneKey(bytesOf(first), place.lane, trust);
  if (!vouched.ok) return [bad('certificate', vouched.why)];
  const keys = place.tombstone ? authorityKeys(trust) : [vouched.key];
  const signed = await Promise.all(keys.map((key) => verifies(key, bytesOf(entry), signatureOf(entry))));
  const signer = place.tombstone ? 'The lane authority' : `The key of lane ${place.lane}`;
  return [
    ok('certificate', `The lane authority vouches for the key of lane ${place.lane}.`),
    signed.includes(true)
      ? ok('signature', `${signer} signed these ${entry.length - 64} bytes (Ed25519).`)
      : bad('signature', `${signer} did not sign these bytes.`),
  ];
}

const authorityKeys = ({ authorities }: Trust): Bytes[] =>
  authorities.flatMap(({ public_key }) => fromBase64(public_key) ?? []);

async function link({ lane, seq, prev }: Place, trust: Trust, sources: VerifySources): Promise<Step> {
  if (seq === 0)
    return /^0{64}$/.test(prev)
      ? ok('link', 'The first record of its lane.')
      : bad('link', 'A first record may follow no other.');
  const before = await sealedEntry(`${lane}.${seq - 1}`, trust, sources);
  if (typeof before === 'string') return bad('link', before);
  return hex(await leafHash(before)) === prev
    ? ok('link', `It names the hash of ${lane}.${seq - 1}, the record before it.`)
    : bad('link', `It does not follow ${lane}.${seq - 1}, the record that stands before it.`);
}

/** What is on the page must be what was signed: the list could show anything beside an honest proof. */
function asShown(shown: ShownEntry, entry: Bytes, hash: Bytes): Step {
  const signature = btoa(String.fromCharCode(...signatureOf(entry)));
  if (shown.record_hash !== hex(hash) || shown.signature !== signature)
    return bad('shown', 'Hash or signature on this page are not those of the sealed record.');
  return sameJson(shown.record, json(bytesOf(entry)))
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
