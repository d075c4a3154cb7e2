/**
 * The log of a Lambda, through Powertools' logger: the same lines as everywhere, in the function's log group.
 *
 * Powertools does not redact, so a line comes to it complete: level, sampling and redaction are decided before
 * (src/watch/ops/log-line.ts), and its own logger lets all through unchanged.
 */
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Log } from '../../src/ports.ts';
import type { Compose } from '../../src/watch/ops/log-line.ts';

/** Under one key of ours, since Powertools drops fields called `service` or `level` and warns of them. */
const LINE = 'line';

/** Our lines as they are. What Powertools says itself, warnings of how it is set up, gets the same fields. */
class OurLines extends LogFormatter {
  override formatAttributes(own: UnformattedAttributes, given: LogAttributes): LogItem {
    const line: unknown = given[LINE];
    return new LogItem({
      attributes:
        typeof line === 'object' && line !== null
          ? { ...line }
          : {
              timestamp: own.timestamp.toISOString(),
              level: own.logLevel.toLowerCase(),
              logger: 'powertools',
              message: own.message,
            },
    });
  }
}

/** `compose` answers what a line holds, already redacted. Warnings and errors go to standard error. */
export function jsonLog(compose: Compose): Log {
  const powertools = new Logger({
    serviceName: 'chancery',
    logLevel: 'DEBUG',
    // Its sampling would turn whole functions to debug; ours goes by trace.
    sampleRateValue: 0,
    logFormatter: new OurLines(),
  });
  return {
    write(level, logger, message, fields) {
      const line = compose(level, logger, message, fields);
      if (line !== undefined) powertools[level](message, { [LINE]: line });
    },
  };
}
