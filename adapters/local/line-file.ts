/** A file of lines, rotated by size. Lines of one turn of the event loop are one write. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LineFile {
  append(line: string): void;
  /** Is written with the next line that is appended, or in a moment: what belongs to one thing is one write. */
  hold(line: string): void;
  /** Writes what is waiting. Call before reading the file and before the process ends. */
  flush(): void;
  close(): void;
}

export interface LineFileSettings {
  readonly path: string;
  /** The file is rotated when it would grow over this. */
  readonly max_bytes?: number;
  /** Rotated files kept: `path.1` (newest) to `path.N`. */
  readonly keep?: number;
}

/** A line that is held waits so long for another. */
const HELD_MS = 20;

/** A disk that refuses a line must not stop the service: `onFailure` hears of it, the lines are dropped. */
export function openLineFile(
  { path, max_bytes = 20_000_000, keep = 5 }: LineFileSettings,
  onFailure: (error: unknown) => void = () => undefined,
): LineFile {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  let waiting: string[] = [];
  let due = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function rotate(): void {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let index = keep - 1; index >= 1; index -= 1) move(`${path}.${index}`, `${path}.${index + 1}`);
    move(path, `${path}.1`);
    file = openSync(path, 'a', 0o600);
    size = 0;
  }

  function flush(): void {
    due = false;
    if (waiting.length === 0 || closed) return;
    const bytes = Buffer.from(`${waiting.join('\n')}\n`);
    waiting = [];
    try {
      if (size > 0 && size + bytes.length > max_bytes) rotate();
      writeSync(file, bytes);
      size += bytes.length;
    } catch (error) {
      onFailure(error);
    }
  }

  return {
    append(line) {
      if (!due) setImmediate(flush);
      due = true;
      waiting.push(line);
    },
    hold(line) {
      timer ??= setTimeout(() => {
        timer = undefined;
        flush();
      }, HELD_MS);
      waiting.push(line);
    },
    flush,
    close() {
      clearTimeout(timer);
      flush();
      closed = true;
      closeSync(file);
    },
  };
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
