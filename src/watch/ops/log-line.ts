/** What goes into a log and how a line looks: level per component, sampling that keeps errors, redaction. */
import * as z from 'zod';
import { isoTime } from '../../basics/iso-time.ts';
import { type Clock, LOG_LEVELS, type LogLevel } from '../../ports.ts';
import type { Redact } from './redact.ts';

export interface LogSettings {
  /** Lowest level that is written. */
  readonly level: LogLevel;
  /** By logger: `{ ledger: 'debug' }`. A dotted logger inherits from what stands before the dot. */
  readonly levels?: Readonly<Record<string, LogLevel>>;
  /** Share of lines kept, 0 to 1, by logger. Warnings, errors and failed requests are always kept. */
  readonly samples?: Readonly<Record<string, number>>;
}

/** As they come in a setting. */
export const logLevels = z.record(z.string(), z.enum(LOG_LEVELS));
export const logSamples = z.record(z.string(), z.number().min(0).max(1));

type Fields = Readonly<Record<string, unknown>>;
export type LineFormat = (
  level: LogLevel,
  logger: string,
  message: string,
  fields?: Fields,
) => string | undefined;

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** What a line holds, redacted, in the order of its fields; undefined when it is not to be written. */
export type Compose = (
  level: LogLevel,
  logger: string,
  message: string,
  fields?: Fields,
) => Readonly<Record<string, unknown>> | undefined;

export function logFields(settings: LogSettings, redact: Redact, clock: Clock): Compose {
  return (level, logger, message, fields = {}) => {
    if (ORDER[level] < ORDER[inherited(settings.levels, logger) ?? settings.level]) return undefined;
    if (!sampled(settings, level, logger, fields)) return undefined;
    const line = redact({ ...fields, message });
    return { timestamp: isoTime(clock()), level, logger, ...asObject(line) };
  };
}

/** Answers one JSON line without its line feed, or undefined when it is not to be written. */
export function logLines(settings: LogSettings, redact: Redact, clock: Clock): LineFormat {
  const compose = logFields(settings, redact, clock);
  return (...entry) => {
    const line = compose(...entry);
    return line === undefined ? undefined : JSON.stringify(line);
  };
}

/** By trace, not by line: of a sampled request either every line is there or none. */
function sampled(settings: LogSettings, level: LogLevel, logger: string, fields: Fields): boolean {
  if (ORDER[level] >= ORDER.warn) return true;
  const rate = inherited(settings.samples, logger) ?? 1;
  if (rate >= 1) return true;
  const { status, trace_id } = fields;
  if (typeof status === 'number' && status >= 500) return true;
  return typeof trace_id === 'string' ? share(trace_id) < rate : true;
}

const inherited = <T>(by: Readonly<Record<string, T>> | undefined, logger: string): T | undefined =>
  by?.[logger] ?? by?.[logger.split('.')[0] ?? logger];

/** A number in [0, 1) that is the same for the same trace in every process. FNV-1a. */
function share(trace: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < trace.length; index += 1) {
    hash = Math.imul(hash ^ trace.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}

const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
