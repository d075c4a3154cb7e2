/** `chancery metrics …`: figures of a running system, and the proof that they are what the ledger says. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { dataPaths } from '../local/stores.ts';
import { decimalIn } from '../src/basics/decimal.ts';
import { ORDERS } from '../src/identity/busiest.ts';
import { unprunedTail } from '../src/watch/metrics/unpruned.ts';
import { verifyMetrics } from '../src/watch/metrics/verify.ts';
import { list, tell } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { parseExposition, quantile, type Sample } from './exposition.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { type Period, periodOption } from './period.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

type WorldOf = (command: Command) => CliWorld;

export function registerMetrics(program: Command, world: WorldOf): void {
  const metrics = program.command('metrics');

  listing(metrics.command('errors'))
    .description('errors, refusals and failed runs by type')
    .action(async (_: unknown, command: Command) => {
      const cli = world(command);
      const samples = await scrape(cli);
      const rows = ERROR_FAMILIES.flatMap((name) => rowsOf(samples, name)).filter(({ value }) => value > 0);
      list(cli, {
        answer: { errors: rows },
        rows,
        name: ({ metric }) => metric,
        columns: [
          { head: 'metric', cell: ({ metric }) => metric },
          { head: 'labels', cell: ({ labels }) => labelsOf(labels) },
          { head: 'value', cell: ({ value }) => value, right: true },
        ],
        empty: 'No errors.',
      });
    });

  listing(metrics.command('latency'))
    .description('percentiles of every latency that was measured')
    .addOption(
      new Option('--percentiles <list>', 'which, between 0 and 100')
        .argParser(percentilesOf)
        .default([50, 95, 99], '50,95,99'),
    )
    .action(async ({ percentiles: wanted }: { percentiles: readonly number[] }, command: Command) => {
      const cli = world(command);
      const rows = latencies(await scrape(cli), wanted);
      list(cli, {
        answer: { latency: rows },
        rows,
        name: ({ metric }) => metric,
        columns: [
          { head: 'metric', cell: ({ metric }) => metric },
          { head: 'count', cell: ({ count }) => count, right: true },
          ...wanted.map((percentile) => ({
            head: `p${percentile}`,
            cell: (row: Latency) => milliseconds(row[`p${percentile}`] ?? 0),
            right: true as const,
          })),
        ],
        empty: 'nothing was measured yet',
      });
    });

  listing(metrics.command('top-users'))
    .description('who asks most, or fails most, by pseudonym, from the ledger (needs ledger:read)')
    .option('--limit <count>', 'how many', countFrom(1, 1_000), 10)
    .addOption(periodOption('--last <period>', 'how far back, as 24h', '24h'))
    .addOption(new Option('--by <count>', 'what is counted').choices(ORDERS).default('decisions'))
    .action(async (options: { limit: number; last: Period; by: string }, command: Command) => {
      const cli = world(command);
      const from = new Date(cli.clock() - options.last.ms).toISOString();
      const query = new URLSearchParams({ by: options.by, from, limit: String(options.limit) });
      const api = await apiClient(cli);
      const answer = topUsers.parse(succeeded(await api.call('GET', `/ledger/top-users?${query}`)));
      list(cli, {
        answer,
        rows: answer.users,
        name: ({ subject }) => subject,
        columns: [{ head: 'subject', cell: ({ subject }) => subject }, ...COUNTS.map(countColumn)],
        empty: `no users in the last ${options.last.text}`,
      });
      if (!answer.complete)
        cli.err('there are more records than were looked at: the counts are of the newest alone');
    });

  metrics
    .command('report')
    .description('every family with its total')
    .addOption(new Option('--format <format>').choices(['text', 'json', 'csv']).default('text'))
    .action(async (options: { format: string }, command: Command) => {
      const cli = world(command);
      const report = totals(await scrape(cli));
      const answer = { timestamp: new Date(cli.clock()).toISOString(), metrics: report };
      const [between, ...head] = options.format === 'csv' ? [',', 'metric,value'] : [' '];
      const lines = () => Object.entries(report).map(([name, value]) => `${name}${between}${value}`);
      tell({ ...cli, json: cli.json || options.format === 'json' }, answer, () =>
        [...head, ...lines()].join('\n'),
      );
    });

  metrics
    .command('verify')
    .description(
      'replay the ledger and compare every ledger-sourced counter and bucket; exit 0 only when all are equal',
    )
    .argument('[folder]', 'a data folder or a copy of one (default: the local one)')
    .action(async (folder: string | undefined, _: unknown, command: Command) => {
      await verify(world(command), folder);
    });
}

async function verify(cli: CliWorld, folder = cli.dataFolder): Promise<void> {
  if (!existsSync(dataPaths(folder).table))
    throw new CommandEnd(
      `There is no data folder at ${folder}: figures are kept in the store, so they are counted again in a data folder or a copy of one (\`chancery metrics verify FOLDER\`), not in an export or over the API.`,
      EXIT.usage,
    );
  const ledger = await verifyStore(folder);
  const file = openLedgerFile(dataPaths(folder).table);
  try {
    const verdict = await verifyMetrics({
      table: file,
      tail: unprunedTail(file, readFolderBlobs(dataPaths(folder).log)),
    });
    const sound = ledger.verdict === 'OK' || ledger.verdict === 'PENDING';
    const ok = verdict.equal && sound;
    const lines = [
      `${ok ? 'equal' : 'NOT EQUAL'}: ${verdict.series} series over ${verdict.records} records, drift ${verdict.drift}; ledger ${ledger.verdict}`,
      ...verdict.broken.map(({ lane, seq }) => `  ${lane}.${seq} is no record any more`),
      ...verdict.differences.map(
        ({ metric, labels, stored, replayed }) =>
          `  ${metric}{${labels.join(',')}} stored ${stored.join(' ')} replayed ${replayed.join(' ')}`,
      ),
    ];
    tell(cli, { ok, ledger: ledger.verdict, ...verdict }, () => lines.join('\n'));
    if (!ok) throw new CommandEnd('', EXIT.negative);
  } finally {
    file.close();
  }
}

const ERROR_FAMILIES = [
  'chancery_errors_total',
  'chancery_exceptions_total',
  'chancery_workflow_errors_total',
  'chancery_policy_errors_total',
  'chancery_auth_failures_total',
  'chancery_aim_validation_failures_total',
  'chancery_decisions_denied_total',
  'chancery_ledger_append_failures_total',
] as const;

interface Row {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const rowsOf = (samples: readonly Sample[], name: string): Row[] =>
  samples
    .filter((sample) => sample.name === name)
    .map(({ labels, value }) => ({ metric: name, labels, value }));

const labelsOf = (labels: Row['labels']): string =>
  Object.entries(labels)
    .map(([name, label]) => `${name}=${label}`)
    .join(' ');

type Latency = { metric: string; count: number } & Record<`p${number}`, number>;

function percentilesOf(text: string): readonly number[] {
  return text.split(',').map((one) => {
    const percentile = decimalIn(one);
    if (percentile !== undefined && percentile > 0 && percentile < 100) return percentile;
    throw new InvalidArgumentError('It takes numbers between 0 and 100, as 50,95,99.');
  });
}

function latencies(samples: readonly Sample[], percentiles: readonly number[]): Latency[] {
  const names = new Set(
    samples.filter(({ name }) => name.endsWith('_seconds_bucket')).map(({ name }) => name),
  );
  return [...names].flatMap((name) => {
    const buckets = samples.filter((sample) => sample.name === name);
    const count = buckets
      .filter(({ labels }) => labels.le === '+Inf')
      .reduce((sum, { value }) => sum + value, 0);
    if (count === 0) return [];
    const values = percentiles.map((percentile): [string, number] => [
      `p${percentile}`,
      quantile(buckets, percentile / 100) ?? 0,
    ]);
    return [{ metric: name.replace(/_bucket$/, ''), count, ...Object.fromEntries(values) }];
  });
}

function totals(samples: readonly Sample[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, value } of samples)
    if (!name.endsWith('_bucket')) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

const topUsers = z.object({
  users: z.array(
    z.object({
      subject: z.string(),
      decisions: z.number(),
      denied: z.number(),
      scope_denied: z.number(),
      limited: z.number(),
      failed: z.number(),
      unsuccessful: z.number(),
    }),
  ),
  complete: z.boolean(),
});

const COUNTS = ['decisions', 'denied', 'scope_denied', 'limited', 'failed'] as const;
const countColumn = (name: (typeof COUNTS)[number]) => ({
  head: name.replace('_', ' '),
  cell: (user: z.infer<typeof topUsers>['users'][number]) => user[name],
  right: true as const,
});

async function scrape(cli: CliWorld): Promise<Sample[]> {
  return parseExposition(await (await apiClient(cli)).text('/metrics'));
}

const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
