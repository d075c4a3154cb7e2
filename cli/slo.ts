/** `chancery slo …`: the service levels, for people and for the gate of a pipeline. */
import type { Command } from 'commander';
import type { SloJudgement } from '../src/watch/slo/evaluate.ts';
import { apiClient, succeeded } from './client.ts';
import { numberFrom } from './number.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerSlo(program: Command, world: (command: Command) => CliWorld): void {
  const slo = program.command('slo');

  slo
    .command('check')
    .description('exit 1 when an objective is critical, or fewer are met without a warning than wanted')
    .option(
      '--min-success-rate <share>',
      'share of the judged objectives that must be met without a warning, 0 to 1',
      numberFrom(0, 1),
      0,
    )
    .action(async (options: { minSuccessRate: number }, command: Command) => {
      const cli = world(command);
      const outcome = check(await judgements(cli), options.minSuccessRate);
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
  /** Objectives that are critical: one is enough to fail. */
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
  const met = judged.filter(({ status }) => status === 'met').length;
  const critical_failures = results.filter(({ pass }) => !pass).map(({ id }) => id);
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
  const body = succeeded(await (await apiClient(cli)).call('GET', '/slos'));
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
