/**
 * Syncs the write-ahead log of an open store beside the thread that commits: the same fdatasync that SQLite does at a commit with
 * synchronous=FULL, where that thread waits for the disk.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type { LogSync } from './commits.ts';

const sync = promisify(fdatasync);

/** Milliseconds. To another thread and back it is up to half of that. */
const QUICK = 1;

export interface OpenLogSync extends LogSync {
  /** Before the store is closed: the last one to close it removes the log. */
  close(): void;
}

/**
 * `path` of a store in WAL mode whose connection has read, so that the log is there. SQLite syncs the log's header and its name by itself where a
 * log begins, also with synchronous=NORMAL. It locks the main file and the shared memory and nothing in the log: closing a descriptor
 * of the log gives up no lock of this process (https://sqlite.org/wal.html, "The WAL-Index File"; fcntl(2), "Record locking").
 */
export function openLogSync(path: string): OpenLogSync {
  // Windows syncs only what may be written.
  const log = openSync(`${path}-wal`, 'r+');
  let took = Number.POSITIVE_INFINITY;
  return {
    async later() {
      const began = performance.now();
      await sync(log);
      took = performance.now() - began;
    },
    now() {
      const began = performance.now();
      fdatasyncSync(log);
      took = performance.now() - began;
    },
    get isQuick() {
      return took < QUICK;
    },
    close: () => closeSync(log),
  };
}
