/**
 * `chancery ledger hold | prune`: what must stay, and what may go. The plan of a pruning is made and put on record
 * by the running system; the removal is done here, with the operator's own access to the store, once the record of
 * it stands in the signed tree.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { dataPaths } from '../local/stores.ts';
import { executePruning, type LegalHold, type PruneDeps, RETENTION_DAYS } from '../src/ledger/keep/prune.ts';
import { list, tell } from './answer.ts';
import { type ApiClient, apiClient, succeeded } from './client.ts';
import { type ConfirmFlags, confirmable, confirmed } from './confirm.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const holdSchema = z.looseObject({
  hold_id: z.string(),
  reason: z.string(),
  placed_at: z.string(),
  subject: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
});

interface HoldFlags {
  readonly subject?: string;
  readonly issuer?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
}

export function registerRetention(ledger: Command, world: (command: Command) => CliWorld): void {
  const hold = ledger
    .command('hold')
    .description('legal holds: what they match is neither pruned nor erased');

  listing(hold.command('list', { isDefault: true }))
    .description('those in force')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const holds = await holdsInForce(await apiClient(cli));
      list(cli, {
        answer: { holds },
        rows: holds,
        name: ({ hold_id }) => hold_id,
        columns: [
          { head: 'hold', cell: ({ hold_id }) => hold_id },
          { head: 'placed', cell: ({ placed_at }) => placed_at },
          { head: 'holds', cell: heldBy },
          { head: 'reason', cell: ({ reason }) => reason },
        ],
        empty: 'no legal hold is in force',
      });
    });

  hold
    .command('place')
    .description('without --subject, --from and --to it holds everything')
    .requiredOption('--reason <text>', 'why; it goes on record')
    .option('--subject <sub>', 'only records of this principal')
    .option('--issuer <name>', 'whose principal it is, where more than one issuer is trusted')
    .option('--from <time>', 'only records of this time (RFC 3339) or later')
    .option('--to <time>', 'only records of this time or earlier')
    .action(async (flags: HoldFlags, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli);
      const placed = holdSchema.parse(succeeded(await client.call('POST', '/ledger/holds', { ...flags })));
      tell(cli, placed, () => line(placed));
    });

  confirmable(hold.command('lift'))
    .argument('<id>')
    .description('let go what it held')
    .action(async (id: string, flags: ConfirmFlags, command: Command) => {
      const cli = world(command);
      const what = `lift the legal hold ${id}: what it held may be pruned and erased`;
      if (!(await confirmed(cli, flags, what, id))) return;
      const client = await apiClient(cli);
      const answer = succeeded(await client.call('DELETE', `/ledger/holds/${encodeURIComponent(id)}`));
      tell(cli, answer, () => `lifted ${id}`);
    });

  ledger
    .command('prune')
    .description('remove closed, sealed lanes past their retention from the store; every proof stays valid')
    .option(
      '--retention-days <n>',
      `never fewer than ${RETENTION_DAYS}, nor than the charter keeps (default)`,
      countFrom(1, 36_500),
    )
    .option('--hold <subject>', 'place a legal hold on this principal first')
    .option('--issuer <name>', 'whose principal it is, where more than one issuer is trusted')
    .action(async (options: { retentionDays?: number; hold?: string; issuer?: string }, command: Command) => {
      await prune(world(command), options);
    });
}

const planSchema = z.looseObject({
  before: z.string().optional(),
  lanes: z.array(z.object({ lane: z.int(), next: z.int() })),
  receipt: z.looseObject({ id: z.string(), max_merge_delay_seconds: z.number() }).optional(),
});

async function prune(
  cli: CliWorld,
  options: { retentionDays?: number; hold?: string; issuer?: string },
): Promise<void> {
  const client = await apiClient(cli);
  if (options.hold !== undefined) {
    const held = {
      subject: options.hold,
      ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
      reason: 'placed together with a pruning',
    };
    succeeded(await client.call('POST', '/ledger/holds', held));
  }
  const asked = options.retentionDays === undefined ? {} : { retention_days: options.retentionDays };
  const answer = succeeded(await client.call('POST', '/ledger/prunings', asked));
  const { before, lanes, receipt } = planSchema.parse(answer);
  const say = (removed: number, id: string | null): void =>
    tell(cli, { lanes, removed, record: id }, () =>
      removed === 0
        ? 'nothing is old enough to go'
        : `${removed} records of ${lanes.length} lanes were removed; ${id} is the record of it`,
    );
  if (receipt === undefined || before === undefined) return say(0, null);
  const removed = lanes.reduce((sum, { next }) => sum + next, 0);
  await withStore(cli, async (deps) => {
    const plan = { receipt, data: { before, lanes } };
    const until = cli.clock() + (receipt.max_merge_delay_seconds + 10) * 1_000;
    while (!(await executePruning(deps, plan, await holdsInForce(client)))) {
      if (cli.clock() >= until)
        throw new CommandEnd(
          'The record of the pruning is not sealed; nothing was removed.',
          EXIT.unavailable,
        );
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });
  say(removed, receipt.id);
}

async function holdsInForce(client: ApiClient): Promise<(LegalHold & z.infer<typeof holdSchema>)[]> {
  const answer = succeeded(await client.call('GET', '/ledger/holds'));
  const { holds } = z.object({ holds: z.array(holdSchema) }).parse(answer);
  return holds.map(({ subject, from, to, ...rest }) => ({
    ...rest,
    ...(subject === undefined ? {} : { subject }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }));
}

/** The store with the right to remove: the data folder's, or a deployed one with the operator's own credentials. */
async function withStore(cli: CliWorld, work: (deps: PruneDeps) => Promise<void>): Promise<void> {
  if (cli.environment !== undefined) {
    const { openDeployed } = await import('./deployed.ts');
    const { ledgerTable: table, log, trust } = await openDeployed(cli.environment, cli.region);
    return work({ table, view: { table, log, trust } });
  }
  const paths = dataPaths(cli.dataFolder);
  const trust = await readTrust(join(cli.dataFolder, 'trust.json'));
  if (trust === undefined) throw new CommandEnd(`There is no ledger in ${cli.dataFolder}.`, EXIT.usage);
  const table = openSqliteTable(paths.table);
  try {
    await work({ table, view: { table, log: readFolderBlobs(paths.log), trust } });
  } finally {
    table.close();
  }
}

function heldBy({ subject, from, to }: Pick<z.infer<typeof holdSchema>, 'subject' | 'from' | 'to'>): string {
  const what = [
    ...(subject === undefined ? [] : [`subject ${subject.slice(0, 12)}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
  ];
  return what.join(' ') || 'everything';
}

const line = (hold: z.infer<typeof holdSchema>): string =>
  inOneLine(`${hold.hold_id}  ${hold.placed_at}  ${heldBy(hold)}  ${hold.reason}`);
