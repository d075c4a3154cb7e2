/** `chancery doctor`: is the account ready for a deployment, and is what was deployed well? Says what to do. */
import type { Command } from 'commander';
import { askAccount, askDeployment } from '../adapters/aws/examine.ts';
import { operatorWhere } from '../adapters/aws/settings.ts';
import { ENVIRONMENT_NAMES } from '../src/terms.ts';
import { type Diagnosis, examineAccount, examineDeployment } from '../src/watch/ops/doctor.ts';
import { list } from './answer.ts';
import { listing } from './listing.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Options {
  readonly issuer: readonly string[];
}

export function registerDoctor(program: Command, world: (command: Command) => CliWorld): void {
  listing(program.command('doctor'))
    .option('--issuer <url>', 'an identity provider to ask for its keys; repeat it for several', urls, [])
    .action(async (options: Options, command: Command) => {
      const cli = world(command);
      const { environment } = cli;
      if (environment === undefined)
        throw new CommandEnd(
          'doctor looks at AWS: say which environment, with --env dev, staging or prod. For the local runtime there is chancery health',
          EXIT.usage,
        );
      if (!ENVIRONMENT_NAMES.some((name) => name === environment))
        throw new CommandEnd(
          `There is no environment ${environment}; there are ${ENVIRONMENT_NAMES.join(', ')}`,
          EXIT.usage,
        );
      const where = located(cli.region);
      const [account, deployment] = await Promise.all([
        askAccount(where, options.issuer),
        askDeployment(where, environment),
      ]);
      const findings = [
        ...examineAccount(account),
        ...(deployment === undefined ? [] : examineDeployment(deployment)),
      ];
      report(cli, environment, deployment !== undefined, findings);
      if (findings.some(({ status }) => status === 'fail')) throw new CommandEnd('', EXIT.negative);
    });
}

function located(region: string | undefined): ReturnType<typeof operatorWhere> {
  try {
    return operatorWhere(region);
  } catch (error) {
    throw new CommandEnd(error instanceof Error ? error.message : String(error), EXIT.usage);
  }
}

function urls(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CommandEnd(`--issuer is a URL, such as https://login.example.org, not ${text}`, EXIT.usage);
  return [...before, text];
}

function report(cli: CliWorld, environment: string, deployed: boolean, findings: readonly Diagnosis[]): void {
  const count = (status: Diagnosis['status']) => findings.filter((each) => each.status === status).length;
  const forPeople = !cli.json && cli.format !== 'name';
  if (forPeople)
    cli.out(`${environment}: ${deployed ? 'deployed' : 'not deployed here yet; this is the account'}`);
  list(cli, {
    answer: { environment, deployed, healthy: count('fail') === 0, findings },
    rows: findings,
    name: ({ check }) => check,
    columns: [
      { head: 'check', cell: ({ check }) => check },
      { head: 'status', cell: ({ status }) => status, state: true },
      { head: 'found', cell: ({ found }) => found },
    ],
    empty: 'nothing was found',
  });
  if (!forPeople) return;
  for (const { check, fix } of findings) if (fix !== undefined) cli.out(`${check}: ${fix}`);
  cli.out(`${count('ok')} well, ${count('warn')} to look at, ${count('fail')} to mend`);
}
