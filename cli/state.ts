/** `chancery state verify`: whether working state says what the ledger says wherever it gives power. */
import type { Command } from 'commander';
import * as z from 'zod';
import { apiClient, succeeded } from './client.ts';
import { type CliWorld, CommandEnd } from './world.ts';

const report = z.looseObject({
  verdict: z.enum(['OK', 'TAMPERED']),
  items: z.number(),
  findings: z.array(
    z.looseObject({
      item: z.string(),
      finding: z.string(),
      partition: z.string(),
      place: z.string(),
      record: z.string().optional(),
      healed: z.boolean(),
    }),
  ),
});

export function registerState(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('state')
    .command('verify', { isDefault: true })
    .description('compare it with the records that justify it, and mend what differs (needs ledger:read)')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli, ['auditor']);
      const { verdict, items, findings } = report.parse(
        succeeded(await client.call('POST', '/state/verify')),
      );
      if (cli.json) cli.data({ verdict, items, findings });
      else {
        cli.out(`${verdict}: ${items} items compared with the ledger`);
        for (const { item, finding, partition, place, record, healed } of findings) {
          const by = record === undefined ? 'no record knows it' : `as record ${record} says`;
          cli.out(
            `${item} ${finding}: ${partition} ${place}, ${healed ? `mended, ${by}` : 'not to be mended'}`,
          );
        }
      }
      if (verdict !== 'OK') throw new CommandEnd('');
    });
}
