/** `chancery missions`: what the calls of tools that follow are for. */
import type { Command } from 'commander';
import { show } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { readJsonFile } from './json-file.ts';
import { countFrom } from './number.ts';
import { durationText } from './period.ts';
import type { CliWorld } from './world.ts';

interface Flags {
  readonly tool: readonly string[];
  readonly duration: string;
  readonly maxCalls: number;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function registerMissions(program: Command, world: (command: Command) => CliWorld): void {
  const missions = program.command('missions');

  missions
    .command('register')
    .description('declare an AIM for calls of tools, bounded in time, tools and count')
    .argument('<file>', 'the AIM as JSON: {"actor", "input", "mission"}')
    .requiredOption('--tool <tool>', 'server.tool or server.*, may be repeated', collect, [])
    .option('--duration <time>', 'how long it counts, up to 7d', durationText, '1h')
    .option('--max-calls <count>', 'for how many calls', countFrom(1, 1_000_000), 100)
    .action(async (file: string, flags: Flags, command: Command) => {
      const cli = world(command);
      const aim = await readJsonFile(file);
      const api = await apiClient(cli);
      const body = { aim, tools: flags.tool, duration: flags.duration, max_calls: flags.maxCalls };
      cli.out(
        JSON.stringify(succeeded(await api.call('POST', '/missions', body)), null, cli.json ? undefined : 2),
      );
    });

  missions
    .command('show')
    .description('what is left of a mission of yours')
    .argument('<id>', 'as register printed it')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const api = await apiClient(cli);
      show(cli, succeeded(await api.call('GET', `/missions/${encodeURIComponent(id)}`)));
    });

  confirmable(missions.command('end'))
    .description('no further call is made for a mission of yours')
    .argument('<id>', 'as register printed it')
    .action(async (id: string, flags: ConfirmFlags, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, flags, `end the mission ${id}`))) return;
      const api = await apiClient(cli);
      show(cli, succeeded(await api.call('DELETE', `/missions/${encodeURIComponent(id)}`)));
    });
}
