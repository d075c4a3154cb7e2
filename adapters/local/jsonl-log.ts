/** The log of one machine: a JSONL file, rotated by size. Lines of one turn of the event loop are one write. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Format } from '../../src/ops/log-line.ts';
import type { Log } from '../../src/ports.ts';

export interface JsonlLog extends Log {
  /** Writes what is waiting. Call before reading the file and before the process ends. */
  flush(): void;
  close(): void;
}

export interface JsonlSettings {
  readonly path: string;
  /** The file is rotated when it would grow over this. */
  readonly max_bytes?: number;
  /** Rotated files kept: `path.1` (newest) to `path.N`. */
  readonly keep?: number;
}

/** A disk that refuses a log line must not stop the service: `onFailure` hears of it, the lines are dropped. */
export function openJsonlLog(
  { path, max_bytes = 20_000_000, keep = 5 }: JsonlSettings,
  format: Format,
  onFailure: (error: unknown) => void = () => undefined,
): JsonlLog {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  let waiting: string[] = [];

  function rotate(): void {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let index = keep - 1; index >= 1; index -= 1) move(`${path}.${index}`, `${path}.${index + 1}`);
    move(path, `${path}.1`);
    file = openSync(path, 'a', 0o600);
    size = 0;
  }

  function flush(): void {
    if (waiting.length === 0) return;
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
    write(level, logger, message, fields) {
      const line = format(level, logger, message, fields);
      if (line === undefined) return;
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(line);
    },
    flush,
    close() {
      flush();
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
