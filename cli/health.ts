/** `chancery health`: every check, once or again and again. */
import type { Command } from 'commander';
import type { HealthReport } from '../src/watch/ops/health.ts';
import { apiClient } from './client.ts';
import { countFrom } from './number.ts';
import { periodOf } from './period.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Options {
  readonly component?: string;
  readonly watch?: boolean;
  readonly interval: string;
  readonly verbose?: boolean;
  readonly times?: number;
}

export function registerHealth(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('health')
    .option('--component <name>', 'only this check')
    .option('--watch', 'again and again, until interrupted')
    .option('--interval <period>', 'between two looks', '10s')
    .option('--times <count>', 'with --watch: stop after so many looks', countFrom(1, 1_000_000))
    .option('--verbose', 'with what each check found')
    .action(async (options: Options, command: Command) => {
      const cli = world(command);
      const interval = periodOf(options.interval);
      const times = options.watch === true ? (options.times ?? Number.POSITIVE_INFINITY) : 1;
      let healthy = true;
      for (let look = 1; look <= times; look += 1) {
        if (look > 1) await new Promise((resolve) => setTimeout(resolve, interval));
        healthy = await show(cli, options);
      }
      if (!healthy) throw new CommandEnd('', EXIT.negative);
    });
}

async function show(cli: CliWorld, options: Options): Promise<boolean> {
  const { body } = await (await apiClient(cli)).call('GET', '/health/detailed');
  const report = body as HealthReport;
  if (!Array.isArray(report?.checks))
    throw new CommandEnd('The service answered without checks', EXIT.unavailable);
  const checks = report.checks.filter(
    ({ name }) => options.component === undefined || name === options.component,
  );
  if (checks.length === 0) {
    const known = report.checks.map(({ name }) => name).join(', ');
    throw new CommandEnd(`There is no check ${options.component}; there are ${known}`, EXIT.usage);
  }
  if (cli.json) cli.out(JSON.stringify({ ...report, checks }));
  else {
    cli.out(`${report.timestamp} ${report.status}`);
    for (const { name, status, details } of checks) {
      const { latency_ms, ...found } = details;
      const more =
        options.verbose === true
          ? Object.entries(found)
              .map(([key, value]) => `${key}=${String(value)}`)
              .join(' ')
          : '';
      cli.out(`  ${status.padEnd(9)} ${name.padEnd(16)} ${latency_ms} ms  ${more}`.trimEnd());
    }
  }
  return checks.every(({ status }) => status !== 'unhealthy');
}
