/** `chancery sessions list`: who was active in the last 15 minutes, by pseudonym. */
import type { Command } from 'commander';
import * as z from 'zod';
import { apiClient, succeeded } from './client.ts';
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
  program
    .command('sessions')
    .command('list')
    .description('list them, the most recent first (needs admin:security:read)')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const api = await apiClient(cli, ['admin_security']);
      const result = listed.parse(succeeded(await api.call('GET', '/sessions')));
      if (cli.json) return cli.out(JSON.stringify(result));
      if (result.sessions.length === 0) return cli.out('no session was active in the last 15 minutes');
      cli.out(
        'session                               subject       last seen                 records  refused',
      );
      for (const { session_id, subject, last_seen, records, refused } of result.sessions) {
        const columns = [
          session_id.slice(0, 36).padEnd(36),
          (subject ?? '-').slice(0, 12).padEnd(12),
          last_seen,
          String(records).padStart(7),
          String(refused).padStart(7),
        ];
        cli.out(columns.join('  '));
      }
      if (!result.complete) cli.err('there are more records than were looked at: the list may lack sessions');
    });
}
