/** `chancery backup | restore`: a copy of everything, and a data folder out of one. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backUp } from '../local/backup.ts';
import { restoreFolder } from '../local/restore.ts';
import { tell } from './answer.ts';
import { describeRestored } from './ledger-proof.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerBackup(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('backup')
    .argument('<folder>', 'where to; must be empty or absent')
    .addHelpText(
      'after',
      '\nThe keys of persons and of the ledger are in it: keep it as you keep those. An erasure does not reach it, so remove it within the time that you promise.',
    )
    .action(async (folder: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const backup = await backUp(cli.dataFolder, resolve(folder));
      if (cli.json) cli.data(backup);
      else cli.out(`${backup.tree_size} sealed records, and what was not sealed yet, are in ${folder}.`);
    });

  program
    .command('restore')
    .argument('<folder>', 'a backup, a copy of a data folder, or an export')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const restored = await restoreFolder(resolve(folder), cli.dataFolder);
      tell(cli, restored, () => describeRestored(restored));
      if (!cli.json) {
        for (const what of restored.missing) cli.out(`  missing: ${what}`);
        if (restored.until !== null)
          cli.out(`  its newest record is of ${restored.until}: what was acknowledged later is not in it`);
      }
      if (restored.status === 'refused' || restored.differing.length > 0)
        throw new CommandEnd('', EXIT.negative);
    });
}
