/** `chancery healing`: what the loop did about violations, whether it helped, and taking it back. */
import type { Command } from 'commander';
import * as z from 'zod';
import { list, show, tell } from './answer.ts';
import { apiClient, queryOf, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import type { CliWorld } from './world.ts';

const healingSchema = z.looseObject({
  healing_id: z.string(),
  status: z.string(),
  action: z.string(),
  severity: z.string(),
  violation_id: z.string(),
  nodes: z.array(z.string()),
  effect: z.string(),
  recurrences: z.number(),
  why: z.string(),
});

const listSchema = z.looseObject({
  mode: z.string(),
  threats: z.array(z.object({ node_or_service: z.string(), level: z.number() })),
  healing: z.array(healingSchema),
});

/** Without CHANCERY_TOKEN, the local operator looks; taking back takes somebody else than whom it touched. */
const LOOKING = ['committee_member'];

export function registerHealing(program: Command, world: (command: Command) => CliWorld): void {
  const healing = program.command('healing');

  listing(healing.command('list', { isDefault: true }))
    .description('actions, newest case first, and which nodes threaten')
    .option('--status <status>', 'planned, deferred, withheld, shadowed, executed, failed or undone')
    .option('--limit <n>', 'at most this many', countFrom(1, 200), 50)
    .action(async (options: { status?: string; limit: number }, command: Command) => {
      const cli = world(command);
      const query = queryOf(options);
      const answer = succeeded(await (await apiClient(cli, LOOKING)).call('GET', `/healing?${query}`));
      const { mode, threats, healing: listed } = listSchema.parse(answer);
      if (!cli.json && cli.format !== 'name') {
        if (mode === 'shadow') cli.out('The loop is a shadow: it says what it would do, and does nothing.');
        for (const { node_or_service, level } of threats)
          cli.out(`threat ${level.toFixed(2)} ${inOneLine(node_or_service)}`);
      }
      list(cli, {
        answer,
        rows: listed,
        name: ({ healing_id }) => healing_id,
        columns: [
          { head: 'healing', cell: ({ healing_id }) => healing_id },
          { head: 'status', cell: ({ status }) => status, state: true },
          { head: 'severity', cell: ({ severity }) => severity, state: true },
          { head: 'action', cell: ({ action }) => action },
          { head: 'case', cell: ({ violation_id }) => violation_id },
          { head: 'nodes', cell: ({ nodes }) => nodes.join(', ') },
          { head: 'effect', cell: effectOf },
          { head: 'why', cell: ({ why }) => why },
        ],
        empty: 'nothing was healed',
      });
    });

  healing
    .command('show')
    .description('one action')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const path = `/healing/${encodeURIComponent(id)}` as const;
      const answer = succeeded(await (await apiClient(cli, LOOKING)).call('GET', path));
      show(cli, answer);
    });

  confirmable(healing.command('undo'))
    .description('take back what the loop did')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, in ten characters or more')
    .action(async (id: string, { reason, ...flags }: ConfirmFlags & { reason: string }, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, flags, `take back the action ${id} of the loop`))) return;
      const path = `/healing/${encodeURIComponent(id)}/undo` as const;
      const answer = succeeded(await (await apiClient(cli)).call('POST', path, { reason }));
      tell(cli, answer, () => line(healingSchema.parse(answer)));
    });
}

const effectOf = ({ effect, recurrences }: z.infer<typeof healingSchema>): string =>
  recurrences === 0 ? effect : `${effect} ${recurrences} times`;

function line(one: z.infer<typeof healingSchema>): string {
  return `${one.healing_id} ${one.status.padEnd(8)} ${one.severity.padEnd(10)} ${one.action} for ${one.violation_id} on ${one.nodes.join(', ')}: ${effectOf(one)} (${one.why})`;
}
