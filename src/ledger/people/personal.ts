/**
 * Personal fields: AES-256-GCM under a key per data subject. The keys live
 * in a table of their own, without history or backups, so that destroying one makes its records unreadable
 * for good while the chain, which covers the ciphertext, stays whole.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { Cache } from '../../basics/cache.ts';
import { overCanonical } from '../../basics/canonical.ts';
import type { JsonObject } from '../../json.ts';
import type { Clock, Item, Meter, Random, Table } from '../../ports.ts';
import { base64, fromBase64, parseJson } from '../bytes.ts';
import type { Sealed } from '../record.ts';

/**
 * Imported once per key: `node:crypto` takes ten times as long over raw bytes. The entry, and with it the imported
 * key, goes when the bytes go, so an erased key lives no longer for it.
 */
const imported = new WeakMap<Uint8Array, KeyObject>();

function secret(key: Uint8Array): KeyObject {
  const known = imported.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  imported.set(key, made);
  return made;
}

export interface SubjectKey {
  /** `{pseudonym}.{generation}`. */
  readonly name: string;
  readonly key: Uint8Array;
}

/** A warm process forgets a key within this time, so that an erasure holds everywhere soon after. */
export const KEY_CACHE_MS = 5_000;
const CACHE_LIMIT = 10_000;
const TAG_BYTES = 16;

/** The name is authenticated with the text: a box cannot be moved to another subject's key unnoticed. */
export function sealPersonal(personal: JsonObject, subject: SubjectKey, random: Random): Sealed {
  const nonce = random(12);
  const cipher = createCipheriv('aes-256-gcm', secret(subject.key), nonce).setAAD(
    Buffer.from(subject.name, 'utf8'),
  );
  const covered = overCanonical(personal, (plain) => cipher.update(plain));
  const box = Buffer.concat([covered, cipher.final(), cipher.getAuthTag()]);
  return { key: subject.name, nonce: base64(nonce), box: base64(box) };
}

/** Undefined when the box does not open under this key. */
export function openPersonal(sealed: Sealed, key: Uint8Array): JsonObject | undefined {
  const box = fromBase64(sealed.box);
  if (box.length < TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret(key), fromBase64(sealed.nonce))
      .setAAD(Buffer.from(sealed.key, 'utf8'))
      .setAuthTag(box.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]);
    const value = parseJson(plain);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // GCM's only way to say that the tag does not match.
    return undefined;
  }
}

const partition = (subject: string): string => `SUBJECT#${subject}`;
const generationKey = (generation: number): string => String(generation).padStart(6, '0');

/**
 * Keys of data subjects over the key table. Items: `{pk: SUBJECT#…, sk: generation, version, k | erased}`.
 *
 * A generation is the millisecond in which its key was made, or one more than the one before: so a name is never given
 * twice, also when the table has lost every trace of the first key, and what was sealed under that one stays unreadable.
 */
export class SubjectKeys {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #random: Random;
  /**
   * Its look-ups are not counted as hits and misses: a key is forgotten soon so that it can be erased, and a miss that
   * is wanted would read as a cache that does not work.
   */
  readonly #cache: Cache<SubjectKey>;

  constructor(deps: { table: Table; clock: Clock; random: Random; meter?: Meter }) {
    this.#table = deps.table;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#cache = new Cache({
      name: 'subject_keys',
      most: CACHE_LIMIT,
      max_age_ms: KEY_CACHE_MS,
      bytesOf: (subject, { name, key }) => subject.length + name.length + key.length,
      clock: deps.clock,
      meter: deps.meter,
    });
  }

  /** The key to seal with. A subject's first one costs one conditional put; a warm one costs nothing. */
  async forSealing(subject: string): Promise<SubjectKey> {
    const cached = this.#cache.get(subject);
    if (cached !== undefined) return cached;
    for (;;) {
      const newest = await this.#newest(subject);
      const generation = newest === undefined ? 0 : Number(newest.sk);
      const stored = keyOf(newest);
      if (stored !== undefined)
        return this.#remember(subject, { name: `${subject}.${generation}`, key: stored });
      const next = Math.max(generation + 1, this.#clock());
      const fresh = { name: `${subject}.${next}`, key: this.#random(32) };
      const put = await this.#table.put(
        { pk: partition(subject), sk: generationKey(next), version: 1, k: fresh.key },
        'absent',
      );
      // Refused: another writer made the key in between, or this is the retry of our own put. Read what is there.
      if (put.stored) return this.#remember(subject, fresh);
    }
  }

  /** Opens a box, or says that its key was destroyed. */
  async open(
    sealed: Sealed,
  ): Promise<{ ok: true; personal: JsonObject } | { ok: false; reason: 'erased' | 'unreadable' }> {
    const [subject = '', generation = ''] = sealed.key.split('.');
    const item = await this.#table.get(partition(subject), generationKey(Number(generation)));
    const key = keyOf(item);
    if (key === undefined) return { ok: false, reason: 'erased' };
    const personal = openPersonal(sealed, key);
    return personal === undefined ? { ok: false, reason: 'unreadable' } : { ok: true, personal };
  }

  /**
   * Destroys every key of a subject and returns their names. What stays is the generation with its time, so
   * that a later key never takes an old name. Safe to repeat.
   */
  async erase(subject: string): Promise<readonly string[]> {
    this.#cache.invalidate(subject);
    const erased = new Date(this.#clock()).toISOString();
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.#table.query(partition(subject), after === undefined ? {} : { after });
      for (const item of page.items) {
        names.push(`${subject}.${Number(item.sk)}`);
        if (keyOf(item) === undefined) continue;
        await this.#table.put({ pk: item.pk, sk: item.sk, version: 2, erased }, { version: 1 });
      }
      after = page.next;
    } while (after !== undefined);
    return names;
  }

  async #newest(subject: string): Promise<Item | undefined> {
    const page = await this.#table.query(partition(subject), { reverse: true, limit: 1 });
    return page.items[0];
  }

  #remember(subject: string, key: SubjectKey): SubjectKey {
    this.#cache.set(subject, key);
    return key;
  }
}

/** What becomes of a box under the key that stands in its key's place now. */
export type KeyTrial = 'opens' | 'gone' | 'replaced';

/** Tries the key of a box on it: a key of the same name that does not open it is not the one that sealed it. */
export const keyTrials =
  (table: Pick<Table, 'get'>) =>
  async (box: Sealed): Promise<KeyTrial> => {
    const [subject = '', generation = ''] = box.key.split('.');
    const key = keyOf(await table.get(partition(subject), generationKey(Number(generation))));
    if (key === undefined) return 'gone';
    return openPersonal(box, key) === undefined ? 'replaced' : 'opens';
  };

function keyOf(item: Item | undefined): Uint8Array | undefined {
  return item?.k instanceof Uint8Array && item.k.length === 32 ? item.k : undefined;
}
