/**
 * Charters in the store. A bundle is kept under its digest and never changes; one item says which of them is in
 * force. What is read is parsed and compared with its digest again: a store that was tampered with cannot put
 * another charter in force.
 */
import * as z from 'zod';
import { ChanceryError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Blobs, Item, Table } from '../ports.ts';
import { prepareBeforehand, prepared, type ReadBundle, readBundle } from './bundle.ts';
import type { Charter } from './charter.ts';
import type { Looked } from './watch.ts';

const PK = 'CHARTER';
const ACTIVE = 'active';
/** The item that says which charter is in force. */
export const CHARTER = { pk: PK, sk: ACTIVE } as const;
/** As far as one can go back. */
export const MOST_EARLIER = 50;
/** A candidate that is tried beside the charter in force: it decides nothing. */
const TRIED = 'tried';
const HISTORY = 'CHARTER#HISTORY';

const stringMap = z.record(z.string(), z.string());
const activeItem = z.object({
  version: z.number().int(),
  digest: z.string(),
  charter_version: z.string(),
  /** Milliseconds. */
  activated_at: z.number(),
  /** Id of the record that put it in force. */
  record: z.string(),
  how: z.enum(['activated', 'rolled back']),
  /** What was in force before it, newest first: a rollback goes here, and never forward. */
  earlier: z.array(z.string()),
});
export type Active = z.output<typeof activeItem>;

export interface CharterStore {
  /** Undefined: no charter was ever activated, the shipped one is in force. Throws STORE_UNAVAILABLE. */
  active(): Promise<Active | undefined>;
  /** Replaces what is in force if nobody else did meanwhile. */
  replace(expected: Active | undefined, next: Omit<Active, 'version'>): Promise<boolean>;
  /** The digest of the candidate that is tried. */
  tried(): Promise<string | undefined>;
  /** Tries another; undefined ends the trial. */
  tryOut(digest: string | undefined): Promise<void>;
  /** Keeps a bundle, tests included. */
  keep(digest: string, files: ReadonlyMap<string, string>): Promise<void>;
  files(digest: string): Promise<ReadonlyMap<string, string> | undefined>;
  /** What was in force, newest first. */
  history(limit: number): Promise<JsonObject[]>;
  remember(entry: JsonObject, at: number): Promise<void>;
}

/** Where a bundle is kept besides the table, which others may write. */
export const bundleCopy = (digest: string): string => `charters/${digest}.json`;

/** @param copies outside of the tables: what a bundle is made anew from when somebody changed it there */
export function createCharterStore(table: Table, copies?: Pick<Blobs, 'put'>): CharterStore {
  return {
    async active() {
      const item = await table.get(PK, ACTIVE);
      return item === undefined ? undefined : readActive(item);
    },
    async replace(expected, next) {
      const version = (expected?.version ?? 0) + 1;
      const { stored } = await table.put(
        { pk: PK, sk: ACTIVE, ...next, earlier: [...next.earlier], version },
        expected === undefined ? 'absent' : { version: expected.version },
      );
      return stored;
    },
    async tried() {
      const item = await table.get(PK, TRIED);
      return typeof item?.digest === 'string' ? item.digest : undefined;
    },
    async tryOut(digest) {
      if (digest === undefined) await table.remove(PK, TRIED);
      else await table.merge(PK, TRIED, { digest });
    },
    async keep(digest, files) {
      const text = JSON.stringify(Object.fromEntries(files));
      // Content-addressed: whoever was first kept the same bytes.
      await copies?.put(bundleCopy(digest), new TextEncoder().encode(text), { ifAbsent: true });
      await table.put({ pk: PK, sk: bundleKey(digest), files: text }, 'absent');
    },
    async files(digest) {
      const item = await table.get(PK, bundleKey(digest));
      if (typeof item?.files !== 'string') return undefined;
      const parsed = stringMap.safeParse(parseJson(item.files));
      return parsed.success ? new Map(Object.entries(parsed.data)) : undefined;
    },
    async history(limit) {
      const { items } = await table.query(HISTORY, { reverse: true, limit });
      return items.flatMap((item) =>
        typeof item.entry === 'string' ? [toObject(parseJson(item.entry))] : [],
      );
    },
    async remember(entry, at) {
      const sk = `${String(at).padStart(15, '0')}#${String(entry.digest ?? '')}`;
      await table.put({ pk: HISTORY, sk, entry: JSON.stringify(entry) }, 'absent');
    },
  };
}

/** Parsed charters by digest. Parsing takes a tenth of a second, in which no request is answered: once is enough. */
export interface Library {
  /** The charter, or why it cannot be had. Throws STORE_UNAVAILABLE. */
  load(digest: string): Promise<Charter | { readonly bad: string }>;
  /** One that was parsed already. */
  know(charter: Charter): void;
}

const KNOWN = 8;

/** @param read by default in this thread */
export function createLibrary(
  store: CharterStore,
  shipped: Charter,
  read: (files: ReadonlyMap<string, string>) => Promise<ReadBundle> = async (files) => readBundle(files),
): Library {
  const known = new Map<string, Charter>();

  function know(charter: Charter): void {
    known.delete(charter.digest);
    known.set(charter.digest, charter);
    const [oldest] = known.keys();
    if (known.size > KNOWN && oldest !== undefined) known.delete(oldest);
  }

  return {
    know,
    async load(digest) {
      if (digest === shipped.digest) return shipped;
      const before = known.get(digest);
      if (before !== undefined) return before;
      const files = await store.files(digest);
      if (files === undefined) return { bad: `the bundle ${digest} is not in the store` };
      const parsed = await read(files);
      if (!parsed.ok) {
        const [first] = parsed.problems;
        return {
          bad: `the bundle ${digest} is not valid: ${first ? `${first.file}:${first.line} ${first.message}` : ''}`,
        };
      }
      if (parsed.charter.digest !== digest) return { bad: `the bundle kept as ${digest} is another one` };
      const charter = prepared(parsed.charter);
      know(charter);
      return charter;
    },
  };
}

/**
 * The look of a `CharterWatch`: what is in force now, and what is tried beside it, both prepared.
 * @param pause lets others go on while they are
 */
export function lookInStore(
  store: CharterStore,
  library: Library,
  shipped: Charter,
  pause: () => Promise<unknown>,
): (inForce: string) => Promise<Looked> {
  async function tried(): Promise<{ candidate?: Charter }> {
    const digest = await store.tried();
    if (digest === undefined) return {};
    const loaded = await library.load(digest);
    if ('bad' in loaded) return {};
    await prepareBeforehand(loaded, pause);
    return { candidate: loaded };
  }

  return async (inForce) => {
    const [active, candidate] = await Promise.all([store.active(), tried()]);
    const digest = active?.digest ?? shipped.digest;
    if (digest === inForce) return { found: 'same', ...candidate };
    const loaded = await library.load(digest);
    if ('bad' in loaded) return { found: 'bad', reason: loaded.bad };
    // Prepared before it replaces the one that judges: what cannot be never does.
    await prepareBeforehand(loaded, pause);
    return { found: 'new', charter: loaded, ...candidate };
  };
}

function readActive(item: Item): Active {
  const parsed = activeItem.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new ChanceryError(
    'STORE_UNAVAILABLE',
    'The item that says which charter is in force is not readable.',
  );
}

export function bundleKey(digest: string): string {
  return `bundle#${digest}`;
}

function parseJson(text: string): Json {
  try {
    const json: Json = JSON.parse(text);
    return json;
  } catch {
    return null;
  }
}

function toObject(json: Json): JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
}
