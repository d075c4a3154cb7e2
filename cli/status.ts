/** `chancery status`: is it up, is it well, what is in force, and a checkpoint that is worth keeping. */
import type { Command } from 'commander';
import { list } from './answer.ts';
import { apiClient } from './client.ts';
import { healthOf } from './health.ts';
import { listing } from './listing.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerStatus(program: Command, world: (command: Command) => CliWorld): void {
  listing(program.command('status')).action(async (_options: unknown, command: Command) => {
    const cli = world(command);
    const client = await apiClient(cli);
    const health = await healthOf(client);
    const newest = await client.bytes('/ledger/checkpoint');
    const checkpoint = newest.status === 200 ? newest.text : null;
    const forPeople = !cli.json && cli.format !== 'name';
    if (forPeople) cli.out(`${client.reached.url} is ${health.status}`);
    list(cli, {
      answer: { url: client.reached.url, ...health, checkpoint },
      rows: health.checks,
      name: ({ name }) => name,
      columns: [
        { head: 'check', cell: ({ name }) => name },
        { head: 'status', cell: ({ status }) => status, state: true },
        { head: 'found', cell: ({ details }) => wordsOf(details) },
      ],
      empty: 'it has no check',
    });
    if (forPeople && checkpoint !== null) cli.out(worthKeeping(checkpoint));
    if (health.status === 'unhealthy') throw new CommandEnd('', EXIT.negative);
  });
}

const wordsOf = (details: Readonly<Record<string, unknown>>): string =>
  Object.entries(details)
    .map(([word, value]) => `${word}=${String(value)}`)
    .join(' ');

const worthKeeping = (checkpoint: string): string =>
  `
A checkpoint to keep where nobody here can change it; \`chancery ledger verify --since FILE\` holds the ledger to it:

${checkpoint.trimEnd()}`;
