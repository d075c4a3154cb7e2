/**
 * `Blobs` in a folder. A file appears whole or not at all: it is written beside its place, synced, then linked
 * (which refuses to replace) or renamed (which replaces), and the folder is synced so that a power cut keeps it.
 */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkPrefix, nameParts } from '../../src/basics/blob-names.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports.ts';
import { FolderSyncs, syncFolder } from './folder-syncs.ts';
import { withReason } from './why.ts';

/** No blob can be named so: a segment never begins with a dot. */
const WRITING = '.writing';

/** Makes `folder` (mode 0700) when absent. */
export async function openFolderBlobs(folder: string): Promise<Blobs> {
  const root = resolve(folder);
  const writing = join(root, WRITING);
  await mkdir(writing, { recursive: true, mode: 0o700 });
  const place = (name: string) => join(root, ...nameParts(name));
  const folders = new FolderSyncs(syncFolder);

  return {
    async get(name) {
      const path = place(name);
      return orElse(() => readFile(path), 'ENOENT', undefined);
    },

    async put(name, bytes, options = {}) {
      const path = place(name);
      const draft = join(writing, randomUUID());
      return stored(async () => {
        try {
          await write(draft, bytes);
          const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          if (options.ifAbsent === true) {
            const linked = await orElse(() => link(draft, path).then(() => true), 'EEXIST', false);
            if (!linked) return 'exists';
          } else {
            await rename(draft, path);
          }
          await syncFolders(folders, dirname(path), made === undefined ? dirname(path) : dirname(made));
          return 'stored';
        } finally {
          await rm(draft, { force: true });
        }
      });
    },

    async *list(prefix) {
      checkPrefix(prefix);
      yield* walk(root, '', prefix);
    },

    async remove(name) {
      const path = place(name);
      await stored(() => rm(path, { force: true }));
    },
  };
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** From the file's folder up to the one that names the first new folder: each has an entry that is new. */
async function syncFolders(folders: FolderSyncs, from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.length >= upTo.length; folder = dirname(folder)) await folders.sync(folder);
}

/** Bytewise order of whole names, in which `a.b` comes before `a/b`: so a folder sorts as its name and a slash. */
async function* walk(folder: string, base: string, prefix: string): AsyncGenerator<string> {
  const entries = await orElse(() => readdir(join(folder, base), { withFileTypes: true }), 'ENOENT', []);
  const names = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => `${base}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .filter((name) => name.startsWith(prefix) || prefix.startsWith(name))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) {
    if (name.endsWith('/')) yield* walk(folder, name, prefix);
    else if (name.startsWith(prefix)) yield name;
  }
}

async function orElse<T, U>(work: () => Promise<T>, code: string, value: U): Promise<T | U> {
  return stored(async () => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === code) return value;
      throw error;
    }
  });
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChanceryError) throw error;
    const detail = withReason('The document folder did not answer', error);
    throw new ChanceryError('STORE_UNAVAILABLE', detail, { cause: error });
  }
}
