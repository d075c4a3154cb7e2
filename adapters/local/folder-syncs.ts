/**
 * Folders brought to the disk, for many at once. Each sync is a flush that commits wait for as well, and many files come into one folder
 * together. So who asks while one is on its way has a part in the next, which begins when that one has ended: an entry that was made
 * before a sync began is in it (fsync(2), of a directory).
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

export class FolderSyncs {
  readonly #syncFolder: (folder: string) => Promise<void>;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(sync: (folder: string) => Promise<void>) {
    this.#syncFolder = sync;
  }

  /** Resolves after a sync that began no sooner than this call; rejects with its failure, and with no other's. */
  sync(folder: string): Promise<void> {
    const underWay = this.#underWay.get(folder);
    if (underWay === undefined) return this.#begin(folder);
    const known = this.#next.get(folder);
    if (known !== undefined) return known;
    const begin = (): Promise<void> => {
      this.#next.delete(folder);
      return this.#begin(folder);
    };
    const next = underWay.then(begin, begin);
    this.#next.set(folder, next);
    return next;
  }

  #begin(folder: string): Promise<void> {
    const sync = this.#syncFolder(folder).finally(() => this.#underWay.delete(folder));
    this.#underWay.set(folder, sync);
    return sync;
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
