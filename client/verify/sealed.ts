/**
 * Verifies what stands sealed at a place of the ledger from its raw bytes, believing nothing of the server's but the public keys,
 * and says of each step how it came out. Docs/ledger-format.md, sections 1, 2 and 4.
 */
import * as z from 'zod/mini';
import { type Bytes, fromBase64, json } from './bytes.ts';
import { laneKey } from './certificate.ts';
import { openCheckpoint, type Trust } from './note.ts';
import { type EntryProof, parseProof } from './proof.ts';
import { isOfARun, isSignedBy, type Signed, signedOf } from './signed.ts';
import { extendsTree, isIncluded, leafHash, type TreeHead } from './tree.ts';

export type StepName =
  | 'checkpoint'
  | 'history'
  | 'inclusion'
  | 'certificate'
  | 'signature'
  | 'link'
  | 'shown'
  | 'promised';
/** `skipped`: the server does not let this token have what it takes. */
export type StepVerdict = 'ok' | 'bad' | 'waiting' | 'skipped';

export interface Step {
  readonly name: StepName;
  readonly verdict: StepVerdict;
  readonly detail: string;
}

export interface VerifySources {
  /** The `.tlog-proof` of an entry; undefined while it is not sealed. */
  proof(id: string): Promise<string | undefined>;
  /** Hashes by which the tree of `to` extends that of `from`; undefined when the server has no tree of `to`. */
  consistency(from: number, to: number): Promise<readonly Bytes[] | 'not_allowed' | undefined>;
}

export interface Verified {
  /** `bad` if any step is; `waiting` while the entry is not sealed. */
  readonly verdict: Exclude<StepVerdict, 'skipped'>;
  readonly steps: readonly Step[];
  /** The head that was verified, for whoever remembers it. */
  readonly head?: TreeHead;
  /** What stands sealed there, whoever signed it: parsed from the raw bytes. */
  readonly record?: unknown;
}

/** Where a record says that it stands. */
export interface Place {
  readonly id: string;
  readonly lane: number;
  readonly seq: number;
  readonly prev: string;
  readonly tombstone: boolean;
}

export interface Sealed {
  /** b ‖ s. */
  readonly entry: Bytes;
  /** Its leaf hash, which names the record. */
  readonly hash: Bytes;
  readonly place: Place;
  /** Record 0 of its lane, which holds the certificate; undefined where the tree does not hold it. */
  readonly first: Bytes | undefined;
}

/** What stands there, held against what somebody was shown or promised. */
export type Against = (sealed: Sealed) => Promise<readonly Step[]>;

/** @param seen the last head that was verified here: a log may only ever grow */
export async function verifySealed(
  id: string,
  trust: Trust,
  sources: VerifySources,
  seen: TreeHead | undefined,
  against: Against,
): Promise<Verified> {
  const text = await sources.proof(id);
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
  if (proof === undefined || place === undefined || place.id !== id)
    return end([bad('inclusion', `The server’s proof is not of entry ${id}.`)]);

  const steps: Step[] = [];
  const opened = await openCheckpoint(proof.checkpoint, trust);
  if (!opened.ok) return end([bad('checkpoint', opened.why)]);
  const { head } = opened;
  steps.push(ok('checkpoint', `Tree of ${head.size} entries, signed by ${opened.signedBy.join(', ')}.`));
  if (seen !== undefined) steps.push(await history(seen, head, sources));
  const { entry } = proof;
  const hash = await leafHash(entry);
  steps.push(
    (await isIncluded(hash, { ...proof, ...head }))
      ? ok(
          'inclusion',
          `Leaf ${proof.index} of the tree, by ${proof.path.length} hashes up to the signed root.`,
        )
      : bad('inclusion', 'The audit path does not lead to the root of the checkpoint.'),
  );
  const first = place.seq === 0 ? entry : await sealedEntry(`${place.lane}.0`, trust, sources);
  steps.push(...(await authorship(entry, place, first, trust)));
  steps.push(
    ...(await against({ entry, hash, place, first: typeof first === 'string' ? undefined : first })),
  );
  return { ...end(steps, head), record: json(signedOf(entry).bytes) };
}

export const ok = (name: StepName, detail: string): Step => ({ name, verdict: 'ok', detail });
export const bad = (name: StepName, detail: string): Step => ({ name, verdict: 'bad', detail });

function end(steps: readonly Step[], head?: TreeHead): Verified {
  const worst = (['bad', 'waiting'] as const).find((verdict) =>
    steps.some((step) => step.verdict === verdict),
  );
  return { verdict: worst ?? 'ok', steps, ...(head === undefined ? {} : { head }) };
}

const placed = z.object({
  v: z.union([z.literal(1), z.literal(2)]),
  lane: z.number(),
  seq: z.number(),
  prev: z.string(),
  type: z.string(),
  data: z.unknown(),
});

function placeIn(proof: EntryProof | undefined): Place | undefined {
  if (proof === undefined) return undefined;
  const { bytes } = signedOf(proof.entry);
  const read = placed.safeParse(json(bytes));
  if (!read.success || (read.data.v === 2) !== isOfARun(bytes)) return undefined;
  const { v, lane, seq, prev, type, data } = read.data;
  // A record of a run is none, whatever it says: with others only a lane signs.
  const tombstone = v === 1 && type === 'ledger.lane_closed' && reasonOf(data) === 'tombstone';
  return { id: `${lane}.${seq}`, lane, seq, prev, tombstone };
}

const closed = z.object({ reason: z.string() });
const reasonOf = (data: unknown): string | undefined => closed.safeParse(data).data?.reason;

async function history(seen: TreeHead, head: TreeHead, sources: VerifySources): Promise<Step> {
  // An answer that is a little older than the last is a cache, not a rollback: the longer tree must begin with the shorter.
  const [before, now] = seen.size <= head.size ? [seen, head] : [head, seen];
  const grown = before.size === now.size ? [] : await sources.consistency(before.size, now.size);
  if (grown === 'not_allowed')
    return {
      name: 'history',
      verdict: 'skipped',
      detail: 'That the log only grew is shown to readers of the whole ledger.',
    };
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
export async function sealedEntry(id: string, trust: Trust, sources: VerifySources): Promise<Bytes | string> {
  const text = await sources.proof(id);
  const proof = text === undefined ? undefined : parseProof(text);
  if (proof === undefined) return `There is no proof of entry ${id}.`;
  if (placeIn(proof)?.id !== id) return `The server’s proof is not of entry ${id}.`;
  const opened = await openCheckpoint(proof.checkpoint, trust);
  if (!opened.ok) return opened.why;
  const included = await isIncluded(await leafHash(proof.entry), { ...proof, ...opened.head });
  return included ? proof.entry : `Entry ${id} does not stand in the tree.`;
}

async function authorship(entry: Bytes, place: Place, first: Bytes | string, trust: Trust): Promise<Step[]> {
  if (typeof first === 'string') return [bad('certificate', first)];
  const vouched = await laneKey(signedOf(first).bytes, place.lane, trust);
  if (!vouched.ok) return [bad('certificate', vouched.why)];
  const keys = place.tombstone ? authorityKeys(trust) : [vouched.key];
  const signed = signedOf(entry);
  const genuine = await Promise.all(keys.map((key) => isSignedBy(key, signed)));
  const signer = place.tombstone ? 'The lane authority' : `The key of lane ${place.lane}`;
  return [
    ok('certificate', `The lane authority vouches for the key of lane ${place.lane}.`),
    genuine.includes(true)
      ? ok('signature', `${signer} signed ${whatIs(signed)} (Ed25519).`)
      : bad('signature', `${signer} did not sign these bytes.`),
  ];
}

const whatIs = ({ bytes: { length }, run }: Signed): string =>
  run === undefined
    ? `these ${length} bytes`
    : `a run of ${run.size} records, and these ${length} bytes are record ${run.index + 1} of it`;

const authorityKeys = ({ authorities }: Trust): Bytes[] =>
  authorities.flatMap(({ public_key }) => fromBase64(public_key) ?? []);
