/** `chancery ledger checkpoint`: what an auditor keeps of today, to hold tomorrow's log to it. */
import type { Command } from 'commander';
import { checkpointText } from '../src/ledger/check/proof.ts';
import { openCheckpoint } from '../src/ledger/tree/checkpoint.ts';
import { cosignatures } from '../src/ledger/tree/witness.ts';
import { tell } from './answer.ts';
import { readable, trustOf, type Where, withSource } from './ledger-source.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerCheckpoint(ledger: Command, world: (command: Command) => CliWorld): void {
  readable(ledger.command('checkpoint'))
    .description(
      'the newest signed checkpoint, to keep for `ledger verify --since`; exit 1 when it is not the log’s',
    )
    .action(async (options: Where, command: Command) => {
      const cli = world(command);
      const { text, trust } = await withSource(cli, options, async (source) => ({
        text: await checkpointText(source.log),
        trust: await trustOf(source),
      }));
      if (text === undefined) throw new CommandEnd('Nothing is sealed yet.', EXIT.negative, 'NOT_FOUND');
      const opened = openCheckpoint(text, trust.origin, trust.log_keys);
      if (!opened.ok) throw new CommandEnd(`${opened.verdict}: ${opened.detail}`, EXIT.negative);
      const { size } = opened.checkpoint;
      const cosigned = cosignatures(opened.note, trust.witnesses).map(({ name, time }) => ({
        name,
        time: new Date(time * 1_000).toISOString(),
      }));
      tell(cli, { tree_size: size, cosigned, checkpoint: text }, () => text.trimEnd());
    });
}
