/** A folder of blobs opened for reading only: evidence is looked at, never touched. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '../../src/ports.ts';
import { readPlainFile } from './plain-file.ts';

/** A folder that is not there is an empty one. Throws VALIDATION_ERROR for what is no file of ours. */
export function readFolderBlobs(folder: string): Pick<Blobs, 'get' | 'list'> {
  return {
    async get(name) {
      if (!name.split('/').every((part) => /^[^./\\\0][^/\\\0]*$/.test(part))) return undefined;
      return readPlainFile(join(folder, name)).catch(absent);
    },
    list: (prefix) => walk(folder, '', prefix),
  };
}

async function* walk(folder: string, base: string, prefix: string): AsyncGenerator<string> {
  const entries = (await readdir(join(folder, base), { withFileTypes: true }).catch(absent)) ?? [];
  const names = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => `${base}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .filter((name) => name.startsWith(prefix) || prefix.startsWith(name));
  for (const name of names.sort()) {
    if (name.endsWith('/')) yield* walk(folder, name, prefix);
    else if (name.startsWith(prefix)) yield name;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined;
  throw error;
}
