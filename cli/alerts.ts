/** `chancery alerts`: what fires, who has it, what could not be told. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { Method, PathFor } from '../client/paths.ts';
import { list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { listing } from './listing.ts';
import type { CliWorld } from './world.ts';

const listSchema = z.object({
  alerts: z.array(
    z.object({
      fingerprint: z.string(),
      alert: z.string(),
      state: z.string(),
      severity: z.string(),
      starts_at: z.string(),
      acknowledged_by: z.string().optional(),
      record_id: z.string(),
    }),
  ),
  next: z.string().optional(),
});
type Listed = z.infer<typeof listSchema>['alerts'];
const deadSchema = z.object({
  dead_letters: z.array(
    z.object({
      id: z.string(),
      courier: z.string(),
      attempts: z.number(),
      detail: z.string(),
      since: z.string(),
    }),
  ),
});

export function registerAlerts(program: Command, world: (command: Command) => CliWorld): void {
  const alerts = program.command('alerts');

  async function call<M extends Method>(
    cli: CliWorld,
    method: M,
    path: PathFor<M>,
    body?: unknown,
  ): Promise<unknown> {
    return succeeded(await (await apiClient(cli)).call(method, path, body));
  }

  async function ask<M extends Method>(command: Command, method: M, path: PathFor<M>, body?: unknown) {
    const cli = world(command);
    const answer = await call(cli, method, path, body);
    if (cli.json) cli.data(answer);
    return { cli, body: answer };
  }

  /** Every page. */
  async function allAlerts(cli: CliWorld): Promise<Listed> {
    const known: Listed = [];
    for (let query = 'limit=1000'; ; ) {
      const page = listSchema.parse(await call(cli, 'GET', `/alerts?${query}`));
      known.push(...page.alerts);
      if (page.next === undefined) return known;
      query = `limit=1000&cursor=${encodeURIComponent(page.next)}`;
    }
  }

  listing(alerts.command('list', { isDefault: true }))
    .description('alerts that the notifier knows')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const known = await allAlerts(cli);
      list(cli, {
        answer: { alerts: known },
        rows: known,
        name: ({ fingerprint }) => fingerprint,
        columns: [
          { head: 'fingerprint', cell: ({ fingerprint }) => fingerprint },
          { head: 'state', cell: ({ state }) => state, state: true },
          { head: 'severity', cell: ({ severity }) => severity, state: true },
          { head: 'alert', cell: ({ alert }) => alert },
          { head: 'since', cell: ({ starts_at }) => starts_at },
          { head: 'acknowledged by', cell: ({ acknowledged_by }) => acknowledged_by },
          { head: 'record', cell: ({ record_id }) => record_id, wide: true },
        ],
        empty: 'no alerts',
      });
    });

  alerts
    .command('acknowledge <fingerprint>')
    .description('take a firing alert on')
    .action(async (fingerprint: string, _options: unknown, command: Command) => {
      const path = `/alerts/${encodeURIComponent(fingerprint)}/acknowledge` as const;
      const { cli } = await ask(command, 'POST', path, {});
      if (!cli.json) cli.out('acknowledged');
    });

  listing(alerts.command('dead-letters'))
    .description('notifications that were given up on')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const answer = await call(cli, 'GET', '/alerts/dead-letters');
      list(cli, {
        answer,
        rows: deadSchema.parse(answer).dead_letters,
        name: ({ id }) => id,
        columns: [
          { head: 'id', cell: ({ id }) => (cli.format === 'wide' ? id : id.slice(0, 12)) },
          { head: 'courier', cell: ({ courier }) => courier },
          { head: 'since', cell: ({ since }) => since },
          { head: 'attempts', cell: ({ attempts }) => attempts, right: true },
          { head: 'why', cell: ({ detail }) => detail },
        ],
        empty: 'no dead letters',
      });
    });

  alerts
    .command('redrive')
    .description('try dead letters again')
    .option('--id <id>', 'only this one')
    .action(async (options: { id?: string }, command: Command) => {
      const { cli, body } = await ask(command, 'POST', '/alerts/redrive', options);
      if (!cli.json)
        cli.out(`${z.object({ redriven: z.number() }).parse(body).redriven} will be tried again`);
    });
}
