/**
 * Whether the files of an open store are still where they were opened. A connection goes on happily in a file that
 * was unlinked or replaced, and everything that it acknowledges from then on is gone when the process ends.
 */
import { statSync } from 'node:fs';

export interface StorePlace {
  /** What happened to the files, in words; undefined while they are in their place. Two looks at the file system. */
  lost(): string | undefined;
}

/** `path` of a store in WAL mode, which was opened a moment ago. */
export function placeOfStore(path: string): StorePlace {
  const main = identity(path);
  let wal = identity(`${path}-wal`);
  return {
    lost() {
      if (identity(path) !== main)
        return 'The store’s file was removed or replaced under the running process';
      const now = identity(`${path}-wal`);
      // It appears with the first transaction.
      wal ??= now;
      return now === wal
        ? undefined
        : 'The store’s write-ahead log was removed or replaced under the running process';
    },
  };
}

function identity(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.dev}/${stat.ino}`;
}
