/** `chancery alerts`: what fires, who has it, what could not be told. */
import type { Command } from 'commander';
import * as z from 'zod';
import { apiClient } from './client.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

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

  async function call(cli: CliWorld, method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await (await apiClient(cli)).call(method, path, body);
    if (answer.status >= 500) throw new CommandEnd(JSON.stringify(answer.body), EXIT.unavailable);
    if (answer.status >= 400) throw new CommandEnd(JSON.stringify(answer.body));
    return answer.body;
  }

  async function ask(command: Command, method: string, path: string, body?: unknown) {
    const cli = world(command);
    const answer = await call(cli, method, path, body);
    if (cli.json) cli.out(JSON.stringify(answer));
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

  alerts
    .command('list')
    .description('alerts that the notifier knows')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const known = await allAlerts(cli);
      if (cli.json) return cli.out(JSON.stringify({ alerts: known }));
      if (known.length === 0) cli.out('no alerts');
      for (const one of known) {
        const by = one.acknowledged_by === undefined ? '' : ` acknowledged by ${one.acknowledged_by}`;
        cli.out(
          `${one.state.padEnd(8)} ${one.severity.padEnd(8)} ${one.alert} ${one.fingerprint} since ${one.starts_at} record ${one.record_id}${by}`,
        );
      }
    });

  alerts
    .command('acknowledge <fingerprint>')
    .description('take a firing alert on')
    .action(async (fingerprint: string, _options: unknown, command: Command) => {
      const path = `/alerts/${encodeURIComponent(fingerprint)}/acknowledge`;
      const { cli } = await ask(command, 'POST', path, {});
      if (!cli.json) cli.out('acknowledged');
    });

  alerts
    .command('dead-letters')
    .description('notifications that were given up on')
    .action(async (_options: unknown, command: Command) => {
      const { cli, body } = await ask(command, 'GET', '/alerts/dead-letters');
      if (cli.json) return;
      const dead = deadSchema.parse(body).dead_letters;
      if (dead.length === 0) cli.out('no dead letters');
      for (const one of dead) {
        cli.out(
          `${one.id.slice(0, 12)} ${one.courier} since ${one.since}, ${one.attempts} attempts: ${one.detail}`,
        );
      }
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
