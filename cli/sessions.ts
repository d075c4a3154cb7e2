/** `chancery sessions list`: who was active in the last 15 minutes, by pseudonym. */
import type { Command } from 'commander';
import * as z from 'zod';
import { list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { listing } from './listing.ts';
import type { CliWorld } from './world.ts';

const listed = z.object({
  sessions: z.array(
    z.object({
      session_id: z.string(),
      subject: z.string().nullable(),
      first_seen: z.string(),
      last_seen: z.string(),
      records: z.number(),
      refused: z.number(),
    }),
  ),
  complete: z.boolean(),
});

export function registerSessions(program: Command, world: (command: Command) => CliWorld): void {
  listing(program.command('sessions').command('list', { isDefault: true }))
    .description('list them, the most recent first (needs admin:security:read)')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const api = await apiClient(cli, ['admin_security']);
      const result = listed.parse(succeeded(await api.call('GET', '/sessions')));
      list(cli, {
        answer: result,
        rows: result.sessions,
        name: ({ session_id }) => session_id,
        columns: [
          { head: 'session', cell: ({ session_id }) => session_id },
          { head: 'subject', cell: ({ subject }) => subject?.slice(0, 12) },
          { head: 'first seen', cell: ({ first_seen }) => first_seen, wide: true },
          { head: 'last seen', cell: ({ last_seen }) => last_seen },
          { head: 'records', cell: ({ records }) => records, right: true },
          { head: 'refused', cell: ({ refused }) => refused, right: true },
        ],
        empty: 'no session was active in the last 15 minutes',
      });
      if (!result.complete) cli.err('there are more records than were looked at: the list may lack sessions');
    });
}
