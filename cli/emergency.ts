/** `chancery emergency stop|release`, `drain` and `rate-limits reset`. */
import type { Command } from 'commander';
import * as z from 'zod';
import { tell } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable, confirmed } from './confirm.ts';
import { durationText, secondsOrDuration } from './period.ts';
import { type CliWorld, CommandEnd } from './world.ts';

interface StopFlags extends ConfirmFlags {
  readonly reason: string;
  readonly duration?: string;
}

interface ResetFlags extends ConfirmFlags {
  readonly user: string;
  readonly issuer?: string;
}

const stopped = z.object({ state: z.string(), until: z.string() });
const released = z.object({ released: z.boolean(), missing: z.number() });
const drained = z.object({ draining: z.boolean(), drained: z.boolean(), running: z.number() });
export function registerEmergency(program: Command, world: (command: Command) => CliWorld): void {
  const emergency = program.command('emergency');

  confirmable(emergency.command('stop'))
    .option('--reason <text>', 'why; it stands in the ledger', 'stopped from the command line')
    .option(
      '--duration <duration>',
      'how long at most: 90s, 30m, 2h; by default as the charter says',
      durationText,
    )
    .description('deny everything, everywhere, within five seconds (needs emergency:stop)')
    .action(async ({ yes, dryRun, ...order }: StopFlags, command: Command) => {
      const cli = world(command);
      if (!(await confirmed(cli, { yes, dryRun }, 'stop everything, everywhere', 'stop'))) return;
      const api = await apiClient(cli, ['emergency_responder']);
      const result = stopped.parse(succeeded(await api.call('POST', '/emergency-stop', order)));
      tell(cli, result, () => `everything is stopped until ${result.until}; two people release it`);
    });

  confirmable(emergency.command('release'))
    .description('ask for release; a second person has to ask too (needs emergency:release)')
    .action(async (flags: ConfirmFlags, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, flags, 'ask for release of the emergency stop'))) return;
      const api = await apiClient(cli, ['emergency_responder']);
      const result = released.parse(succeeded(await api.call('POST', '/emergency-stop/release')));
      if (cli.json) return cli.data(result);
      cli.out(result.released ? 'released' : `${result.missing} more person has to ask within 15 minutes`);
    });

  confirmable(program.command('drain'))
    .option('--timeout <duration>', 'how long to wait for what runs', secondsOrDuration, 30)
    .option('--off', 'take work again')
    .action(async (options: ConfirmFlags & { timeout: number; off?: boolean }, command: Command) => {
      const cli = world(command);
      const what = options.off ? 'take work again' : 'finish what runs and take no new work';
      if (!(await agreed(cli, options, what))) return;
      const api = await apiClient(cli, ['sre']);
      // One request waits 15 s at most, so patience is asked for in pieces.
      const until = cli.clock() + options.timeout * 1000;
      const ask = async () => {
        const timeout_seconds = Math.max(0, Math.ceil((until - cli.clock()) / 1000));
        const order = { timeout_seconds, ...(options.off ? { for_seconds: 0 } : {}) };
        return drained.parse(succeeded(await api.call('POST', '/drain', order)));
      };
      let result = await ask();
      while (result.draining && !result.drained && cli.clock() < until) result = await ask();
      if (cli.json) cli.data(result);
      else if (!result.draining) cli.out('taking work again');
      else cli.out(result.drained ? 'drained: nothing runs' : `${result.running} executions still run`);
      if (result.draining && !result.drained) throw new CommandEnd('');
    });

  confirmable(program.command('rate-limits').command('reset'))
    .requiredOption('--user <sub>', 'whose counters')
    .option('--issuer <name>', 'whose user it is, where more than one issuer is trusted')
    .description("set a principal's rate counters back (needs admin:users:write)")
    .action(async ({ user, issuer, ...flags }: ResetFlags, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, flags, `set the rate counters of ${user} back`))) return;
      const api = await apiClient(cli, ['admin']);
      const whose = issuer === undefined ? '' : `?issuer=${encodeURIComponent(issuer)}`;
      succeeded(await api.call('DELETE', `/rate-limits/${encodeURIComponent(user)}${whose}`));
      tell(cli, { reset: true, sub: user }, () => `the counters of ${user} start anew`);
    });
}
