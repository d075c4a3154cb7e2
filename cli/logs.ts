/**
 * `chancery logs …`: search the JSON lines, and follow one request through everything that it left behind; of this
 * machine, or with `--env` of a deployed environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { LogQuery } from '../adapters/aws/logs-insights.ts';
import { list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { parseExposition } from './exposition.ts';
import { pause, untilInterrupted } from './interrupted.ts';
import { tailOf } from './line-tail.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { type Period, periodOption } from './period.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

type Line = Readonly<Record<string, unknown>>;
type Insights = typeof import('../adapters/aws/logs-insights.ts');

/** Rotated files, oldest first, then the current one. */
const ROTATED = [5, 4, 3, 2, 1];

/** `field=value`. */
const FIELD = /^(\w+(?:\.\w+)*)=(.*)$/;

/** What is read of a deployed environment where the command has no limit of its own. */
const MOST_LINES = 1_000;

export function registerLogs(program: Command, world: (command: Command) => CliWorld): void {
  const logs = program.command('logs');

  listing(logs.command('search'))
    .description('lines that contain a text, or whose field has a value (field=value)')
    .requiredOption('--query <text>', 'text, or field=value')
    .addOption(periodOption('--last <period>', 'how far back', '24h'))
    .option('--limit <count>', 'at most so many, the newest', countFrom(1, 10_000), 100)
    .action(async (options: { query: string; last: Period; limit: number }, command: Command) => {
      const cli = world(command);
      const { limit } = options;
      const since = cli.clock() - options.last.ms;
      const found =
        (await deployedLines(cli, options.last.ms, 'newest', limit, wordsOf(options.query))) ??
        readLines(cli.settings.logFile).filter((line) => timeOf(line) >= since && hits(line, options.query));
      print(cli, found.slice(-limit), `no line of the last ${options.last.text} has ${options.query}`);
    });

  logs
    .command('tail')
    .description('the newest lines; with --follow, those to come as well')
    .option('-n, --lines <count>', 'how many', countFrom(1, 10_000), 20)
    .option('--query <text>', 'only those that contain a text, or field=value')
    .addOption(periodOption('--last <period>', 'how far back, with --env', '24h'))
    .option('--follow', 'go on until interrupted')
    .action(async (options: TailOptions, command: Command) => tailLogs(world(command), options));

  logs
    .command('trace')
    .description('everything that one request left: log lines, spans, ledger records, metric exemplars')
    .argument('[trace]', 'its trace id (X-Trace-ID)')
    .option('--request-id <id>', 'its request id instead (X-Request-ID)')
    .addOption(periodOption('--last <period>', 'how far back, with --env', '24h'))
    .action(async (trace: string | undefined, options: TraceOptions, command: Command) => {
      const cli = world(command);
      const period = options.last.ms;
      const found = await follow(cli, trace ?? (await traceOf(cli, options.requestId, period)), period);
      if (cli.json) cli.data(found);
      else report(cli, found);
      const { logs: lines, spans, records } = found;
      if (lines.length + spans.length + records.length === 0)
        throw new CommandEnd('Nothing of that trace was found.', EXIT.negative);
    });

  listing(logs.command('slow-requests'))
    .description('requests that took longer than a threshold, slowest first')
    .addOption(periodOption('--threshold <period>', 'as 2s or 500ms', '2s'))
    .addOption(periodOption('--last <period>', 'how far back', '24h'))
    .action(async (options: { threshold: Period; last: Period }, command: Command) => {
      const cli = world(command);
      const [least, period] = [options.threshold.ms / 1000, options.last.ms];
      const since = cli.clock() - period;
      const lines =
        (await deployedLines(
          cli,
          period,
          'slowest',
          MOST_LINES,
          ({ equals }) => `${equals('message', 'request')} and duration_seconds >= ${least}`,
        )) ?? readLines(cli.settings.logFile).filter((line) => timeOf(line) >= since);
      const slow = lines
        .filter((line) => line.message === 'request' && secondsOf(line) >= least)
        .sort((left, right) => secondsOf(right) - secondsOf(left));
      print(cli, slow, `no request of the last ${options.last.text} took ${options.threshold.text}`);
    });
}

/** For programs each line is one object. */
function print(cli: CliWorld, lines: readonly Line[], none: string): void {
  if (lines.length === 0) cli.err(none);
  else if (cli.json) for (const line of lines) cli.data(line);
  else
    list(cli, {
      answer: lines,
      rows: lines,
      name: ({ trace_id }) => text(trace_id),
      columns: [
        { head: 'time', cell: ({ timestamp }) => text(timestamp) },
        { head: 'level', cell: ({ level }) => text(level), state: true },
        { head: 'logger', cell: ({ logger }) => text(logger) },
        { head: 'message', cell: ({ message }) => text(message) },
        { head: 'fields', cell: fieldsOf },
      ],
      empty: none,
    });
}

interface TailOptions {
  readonly lines: number;
  readonly query?: string;
  readonly last: Period;
  readonly follow?: boolean;
}

/** CloudWatch Logs makes a line searchable within seconds, and each question is paid for by what it reads. */
const ASK_MS = 10_000;
const LOOK_MS = 500;
/** Lines of several groups arrive out of order: each question looks so far back again. */
const LATE_MS = 60_000;

async function tailLogs(
  cli: CliWorld,
  { lines, query = '', last, follow: goOn }: TailOptions,
): Promise<void> {
  const show = (line: Line): void => (cli.json ? cli.data(line) : cli.out(readable(line)));
  const deployed = (period: number) => deployedLines(cli, period, 'newest', MOST_LINES, wordsOf(query));
  const wanted = (line: Line): boolean => hits(line, query);
  const come = tailOf(cli.settings.logFile);
  const found = await deployed(last.ms);
  for (const line of (found ?? readLines(cli.settings.logFile).filter(wanted)).slice(-lines)) show(line);
  if (goOn !== true) return;
  await untilInterrupted(async (ended) => {
    if (found === undefined) {
      for (; !ended.aborted; await pause(LOOK_MS, ended))
        for (const line of come().map(parse)) if (line !== undefined && wanted(line)) show(line);
      return;
    }
    let told = new Set(found.map((line) => JSON.stringify(line)));
    for (await pause(ASK_MS, ended); !ended.aborted; await pause(ASK_MS, ended)) {
      const now = (await deployed(LATE_MS)) ?? [];
      for (const line of now) if (!told.has(JSON.stringify(line))) show(line);
      told = new Set(now.map((line) => JSON.stringify(line)));
    }
  });
}

/** A text, or a field that has a value. */
const wordsOf =
  (query: string) =>
  ({ contains, equals }: Pick<Insights, 'contains' | 'equals'>): string => {
    const [, field, value] = query.match(FIELD) ?? [];
    const text = query === '' ? 'ispresent(@message)' : contains(query);
    return field === undefined || value === undefined ? text : `${equals(field, value)} or ${text}`;
  };

interface TraceOptions {
  readonly requestId?: string;
  readonly last: Period;
}

/** Lines of the environment that `--env` names, oldest or fastest first; undefined when the command is for this machine. */
async function deployedLines(
  cli: CliWorld,
  period: number,
  sort: LogQuery['sort'],
  limit: number,
  where: (made: Pick<Insights, 'contains' | 'equals'>) => string,
): Promise<Line[] | undefined> {
  const { environment, region } = cli;
  if (environment === undefined) return undefined;
  // Loaded only here: the AWS clients are no part of reading a file.
  const insights = await import('../adapters/aws/logs-insights.ts');
  const { logsOfOperator } = await import('./deployed-logs.ts');
  const until = cli.clock();
  const query = { environment, where: where(insights), from: until - period, until, limit, sort };
  return (await logsOfOperator(region).search(query)).reverse();
}

interface Found {
  readonly trace_id: string;
  readonly logs: readonly Line[];
  readonly spans: readonly Line[];
  readonly records: readonly {
    readonly id: string;
    readonly record_hash: string;
    readonly record: { readonly type: string; readonly time: string };
  }[];
  readonly exemplars: readonly { readonly metric: string; readonly exemplar: string }[];
}

async function follow(cli: CliWorld, trace_id: string, period: number): Promise<Found> {
  const deployed = await deployedLines(cli, period, 'newest', MOST_LINES, ({ equals }) =>
    equals('trace_id', trace_id),
  );
  if (cli.place.kind === 'aws' && cli.token === undefined && deployed !== undefined) {
    cli.err('Log lines only: set CHANCERY_TOKEN for its ledger records. Its spans are in X-Ray.');
    return { trace_id, logs: deployed, spans: [], records: [], exemplars: [] };
  }
  const api = await apiClient(cli);
  const asked = api.call('GET', `/ledger/entries?${new URLSearchParams({ trace: trace_id, limit: '100' })}`);
  const entries = await permitted(cli, 'Its records are', asked.then(succeeded), {});
  const metrics = api.text('/metrics', { accept: 'application/openmetrics-text' });
  const samples = parseExposition(await permitted(cli, 'Its exemplars are', metrics, ''));
  return {
    trace_id,
    logs: deployed ?? readLines(cli.settings.logFile).filter((line) => line.trace_id === trace_id),
    spans:
      deployed === undefined
        ? readLines(spansFile(cli.settings.logFile)).filter((line) => line.trace_id === trace_id)
        : [],
    records: (entries as { entries?: Found['records'] }).entries ?? [],
    exemplars: samples.flatMap(({ name, exemplar }) =>
      exemplar?.includes(`trace_id="${trace_id}"`) ? [{ metric: name, exemplar }] : [],
    ),
  };
}

/** What the token may not see is left out, and said; any other refusal ends the command. */
async function permitted<T>(cli: CliWorld, what: string, asked: Promise<T>, none: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof CommandEnd) || error.code !== 'INSUFFICIENT_SCOPE') throw error;
    cli.err(`${what} left out: ${error.message}`);
    return none;
  }
}

function report(cli: CliWorld, { trace_id, logs, spans, records, exemplars }: Found): void {
  cli.out(`trace ${trace_id}`);
  cli.out(`${logs.length} log lines`);
  for (const line of logs) cli.out(`  ${readable(line)}`);
  cli.out(`${spans.length} spans`);
  for (const { start, name, duration_us, status } of spans)
    cli.out(`  ${String(start)} ${String(name)} ${Number(duration_us) / 1000} ms ${String(status)}`);
  cli.out(`${records.length} ledger records`);
  for (const { id, record_hash, record } of records)
    cli.out(`  ${record.time} ${id} ${record.type} ${record_hash.slice(0, 16)}`);
  cli.out(`${exemplars.length} metric exemplars`);
  for (const { metric, exemplar } of exemplars) cli.out(`  ${metric} ${exemplar}`);
}

/** Spans lie beside the log. */
export const spansFile = (logFile: string): string => join(dirname(logFile), 'spans.jsonl');

async function traceOf(cli: CliWorld, requestId: string | undefined, period: number): Promise<string> {
  if (requestId === undefined) throw new CommandEnd('Give a trace id, or --request-id', EXIT.usage);
  const lines =
    (await deployedLines(cli, period, 'newest', MOST_LINES, ({ equals }) =>
      equals('request_id', requestId),
    )) ?? readLines(cli.settings.logFile);
  const found = lines.find((line) => line.request_id === requestId)?.trace_id;
  if (typeof found !== 'string')
    throw new CommandEnd(`No log line carries the request id ${requestId}.`, EXIT.negative);
  return found;
}

/** A line that was cut off by a crash is left out. */
function readLines(path: string): Line[] {
  const files = [...ROTATED.map((index) => `${path}.${index}`), path].filter((file) => existsSync(file));
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map(parse)
      .filter((line) => line !== undefined),
  );
}

function parse(text: string): Line | undefined {
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function hits(line: Line, query: string): boolean {
  const [, field, value] = query.match(FIELD) ?? [];
  if (field !== undefined && field in line) return String(line[field]) === value;
  return JSON.stringify(line).toLowerCase().includes(query.toLowerCase());
}

const timeOf = (line: Line): number => (typeof line.timestamp === 'string' ? Date.parse(line.timestamp) : 0);
const secondsOf = (line: Line): number =>
  typeof line.duration_seconds === 'number' ? line.duration_seconds : 0;

const text = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const fieldsOf = ({ timestamp: _, level: __, logger: ___, message: ____, ...fields }: Line): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(' ');

const readable = (line: Line): string =>
  inOneLine(
    `${text(line.timestamp)} ${text(line.level).padEnd(5)} ${text(line.logger)} ${text(line.message)} ${fieldsOf(line)}`.trimEnd(),
  );
