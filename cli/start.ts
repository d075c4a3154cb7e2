/** `chancery start`: the whole system on this machine, until it is told to stop. */
import type { Command } from 'commander';
import { startRuntime } from '../local/runtime.ts';
import type { CliWorld } from './world.ts';

export function registerStart(program: Command, world: (command: Command) => CliWorld): void {
  program.command('start').action(async (_options: unknown, command: Command) => {
    const { settings, out, json } = world(command);
    const runtime = await startRuntime(settings);
    if (json) {
      out(JSON.stringify({ url: runtime.url, data: settings.dataFolder, pid: process.pid }));
    } else {
      for (const line of howToCall(runtime.url, settings.dataFolder)) out(line);
    }
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    if (!json) out('Finishing what runs, then stopping.');
    await runtime.stop();
  });
}

function howToCall(url: string, data: string): string[] {
  return [
    `Chancery listens on ${url} and keeps its data in ${data}.`,
    '',
    'Get a token, then ask for a governed run:',
    '  TOKEN=$(npx chancery token --sub jake --name "Jake Smith" --email jake@example.org --role operator)',
    `  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d @docs/examples/compliance-report.json ${url}/workflows/governed/execute`,
    '',
    'Look at what happened:',
    '  npx chancery status',
    '  npx chancery ledger tail',
    '  npx chancery ledger verify',
    '',
    'Ctrl-C finishes what runs and stops.',
  ];
}
