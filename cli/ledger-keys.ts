/** `chancery ledger rotate-keys`: new signing keys for a data folder that nobody uses. */
import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { ROTATED_KEYS, type RotatedKey, rotateKeys } from '../local/rotate-keys.ts';
import { createIds } from '../src/basics/ids.ts';
import { type ConfirmFlags, confirmable, confirmed } from './confirm.ts';
import type { CliWorld } from './world.ts';

export function registerKeys(ledger: Command, world: (command: Command) => CliWorld): void {
  confirmable(ledger.command('rotate-keys'))
    .description('new signing keys for a stopped data folder; the old ones vouch for them on record')
    .addOption(new Option('--key <key...>', 'only these').choices(ROTATED_KEYS))
    .action(async (flags: ConfirmFlags & { readonly key?: RotatedKey[] }, command: Command) => {
      const cli = world(command);
      const keys = [...new Set(flags.key ?? ROTATED_KEYS)];
      const what = `replace the signing keys (${keys.join(', ')}) of ${cli.dataFolder}`;
      if (!(await confirmed(cli, flags, what, 'rotate'))) return;
      const random = (length: number) => new Uint8Array(randomBytes(length));
      const done = await rotateKeys(cli.dataFolder, keys, {
        clock: cli.clock,
        random,
        ids: createIds(cli.clock, random),
        code: 'chancery ledger rotate-keys',
      });
      if (cli.json) cli.data(done);
      else {
        const record = done.record ?? 'an earlier run';
        cli.out(
          `${done.keys.join(', ')}: new keys, recorded by ${record}. Give auditors the new trust.json.`,
        );
      }
    });
}
