/** `chancery execute FILE`: send a governed request from a file and print what came of it. */
import type { Command } from 'commander';
import * as z from 'zod';
import { show } from './answer.ts';
import { apiClient, exitOf } from './client.ts';
import { readJsonFile } from './json-file.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerExecute(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('execute')
    .argument('<file>', 'the request, as in POST /workflows/governed/execute')
    .option('--validate', 'decide only: POST /governance/validate')
    .option('--idempotency-key <key>', 'the same key gives the first answer again for 24 hours')
    .action(
      async (file: string, options: { validate?: boolean; idempotencyKey?: string }, command: Command) => {
        const cli = world(command);
        const request = await readJsonFile(file);
        const client = await apiClient(cli, undefined, actorOf(request));
        const path = options.validate ? '/governance/validate' : '/workflows/governed/execute';
        const answer = await client.call(
          'POST',
          path,
          request,
          options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {},
        );
        show(cli, answer.body);
        // A run that failed is an answer too.
        if (answer.status >= 400)
          throw new CommandEnd('', answer.status === 500 ? EXIT.negative : exitOf(answer));
      },
    );
}

/** Whom the request names; what is not right with it is for the API to say. */
function actorOf(request: unknown): { name?: string; email?: string } {
  const named = z.object({
    aim: z.object({ actor: z.object({ name: z.string(), email: z.string().optional() }) }),
  });
  const parsed = named.safeParse(request);
  return parsed.success ? parsed.data.aim.actor : {};
}
