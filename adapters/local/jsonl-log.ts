/** The log of one machine: JSON lines in a rotated file. */

import type { Log } from '../../src/ports.ts';
import type { LineFormat } from '../../src/watch/ops/log-line.ts';
import { type LineFileSettings, openLineFile } from './line-file.ts';

export interface JsonlLog extends Log {
  /** Writes what is waiting. Call before reading the file and before the process ends. */
  flush(): void;
  close(): void;
}

export function openJsonlLog(
  settings: LineFileSettings,
  format: LineFormat,
  onFailure?: (error: unknown) => void,
): JsonlLog {
  const file = openLineFile(settings, onFailure);
  return {
    write(level, logger, message, fields) {
      const line = format(level, logger, message, fields);
      if (line !== undefined) file.append(line);
    },
    flush: file.flush,
    close: file.close,
  };
}
