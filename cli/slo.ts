/** `chancery slo …`: the service levels, for people and for the gate of a pipeline. */
import type { Command } from 'commander';
import type { SloJudgement } from '../src/watch/slo/evaluate.ts';
import { type Listing, list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { listing } from './listing.ts';
import { numberFrom } from './number.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerSlo(program: Command, world: (command: Command) => CliWorld): void {
  const slo = program.command('slo');

  listing(slo.command('check'))
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
      list(cli, { ...listed(outcome.results), answer: outcome });
      if (!cli.json && cli.format !== 'name')
        cli.out(
          `${outcome.overall_pass ? 'passed' : 'FAILED'}: ${outcome.met} of ${outcome.judged} judged objectives are met`,
        );
      if (!outcome.overall_pass) throw new CommandEnd('', EXIT.negative);
    });

  listing(slo.command('report', { isDefault: true }))
    .description('every objective with its value, budget and burn rate')
    .action(async (_: unknown, command: Command) => {
      const cli = world(command);
      const all = await judgements(cli);
      list(cli, {
        ...listed(all),
        answer: { timestamp: new Date(cli.clock()).toISOString(), slos: all },
      });
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

const listed = (rows: readonly SloJudgement[]): Omit<Listing<SloJudgement>, 'answer'> => ({
  rows,
  name: ({ id }) => id,
  columns: [
    { head: 'objective', cell: ({ id }) => id },
    { head: 'status', cell: ({ status }) => status, state: true },
    { head: 'value', cell: figureOf, right: true },
    { head: 'bad', cell: ({ bad }) => bad, right: true },
    { head: 'of', cell: ({ total }) => total, right: true },
    { head: 'budget left', cell: ({ budget_left }) => percent(budget_left, 10), right: true },
    { head: 'burn rate', cell: ({ burn_rate }) => burn_rate, right: true },
  ],
  empty: 'the charter has no objective',
});

function figureOf({ value, measure }: SloJudgement): string {
  if (value === null) return 'no events';
  return measure === 'seconds' ? `${value} s` : (percent(value, 1_000) ?? '');
}

const percent = (share: number | null, parts: number): string | undefined =>
  share === null ? undefined : `${Math.round(share * 100 * parts) / parts} %`;
