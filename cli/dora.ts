/** `chancery dora`: a pipeline records its deployments; anybody reads the four figures off the ledger. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { JsonObject } from '../src/json.ts';
import { doraReport } from '../src/watch/ops/dora.ts';
import { tell } from './answer.ts';
import { type ApiClient, apiClient, succeeded } from './client.ts';
import { type Period, periodOption, secondsIn } from './period.ts';
import { type CliWorld, CommandEnd } from './world.ts';

interface RecordOptions {
  readonly environment: string;
  readonly version: string;
  readonly commit: string;
  readonly result: string;
  readonly leadTime?: number;
  readonly restores?: string;
}

const page = z.object({
  entries: z.array(z.object({ record: z.object({ data: z.record(z.string(), z.json()) }) })),
  next: z.string().optional(),
});

async function deployments(api: ApiClient, from: string): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ type: 'deployment.recorded', from, limit: '1000' });
    if (cursor !== undefined) query.set('cursor', cursor);
    const answer = succeeded(await api.call('GET', `/ledger/entries?${query}`));
    const { entries, next } = page.parse(answer);
    found.push(...entries.map((entry) => entry.record.data));
    cursor = next;
  } while (cursor !== undefined);
  return found;
}

const words = (value: number | null, unit: string): string =>
  value === null ? 'no data' : `${Math.round(value * 100) / 100} ${unit}`;

export function registerDora(program: Command, world: (command: Command) => CliWorld): void {
  const dora = program.command('dora');

  dora
    .command('record')
    .description('record a deployment in the ledger')
    .requiredOption('--environment <name>', 'dev, staging, prod or other')
    .requiredOption('--version <version>', 'what was deployed')
    .requiredOption('--commit <sha>', 'its commit')
    .option('--result <result>', 'success, failure or rollback', 'success')
    .option('--lead-time <duration>', 'from commit to deployment, e.g. 90m', secondsIn)
    .option('--restores <deployment>', 'the failed deployment that this one makes good')
    .action(async (options: RecordOptions, command: Command) => {
      const cli = world(command);
      const { leadTime, ...rest } = options;
      const { status, body } = await (await apiClient(cli)).call('POST', '/deployments', {
        ...rest,
        ...(leadTime === undefined ? {} : { lead_time_seconds: leadTime }),
      });
      if (status !== 201) throw new CommandEnd(`Not recorded: ${JSON.stringify(body)}`);
      const { deployment_id, receipt } = z
        .object({ deployment_id: z.string(), receipt: z.object({ id: z.string() }) })
        .parse(body);
      tell(cli, body, () => `${deployment_id} recorded as ${receipt.id}`);
    });

  dora
    .command('report')
    .description('deployment frequency, lead time, change failure rate, time to restore')
    .addOption(periodOption('--last <duration>', 'how far back', '30d'))
    .action(async (options: { last: Period }, command: Command) => {
      const cli = world(command);
      const now = cli.clock();
      const from = new Date(now - options.last.ms).toISOString();
      const report = doraReport(
        await deployments(await apiClient(cli), from),
        from,
        new Date(now).toISOString(),
      );
      if (cli.json) return cli.data(report);
      cli.out(`deployments          ${report.deployments} (${words(report.deployments_per_day, 'a day')})`);
      cli.out(`lead time            ${words(report.lead_time_seconds, 's')}`);
      cli.out(
        `change failure rate  ${words(report.change_failure_rate === null ? null : report.change_failure_rate * 100, '%')}`,
      );
      cli.out(`time to restore      ${words(report.time_to_restore_seconds, 's')}`);
    });
}
