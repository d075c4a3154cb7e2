/** `chancery status`: is it up, is it well, what is in force, and a checkpoint that is worth keeping. */
import type { Command } from 'commander';
import { apiClient } from './client.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Health {
  readonly status: string;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly details?: Record<string, unknown>;
  }[];
}

export function registerStatus(program: Command, world: (command: Command) => CliWorld): void {
  program.command('status').action(async (_options: unknown, command: Command) => {
    const cli = world(command);
    const client = await apiClient(cli);
    const { body } = await client.call('GET', '/health/detailed');
    const health = body as Health;
    const newest = await client.bytes('/ledger/checkpoint');
    const checkpoint = newest.status === 200 ? newest.text : null;
    if (cli.json) cli.out(JSON.stringify({ url: cli.url, ...health, checkpoint }));
    else cli.out(describe(cli.url, health, checkpoint));
    if (health.status === 'unhealthy') throw new CommandEnd('', EXIT.negative);
  });
}

function describe(url: string, { status, checks }: Health, checkpoint: string | null): string {
  const lines = checks.map(({ name, status: found, details = {} }) => {
    const said = Object.entries(details).map(([word, value]) => `${word}=${String(value)}`);
    return `  ${found.padEnd(9)} ${name.padEnd(18)} ${said.join(' ')}`;
  });
  const worthKeeping =
    checkpoint === null
      ? []
      : [
          '',
          'A checkpoint to keep where nobody here can change it; `chancery ledger verify --since FILE` holds the ledger to it:',
          '',
          checkpoint.trimEnd(),
        ];
  return [`${url} is ${status}`, ...lines, ...worthKeeping].join('\n');
}
