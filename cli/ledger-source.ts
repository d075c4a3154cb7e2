/**
 * Where a ledger is read: a data folder or a copy of one, an export, the API of somebody with a token, or a deployed
 * environment. Nothing here writes, so a folder may be evidence on a read-only disk.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { dataPaths } from '../local/stores.ts';
import { recordItem } from '../src/ledger/bytes.ts';
import { publishedCheckpoint } from '../src/ledger/check/proof.ts';
import { findPlace } from '../src/ledger/check/tree-search.ts';
import { splitEntry, type TableReader } from '../src/ledger/entry.ts';
import { MAX_ENTRY_BYTES, TILE_WIDTH } from '../src/ledger/tree/tiles.ts';
import { type Trust, trustSchema } from '../src/ledger/trust.ts';
import type { Blobs } from '../src/ports.ts';
import { type ApiClient, apiClient, jsonOf, succeeded } from './client.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface Where {
  /** A data folder, a copy of one or an export; the local data folder when absent. */
  readonly folder?: string;
  /** The API of this address, with the token of CHANCERY_TOKEN. */
  readonly url?: string;
  /** A file with the public keys to believe. */
  readonly trust?: string;
}

interface Files {
  readonly trust: Trust;
  readonly log: Pick<Blobs, 'get'>;
  readonly worm: Pick<Blobs, 'get' | 'list'>;
  readonly table: TableReader;
}

export type LedgerSource =
  | ({ readonly kind: 'store' | 'export' | 'deployed' } & Files & { readonly close: () => void })
  | {
      readonly kind: 'api';
      readonly client: ApiClient;
      /** The same with a token that is made anew where we make it ourselves. */
      readonly renew: () => Promise<ApiClient>;
      readonly log: Pick<Blobs, 'get'>;
      /** Asked for when it is needed: who may see no keys may still ask about an own entry. */
      readonly trust: () => Promise<Trust>;
      readonly close: () => void;
    };

/** One that is read as files. */
export type FolderSource = Exclude<LedgerSource, { readonly kind: 'api' }>;

/** The options that say where. */
export const readable = (command: Command): Command =>
  command
    .option('--folder <folder>', 'a data folder, a copy of one or an export, instead of the local one')
    .option('--url <url>', 'over the API of this address, with the token of CHANCERY_TOKEN')
    .option('--trust <file>', 'public keys to believe instead of those beside the ledger');

/** Does something with the ledger and lets go of it. */
export async function withSource<T>(
  cli: CliWorld,
  where: Where,
  work: (source: LedgerSource) => Promise<T>,
): Promise<T> {
  const source = await openSource(cli, where);
  try {
    return await work(source);
  } finally {
    source.close();
  }
}

async function openSource(cli: CliWorld, where: Where): Promise<LedgerSource> {
  refuseTwoPlaces(cli, where);
  if (where.url !== undefined || isOfApi(cli, where)) return ofApi(cli, where);
  if (cli.environment !== undefined && where.folder === undefined) return deployed(cli, where);
  const folder = where.folder ?? cli.dataFolder;
  const paths = dataPaths(folder);
  if (existsSync(paths.table)) {
    const file = openLedgerFile(paths.table);
    const [log, worm] = [readFolderBlobs(paths.log), readFolderBlobs(paths.worm)];
    return { kind: 'store', trust: await trustIn(folder, where), log, worm, table: file, close: file.close };
  }
  if (existsSync(join(folder, 'checkpoint'))) {
    const [log, trust] = [readFolderBlobs(folder), await trustIn(folder, where)];
    const worm = readFolderBlobs(join(folder, 'worm'));
    return { kind: 'export', trust, log, worm, table: tableOfLog(log, trust), close: () => undefined };
  }
  throw new CommandEnd(
    `There is neither a ledger nor an export in ${folder}. Name a folder, or --url with CHANCERY_TOKEN.`,
    EXIT.usage,
  );
}

/** The public keys that this source is held to. */
export const trustOf = async (source: LedgerSource): Promise<Trust> =>
  source.kind === 'api' ? source.trust() : source.trust;

/** The public keys that the ledger there is held to; a folder needs to hold no more than them. */
export async function trustFor(cli: CliWorld, where: Where): Promise<Trust> {
  refuseTwoPlaces(cli, where);
  if (where.trust !== undefined) return trustAt(where.trust);
  const isFolder = cli.environment === undefined && where.url === undefined && !isOfApi(cli, where);
  return isFolder || where.folder !== undefined
    ? trustIn(where.folder ?? cli.dataFolder, where)
    : withSource(cli, where, trustOf);
}

/** A folder or an address is not in the environment that was named. Ends the command (usage). */
export function refuseTwoPlaces({ named, environment }: CliWorld, { folder, url }: Where): void {
  const other = folder ?? url;
  if (named && environment !== undefined && other !== undefined)
    throw new CommandEnd(`${other} is not ${environment}: leave it or --env out.`, EXIT.usage);
}

/** A context that is not on AWS is its API; and who has a token and no ledger on this machine means the API. */
export function isOfApi({ place, token, dataFolder }: CliWorld, { folder }: Where): boolean {
  if (folder !== undefined) return false;
  if (place.kind === 'context') return place.context.region === undefined;
  return (
    place.kind === 'local' &&
    token !== undefined &&
    !existsSync(dataPaths(dataFolder).table) &&
    !existsSync(join(dataFolder, 'checkpoint'))
  );
}

const trustIn = (folder: string, { trust }: Where): Promise<Trust> =>
  trustAt(trust ?? join(folder, 'trust.json'));

/** Ends the command (usage) where there is none: nothing is held to other keys than those that were named. */
export async function trustAt(path: string): Promise<Trust> {
  const found = await readTrust(path);
  if (found === undefined) throw new CommandEnd(`There is no trust.json at ${path}.`, EXIT.usage);
  return found;
}

async function deployed(cli: CliWorld, where: Where): Promise<LedgerSource> {
  // Loaded only here: the AWS clients are no part of looking at a folder.
  const { openDeployed } = await import('./deployed.ts');
  const { log, worm, trust, ledgerTable } = await openDeployed(cli.environment ?? '', cli.region);
  const believed = where.trust === undefined ? trust : await trustIn('', where);
  return { kind: 'deployed', trust: believed, log, worm, table: ledgerTable, close: () => undefined };
}

async function ofApi(cli: CliWorld, where: Where): Promise<LedgerSource> {
  const renew = () => apiClient(where.url === undefined ? cli : atUrl(cli, where.url), ['auditor']);
  const client = await renew();
  const patience = patienceOf();
  const log: Pick<Blobs, 'get'> = {
    async get(name) {
      const path = name === 'checkpoint' ? '/checkpoint' : tilePath(name);
      if (path === undefined) return undefined;
      const { status, body } = await patience(() => client.raw(path, mostOf(name)));
      if (status === 404) return undefined;
      if (status >= 400) succeeded({ status, body: jsonOf(Buffer.from(body).toString('utf8')) });
      return body;
    },
  };
  return {
    kind: 'api',
    client,
    renew,
    log,
    trust: async () =>
      where.trust === undefined
        ? keysIn(succeeded(await client.call('GET', '/ledger/trust')))
        : trustIn('', where),
    close: () => undefined,
  };
}

/** How long a file of a log can be: 256 entries behind their lengths, 256 hashes, a note with many signatures. */
function mostOf(name: string): number {
  if (name.startsWith('tile/entries/')) return TILE_WIDTH * (2 + MAX_ENTRY_BYTES);
  return name.startsWith('tile/') ? TILE_WIDTH * 32 : 64 * 1024;
}

function keysIn(said: unknown): Trust {
  const read = trustSchema.safeParse(said);
  if (read.success) return read.data;
  throw new CommandEnd('The service gives no public keys that can be read.', EXIT.unavailable);
}

const PATIENCE_MS = 60_000;
const PATIENCE_A_FILE_MS = 1_000;

/** However many files a log says that it has, who gives them slowly is not waited for until the last. */
function patienceOf(): <T>(work: () => Promise<T>) => Promise<T> {
  let [files, waited] = [0, 0];
  return async (work) => {
    if (waited > PATIENCE_MS + files * PATIENCE_A_FILE_MS)
      throw new CommandEnd(
        `The service takes too long: ${files} files of the log in ${Math.round(waited / 1_000)} s.`,
        EXIT.unavailable,
      );
    files += 1;
    const began = performance.now();
    try {
      return await work();
    } finally {
      waited += performance.now() - began;
    }
  };
}

/** Of the log, the API shows tiles and the checkpoint. */
function tilePath(name: string): `/tile/${string}/${string}` | undefined {
  const [, level, tile] = /^tile\/([^/]+)\/(.+)$/.exec(name) ?? [];
  return level === undefined || tile === undefined ? undefined : `/tile/${level}/${tile}`;
}

/** A token of the development issuer is for this machine alone. */
export function atUrl(cli: CliWorld, url: string): CliWorld {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new CommandEnd(`--url takes a URL that begins with https:// or http://, not ${url}`, EXIT.usage);
  return { ...cli, place: { kind: 'local' }, url: url.replace(/\/+$/, '') };
}

/** Single records out of a log without a store beside it; they are searched for. */
function tableOfLog(log: Pick<Blobs, 'get'>, trust: Trust): TableReader {
  return {
    async get(pk, sk) {
      const lane = /^LANE#(\d{8})$/.exec(pk)?.[1];
      if (lane === undefined) return undefined;
      const size = (await publishedCheckpoint({ log, trust }))?.checkpoint.size ?? 0;
      const place = { lane: Number(lane), seq: Number(sk) };
      const found = await findPlace(log, size, place);
      return found && recordItem(place.lane, place.seq, splitEntry(found.entry));
    },
    query: async () => ({ items: [] }),
  };
}
