/** The log of a Lambda: the same lines as everywhere, on standard output, where the log group picks them up. */
import type { Format } from '../../src/ops/log-line.ts';
import type { Log } from '../../src/ports.ts';

/** `write` takes one line without its line feed. */
export function stdoutLog(format: Format, write: (line: string) => void): Log {
  return {
    write(level, logger, message, fields) {
      const line = format(level, logger, message, fields);
      if (line !== undefined) write(line);
    },
  };
}
