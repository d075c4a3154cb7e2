/** `chancery doctor`: is the account ready for a deployment, and is what was deployed well? Says what to do. */
import type { Command } from 'commander';
import { askAccount, askDeployment } from '../adapters/aws/examine.ts';
import { operatorWhere } from '../adapters/aws/settings.ts';
import { ENVIRONMENT_NAMES } from '../src/terms.ts';
import { type Diagnosis, examineAccount, examineDeployment } from '../src/watch/ops/doctor.ts';
import { visible } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Options {
  readonly issuer: readonly string[];
}

export function registerDoctor(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('doctor')
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
      const where = located();
      const [account, deployment] = await Promise.all([
        askAccount(where, options.issuer),
        askDeployment(where, environment),
      ]);
      const findings = [
        ...examineAccount(account),
        ...(deployment === undefined ? [] : examineDeployment(deployment)),
      ];
      tell(cli, environment, deployment !== undefined, findings);
      if (findings.some(({ status }) => status === 'fail')) throw new CommandEnd('', EXIT.negative);
    });
}

function located(): ReturnType<typeof operatorWhere> {
  try {
    return operatorWhere();
  } catch (error) {
    throw new CommandEnd(error instanceof Error ? error.message : String(error), EXIT.usage);
  }
}

function urls(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CommandEnd(`--issuer is a URL, such as https://login.example.org, not ${text}`, EXIT.usage);
  return [...before, text];
}

function tell(cli: CliWorld, environment: string, deployed: boolean, findings: readonly Diagnosis[]): void {
  const count = (status: Diagnosis['status']) => findings.filter((each) => each.status === status).length;
  if (cli.json) {
    const healthy = count('fail') === 0;
    cli.out(JSON.stringify({ environment, deployed, healthy, findings }));
    return;
  }
  cli.out(`${environment}: ${deployed ? 'deployed' : 'not deployed here yet; this is the account'}`);
  for (const { status, check, found, fix } of findings) {
    cli.out(`  ${status.padEnd(4)}  ${check.padEnd(20)}  ${visible(found)}`);
    if (fix !== undefined) cli.out(`        ${' '.repeat(20)}  → ${visible(fix)}`);
  }
  cli.out(`${count('ok')} well, ${count('warn')} to look at, ${count('fail')} to mend`);
}
