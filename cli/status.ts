/** `chancery status`: is it up, is it well, what is in force. */
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
    const { body } = await (await apiClient(cli)).call('GET', '/health/detailed');
    const health = body as Health;
    if (cli.json) {
      cli.out(JSON.stringify({ url: cli.url, ...health }));
    } else {
      cli.out(`${cli.url} is ${health.status}`);
      for (const check of health.checks) {
        const details = Object.entries(check.details ?? {})
          .map(([name, value]) => `${name}=${String(value)}`)
          .join(' ');
        cli.out(`  ${check.status.padEnd(9)} ${check.name.padEnd(18)} ${details}`);
      }
    }
    if (health.status === 'unhealthy') throw new CommandEnd('', EXIT.negative);
  });
}
