/** `chancery slo …`: the service levels, for people and for the gate of a pipeline. */
import type { Command } from 'commander';
import type { SloJudgement } from '../src/watch/slo/evaluate.ts';
import { SLOS } from '../src/watch/slo/slos.ts';
import { apiClient } from './client.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerSlo(program: Command, world: (command: Command) => CliWorld): void {
  const slo = program.command('slo');

  slo
    .command('check')
    .description('exit 1 when too few objectives are met, or one that must be met is missed')
    .option('--min-success-rate <share>', 'share of the judged objectives that must be met, 0 to 1', '1')
    .action(async (options: { minSuccessRate: string }, command: Command) => {
      const cli = world(command);
      const least = Number(options.minSuccessRate);
      if (!(least >= 0 && least <= 1))
        throw new CommandEnd('--min-success-rate takes a number from 0 to 1', EXIT.usage);
      const outcome = check(await judgements(cli), least);
      if (cli.json) cli.out(JSON.stringify(outcome));
      else {
        for (const result of outcome.results) cli.out(line(result));
        cli.out(
          `${outcome.overall_pass ? 'passed' : 'FAILED'}: ${outcome.met} of ${outcome.judged} judged objectives are met`,
        );
      }
      if (!outcome.overall_pass) throw new CommandEnd('', EXIT.negative);
    });

  slo
    .command('report')
    .description('every objective with its value, budget and burn rate')
    .action(async (_: unknown, command: Command) => {
      const cli = world(command);
      const all = await judgements(cli);
      if (cli.json) cli.out(JSON.stringify({ timestamp: new Date(cli.clock()).toISOString(), slos: all }));
      else for (const judgement of all) cli.out(line(judgement));
    });
}

export interface Gate {
  readonly overall_pass: boolean;
  /** Objectives that must be met whatever the others do, and were missed. */
  readonly critical_failures: readonly string[];
  readonly success_rate: number;
  /** Objectives with enough samples to say. */
  readonly judged: number;
  readonly met: number;
  readonly results: readonly (SloJudgement & { readonly pass: boolean })[];
}

/** Too few samples neither pass nor fail. */
export function check(all: readonly SloJudgement[], least: number): Gate {
  const results = all.map((judgement) => ({ ...judgement, pass: judgement.status !== 'critical' }));
  const judged = results.filter(({ status }) => status !== 'too_few_samples');
  const met = judged.filter(({ pass }) => pass).length;
  const gates = new Set(SLOS.filter(({ gate }) => gate).map(({ id }) => id));
  const critical_failures = results.filter(({ id, pass }) => !pass && gates.has(id)).map(({ id }) => id);
  const success_rate = judged.length === 0 ? 1 : met / judged.length;
  return {
    overall_pass: critical_failures.length === 0 && success_rate >= least,
    critical_failures,
    success_rate,
    judged: judged.length,
    met,
    results,
  };
}

async function judgements(cli: CliWorld): Promise<SloJudgement[]> {
  const { status, body } = await (await apiClient(cli)).call('GET', '/slos');
  if (status !== 200) throw new CommandEnd(`GET /slos answered ${status}`, EXIT.unavailable);
  return (body as { slos: SloJudgement[] }).slos;
}

function line({ id, status, value, measure, total, bad, budget_left, burn_rate }: SloJudgement): string {
  const shown =
    value === null
      ? 'no events'
      : measure === 'seconds'
        ? `${value} s`
        : `${Math.round(value * 100_000) / 1000} %`;
  const budget = budget_left === null ? '' : `  budget left ${Math.round(budget_left * 1000) / 10} %`;
  const burn = burn_rate === null ? '' : `  burning at ${burn_rate}`;
  return `${status.padEnd(16)} ${id.padEnd(24)} ${shown.padEnd(12)} ${bad} of ${total} bad${budget}${burn}`;
}
