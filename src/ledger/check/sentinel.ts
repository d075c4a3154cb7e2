/**
 * The sentinel: nothing legitimate modifies or removes a ledger item, so whatever the store says was modified or
 * removed is on record within seconds, its old image kept where it cannot be replaced. Only removals that a
 * sealed `ledger.pruned` record covers pass.
 */
import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../json.ts';
import type { Blobs, Change, Item, Value } from '../../ports.ts';
import type { TamperKind } from '../../terms.ts';
import { base64, hex, parseRecord, placeOf, recordHash, signedOf } from '../bytes.ts';
import { splitEntry } from '../entry.ts';
import { allPrunings, notedPrunings, pruningMark } from '../places/prunings.ts';
import { type LogView, proofHolds, proveEntry } from './proof.ts';
import { Prunings } from './pruned.ts';

/** `data` of `security.tamper_detected` as the sentinel writes it. Hashes and images are of what was there before. */
export type TamperData = {
  readonly kind: Extract<TamperKind, 'stream_modify' | 'stream_remove'>;
  readonly partition: string;
  readonly place: string;
  readonly lane?: number;
  readonly seq?: number;
  /** Record hash before and after; absent where there were no signed bytes. */
  readonly expected_hash?: string;
  readonly found_hash?: string;
  /** Name of the document with the whole old image, as JSON with bytes in base64. */
  readonly preserved: string;
  /** The old image itself, unless it is large. */
  readonly old_image?: JsonObject;
};

export interface SentinelDeps {
  /** Where old images go: the write-once store. */
  readonly keep: Pick<Blobs, 'put'>;
  /** Puts a `security.tamper_detected` with these data on record. */
  readonly alarm: (data: TamperData) => Promise<unknown>;
  /** Whether a sealed pruning covers the removal of this record. */
  readonly pruned: (lane: number, seq: number) => Promise<boolean>;
}

/** Old images up to this size stand in the alarm itself; a record takes 60 KB. */
const INLINE_CHARACTERS = 24_000;

/**
 * Judges one change; resolves true when it raised the alarm, false when there was nothing to raise. Throws what
 * its parts throw: then the change must be shown again. Shown twice, it raises the alarm twice.
 */
export async function watch(deps: SentinelDeps, change: Change): Promise<boolean> {
  if (change.kind === 'inserted' || !isLedger(change.before)) return false;
  const { before } = change;
  const image = readable(before);
  const text = JSON.stringify(image);
  if (change.kind === 'modified' && text === JSON.stringify(readable(change.after))) return false;
  const place = recordPlace(before);
  if (change.kind === 'removed' && place && (await deps.pruned(place.lane, place.seq))) return false;

  const preserved = nameFor(before, text);
  // The image is kept before the alarm points at it.
  await deps.keep.put(preserved, new TextEncoder().encode(text), { ifAbsent: true });
  const found = change.kind === 'modified' ? hashOf(change.after) : undefined;
  await deps.alarm({
    kind: change.kind === 'modified' ? 'stream_modify' : 'stream_remove',
    partition: before.pk,
    place: before.sk,
    ...place,
    expected_hash: hashOf(before),
    found_hash: found,
    preserved,
    ...(text.length <= INLINE_CHARACTERS ? { old_image: image } : {}),
  });
  return true;
}

/**
 * The removals that the log allows: records of `ledger.pruned` that are proven to stand in the signed tree. One
 * that merely lies in the store is anybody's. They are looked for again whenever a removal is not covered: what is
 * not covered ends in an alarm, which costs more.
 */
export function sealedPrunings(view: LogView): SentinelDeps['pruned'] {
  const lawful = new Lawful(view);
  let looking: Promise<void> | undefined;
  return async (lane, seq) => {
    if (lawful.covers(lane, seq)) return true;
    // One that is under way may have begun before the pruning was on record, and so cannot say no. Who began it hears how it ended.
    await looking?.catch(() => undefined);
    looking ??= lawful.look().finally(() => {
      looking = undefined;
    });
    await looking;
    return lawful.covers(lane, seq);
  };
}

class Lawful {
  readonly #view: LogView;
  readonly #known = new Prunings();
  /** Ids of those that are known: a record that was sealed stays so, and is not proven again. */
  readonly #proven = new Set<string>();
  /** What an older version pruned is looked for in the whole ledger, once. */
  #sawAll = false;

  constructor(view: LogView) {
    this.#view = view;
  }

  covers(lane: number, seq: number): boolean {
    return this.#known.covers(lane, seq);
  }

  async look(): Promise<void> {
    const { table } = this.#view;
    for await (const id of notedPrunings(table)) await this.#see(id);
    if (this.#sawAll || (await pruningMark(table)).noted) return;
    for await (const id of allPrunings(table)) await this.#see(id);
    this.#sawAll = true;
  }

  async #see(id: string): Promise<void> {
    if (this.#proven.has(id)) return;
    const proof = await proveEntry(this.#view, id);
    if (proof === undefined || !proofHolds(proof, this.#view.trust)) return;
    const record = parseRecord(splitEntry(proof.entry).b);
    if (record === undefined) return;
    this.#known.see(record);
    this.#proven.add(id);
  }
}

/** Lanes and their directory; the table may hold other things beside them. */
const isLedger = ({ pk }: Item): boolean => pk === 'LANES' || pk.startsWith('LANE#');

function recordPlace({ pk, sk }: Item): { lane: number; seq: number } | undefined {
  const match = /^LANE#(\d{8})$/.exec(pk);
  const seq = placeOf(sk);
  return match === null || seq < 0 ? undefined : { lane: Number(match[1]), seq };
}

function hashOf(item: Item): string | undefined {
  const signed = signedOf(item);
  return signed && hex(recordHash(signed));
}

/** Keys of a forged item could be anything; names of documents cannot. */
function nameFor({ pk, sk }: Item, image: string): string {
  const safe = (text: string) => text.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 80) || '_';
  return `preserved/${safe(pk)}/${safe(sk)}-${hash('sha256', image).slice(0, 16)}`;
}

/** Attributes in the order of their names, bytes in base64: the same image always gives the same text. */
function readable(map: { readonly [name: string]: Value | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, plain(value)]),
  );
}

function plain(value: Value | undefined): Json | undefined {
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return value.map((inner) => plain(inner) ?? null);
  return typeof value === 'object' && value !== null ? readable(value) : value;
}
