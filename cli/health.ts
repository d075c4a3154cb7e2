/** `chancery health`: every check, once or again and again. */
import type { Command } from 'commander';
import * as z from 'zod';
import { HEALTH_STATES } from '../src/watch/ops/health.ts';
import { list } from './answer.ts';
import { type ApiClient, apiClient, succeeded } from './client.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { type Period, periodOption } from './period.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Options {
  readonly component?: string;
  readonly watch?: boolean;
  readonly interval: Period;
  readonly verbose?: boolean;
  readonly times?: number;
}

export function registerHealth(program: Command, world: (command: Command) => CliWorld): void {
  listing(program.command('health'))
    .option('--component <name>', 'only this check')
    .option('--watch', 'again and again, until interrupted')
    .addOption(periodOption('--interval <period>', 'between two looks', '10s'))
    .option('--times <count>', 'with --watch: stop after so many looks', countFrom(1, 1_000_000))
    .option('--verbose', 'with what each check found')
    .action(async (options: Options, command: Command) => {
      const cli = world(command);
      const times = options.watch === true ? (options.times ?? Number.POSITIVE_INFINITY) : 1;
      let healthy = true;
      for (let turn = 1; turn <= times; turn += 1) {
        if (turn > 1) await new Promise((resolve) => setTimeout(resolve, options.interval.ms));
        healthy = await look(cli, options);
      }
      if (!healthy) throw new CommandEnd('', EXIT.negative);
    });
}

const reportSchema = z.looseObject({
  status: z.enum(HEALTH_STATES),
  timestamp: z.string(),
  checks: z.array(
    z.looseObject({
      name: z.string(),
      status: z.enum(HEALTH_STATES),
      details: z.looseObject({ latency_ms: z.number() }),
    }),
  ),
});
type Report = z.infer<typeof reportSchema>;

/** What the service says of itself, also where that is nothing good. Ends the command where it refuses to, or says something else. */
export async function healthOf(client: Pick<ApiClient, 'call'>): Promise<Report> {
  const answer = await client.call('GET', '/health/detailed');
  const report = reportSchema.safeParse(answer.body);
  if (report.success) return report.data;
  succeeded(answer);
  throw new CommandEnd('The service answered without checks.', EXIT.unavailable);
}

async function look(cli: CliWorld, options: Options): Promise<boolean> {
  const report = await healthOf(await apiClient(cli));
  const checks = report.checks.filter(
    ({ name }) => options.component === undefined || name === options.component,
  );
  if (checks.length === 0) {
    const known = report.checks.map(({ name }) => name).join(', ');
    throw new CommandEnd(`There is no check ${options.component}; there are ${known}`, EXIT.usage);
  }
  if (!cli.json && cli.format !== 'name') cli.out(`${report.timestamp} ${report.status}`);
  const verbose = options.verbose === true;
  list(cli, {
    answer: { ...report, checks },
    rows: checks,
    name: ({ name }) => name,
    columns: [
      { head: 'check', cell: ({ name }) => name },
      { head: 'status', cell: ({ status }) => status, state: true },
      { head: 'ms', cell: ({ details }) => details.latency_ms, right: true },
      { head: 'found', cell: ({ details }) => foundIn(details), ...(verbose ? {} : { wide: true }) },
    ],
    empty: '',
  });
  return checks.every(({ status }) => status !== 'unhealthy');
}

const foundIn = ({ latency_ms: _, ...found }: Report['checks'][number]['details']): string =>
  Object.entries(found)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');
