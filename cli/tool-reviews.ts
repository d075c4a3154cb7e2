/** `chancery tools list | review`: what servers offer, and a person's word that it may be called as it is. */
import type { Command } from 'commander';
import * as z from 'zod';
import { list, tell } from './answer.ts';
import { type ApiClient, apiClient, succeeded } from './client.ts';
import { type ConfirmFlags, confirmable, confirmed } from './confirm.ts';
import { listing } from './listing.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const offered = z.object({
  tool: z.string(),
  server: z.string(),
  listed: z.boolean(),
  reviewed: z.boolean(),
  definition_digest: z.string(),
  definition: z.looseObject({}),
});
const page = z.object({
  tools: z.array(offered),
  unreachable: z.array(z.looseObject({ server: z.string(), fault: z.string() })),
});
type Seen = z.output<typeof page>;

/** Whoever reviews changes what agents may call, as whoever activates a charter does. */
const ROLES = ['committee_member'];

export function registerReviews(tools: Command, world: (command: Command) => CliWorld): void {
  listing(tools.command('list', { isDefault: true }))
    .description(
      'tools that servers offer now, and whether they were reviewed as they are (needs charter:read)',
    )
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const seen = await look(await apiClient(cli, ROLES));
      list(cli, {
        answer: seen,
        rows: seen.tools,
        name: ({ tool }) => tool,
        columns: [
          { head: 'tool', cell: ({ tool }) => tool },
          { head: 'server', cell: ({ server }) => server, wide: true },
          { head: 'state', cell: stateOf, state: true },
          { head: 'definition', cell: ({ definition_digest }) => definition_digest.slice(0, 16) },
        ],
        empty: 'no server offers a tool',
      });
      for (const { server, fault } of seen.unreachable) cli.err(`${server} cannot be asked: ${fault}`);
    });

  confirmable(tools.command('review'))
    .description('pin the definition of a tool as it is now (needs charter:activate)')
    .argument('<tool>', 'server.tool, or server.* for all of a server that are not reviewed')
    .action(async (wanted: string, options: ConfirmFlags, command: Command) => {
      const cli = world(command);
      const api = await apiClient(cli, ROLES);
      const { tools: all } = await look(api);
      const chosen = all.filter(
        ({ tool, listed, reviewed }) =>
          tool === wanted ||
          (wanted.endsWith('.*') && tool.startsWith(wanted.slice(0, -1)) && listed && !reviewed),
      );
      if (chosen.length === 0) throw new CommandEnd(`No server offers ${wanted} unreviewed.`, EXIT.negative);
      for (const { tool, definition_digest, definition } of chosen) {
        // As JSON: a description that would move the cursor or hide itself is seen as it is.
        cli.err(`${tool}\n${JSON.stringify(definition, null, 2)}`);
        if (!(await confirmed(cli, options, `let agents call ${tool} as it is defined now`, tool))) continue;
        const body = { tool, definition_digest };
        const answer = succeeded(await api.call('POST', '/tools/reviews', body));
        tell(cli, answer, () => `${tool} is reviewed as ${definition_digest.slice(0, 16)}`);
      }
    });
}

const stateOf = ({ listed, reviewed }: Seen['tools'][number]): string =>
  !listed ? 'not listed' : reviewed ? 'reviewed' : 'UNREVIEWED';

async function look(api: ApiClient): Promise<Seen> {
  return page.parse(succeeded(await api.call('GET', '/tools')));
}
