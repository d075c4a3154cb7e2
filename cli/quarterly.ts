/** `chancery report quarterly`: as the service compiled it, compiled here out of a sealed log, or held against one. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ChanceryError } from '../src/errors.ts';
import { claimedIn } from '../src/govern/quarterly/claimed.ts';
import { type Bounds, compileReport, type QuarterlyReport } from '../src/govern/quarterly/compile.ts';
import { type Period, periodAsked } from '../src/govern/quarterly/period.ts';
import { written } from '../src/govern/quarterly/render.ts';
import { REPORT_FORMATS, type ReportFormat } from '../src/govern/quarterly/report.ts';
import { tell } from './answer.ts';
import { apiClient, jsonOf, queryOf, succeeded } from './client.ts';
import { atUrl, type LedgerSource, readable, trustOf, type Where, withSource } from './ledger-source.ts';
import { countFrom } from './number.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Flags extends Where {
  readonly quarter?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fromSize?: number;
  readonly toSize?: number;
  readonly format: ReportFormat;
  readonly check?: string;
}

const AUDITOR = ['auditor'];
const MOST_ENTRIES = 10 ** 15;

export function registerQuarterly(report: Command, world: (command: Command) => CliWorld): void {
  readable(report.command('quarterly'))
    .description(
      'violations, sanctions and overrides of a quarter; with --folder compiled here out of the sealed log, with --check held against it',
    )
    .option('--quarter <quarter>', 'such as 2026-Q4; the present one by default')
    .option('--from <time>', 'another time than a quarter, as 2026-10-01T00:00:00Z')
    .option('--to <time>', 'where that ends')
    .option('--from-size <n>', 'only entries from this size of the tree on', countFrom(0, MOST_ENTRIES))
    .option('--to-size <n>', 'only entries below this size of the tree', countFrom(0, MOST_ENTRIES))
    .addOption(new Option('--format <format>', 'of the report').choices(REPORT_FORMATS).default('markdown'))
    .option(
      '--check <file>',
      'a report in any format: it is compiled again out of the log, and exit 1 where a byte differs',
    )
    .action(async (flags: Flags, command: Command) => {
      const cli = world(command);
      if (flags.check !== undefined) await check(cli, flags, flags.check);
      else if (flags.folder !== undefined) await compileHere(cli, flags);
      else await served(cli, flags);
    });
}

async function served(
  cli: CliWorld,
  { quarter, from, to, fromSize, toSize, ...flags }: Flags,
): Promise<void> {
  const format = cli.json ? 'json' : flags.format;
  const query = queryOf({ quarter, from, to, from_size: fromSize, to_size: toSize, format });
  const client = await apiClient(flags.url === undefined ? cli : atUrl(cli, flags.url), AUDITOR);
  const { status, text } = await client.bytes(`/reports/quarterly?${query}`);
  if (status >= 400) succeeded({ status, body: jsonOf(text) });
  cli.out(text);
}

async function compileHere(cli: CliWorld, flags: Flags): Promise<void> {
  const bounds = {
    ...(flags.fromSize === undefined ? {} : { from: flags.fromSize }),
    ...(flags.toSize === undefined ? {} : { to: flags.toSize }),
  };
  const report = await withSource(cli, flags, (source) =>
    compiled(source, asked(flags, cli.clock()), bounds),
  );
  cli.out(written(report, cli.json ? 'json' : flags.format));
}

/** The same report out of the log that one has, and whether it is the same to the byte. */
async function check(cli: CliWorld, flags: Flags, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandEnd(`--check: ${cause instanceof Error ? cause.message : String(cause)}`, EXIT.usage);
  });
  const claimed = claimedIn(text);
  if (claimed === undefined)
    throw new CommandEnd(`${file} is no quarterly report in JSON, Markdown or HTML.`, EXIT.usage);
  const { format, period, ...bounds } = claimed;
  const report = await withSource(cli, flags, (source) => compiled(source, period, bounds));
  // What a shell or an editor puts at the end of a file is no part of the report.
  const [theirs, ours] = [text.trimEnd(), written(report, format).trimEnd()];
  if (theirs !== ours) throw new CommandEnd(differenceOf(theirs, ours), EXIT.negative);
  const { records, proof } = report;
  const [from_size, to_size] = [proof.from.tree_size, proof.to.tree_size];
  tell(
    cli,
    { same: true, format, records, from_size, to_size },
    () =>
      `the same to the byte: ${records} records between the sizes ${from_size} and ${to_size}, as the log has them under its signed checkpoint`,
  );
}

async function compiled(source: LedgerSource, period: Period, bounds: Bounds): Promise<QuarterlyReport> {
  const result = await compileReport({ log: source.log, trust: await trustOf(source) }, period, bounds);
  if (result.kind === 'report') return result.report;
  if (result.kind === 'unsealed')
    throw new CommandEnd('The log here does not reach so far.', EXIT.negative, 'NOT_FOUND');
  throw new CommandEnd(`The log here contradicts it: ${result.detail}.`, EXIT.negative);
}

function asked(flags: Flags, now: number): Period {
  try {
    return periodAsked(flags, now);
  } catch (error) {
    if (error instanceof ChanceryError) throw new CommandEnd(error.message, EXIT.usage, error.code);
    throw error;
  }
}

function differenceOf(theirs: string, ours: string): string {
  const [have, should] = [theirs.split('\n'), ours.split('\n')];
  const line = have.findIndex((text, at) => text !== should[at]);
  const at = line < 0 ? have.length : line;
  const cut = (text: string | undefined): string => around(text ?? '', firstOther(have[at], should[at]));
  return `It is another report than the log gives: line ${at + 1} has “${cut(have[at])}”, and the log gives “${cut(should[at])}”.`;
}

const firstOther = (one = '', other = ''): number => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
};

/** JSON is one line: of a long one, what stands about the place. */
const around = (text: string, at: number): string => text.slice(Math.max(0, at - 30), at + 30);
