/** The CDK application of one environment: its stacks, and the checks that make synthesis fail. */
import { type App, CliCredentialsStackSynthesizer, type Stack, Tags, Validations } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Fact, FactName } from 'aws-cdk-lib/region-info';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { DeployableWorkflow } from './constructs/state-machines.ts';
import type { Environment } from './environments.ts';
import { GateStack } from './gate-stack.ts';
import { LedgerStack } from './ledger-stack.ts';
import { checkMetricBill } from './metric-bill.ts';
import { nameIn } from './names.ts';
import type { ApiRoute } from './routes.ts';
import { WatchStack } from './watch-stack.ts';

export interface ChanceryAppProps {
  readonly environment: Environment;
  readonly workflows: readonly DeployableWorkflow[];
  readonly routes: readonly ApiRoute[];
  readonly code: (name: string) => string;
  readonly version: string;
  /**
   * For an AWS stand-in that holds calls to IAM: it is deployed with the caller's own rights, and knows callers
   * by the ARN of their session where AWS uses that of their role.
   */
  readonly standIn?: boolean;
}

export interface Stacks {
  readonly ledger: LedgerStack;
  readonly gate: GateStack;
  readonly watch: WatchStack;
}

/** It has no CodeDeploy, and puts no firewall before an API. */
const NOT_ON_A_STAND_IN: Pick<Environment, 'rollout' | 'firewall'> = { rollout: 'at-once', firewall: false };

/** Whether Lambda Insights is there; where no region is said, CloudFormation finds out. */
const hasLayer = (region: string | undefined, version: string): boolean =>
  region === undefined ||
  Fact.find(region, FactName.cloudwatchLambdaInsightsVersion(version, Architecture.ARM_64.name)) !==
    undefined;

/** Adds the stacks to `app`. cdk-nag's AwsSolutions pack runs at synthesis, and a finding fails it. */
export function addStacks(app: App, props: ChanceryAppProps): Stacks {
  // A stand-in has no layers of AWS's own, and a young region may not have this one yet.
  const { insights, ...bare } = props.standIn
    ? { ...props.environment, ...NOT_ON_A_STAND_IN }
    : props.environment;
  const measured = insights !== undefined && !props.standIn && hasLayer(bare.region, insights);
  const environment: Environment = measured ? { ...bare, insights } : bare;
  const where = () => ({
    ...(props.standIn ? { synthesizer: new CliCredentialsStackSynthesizer() } : {}),
    env: {
      ...(environment.account ? { account: environment.account } : {}),
      ...(environment.region ? { region: environment.region } : {}),
    },
  });
  const ledger = new LedgerStack(app, nameIn(environment.name, 'ledger'), {
    ...where(),
    environment,
    standIn: props.standIn ?? false,
    description: 'Chancery: the ledger and everything else that must survive',
    terminationProtection: true,
  });
  const gate = new GateStack(app, nameIn(environment.name, 'gate'), {
    ...where(),
    environment,
    ledger,
    workflows: props.workflows,
    routes: props.routes,
    code: props.code,
    version: props.version,
    standIn: props.standIn ?? false,
    description: 'Chancery: functions, API and workflows',
  });
  const watch = new WatchStack(app, nameIn(environment.name, 'watch'), {
    ...where(),
    environment,
    ledger,
    gate,
    code: props.code,
    version: props.version,
    standIn: props.standIn ?? false,
    description: 'Chancery: metrics, alerts, dashboards, canary',
  });
  for (const stack of [ledger, gate, watch] satisfies Stack[]) {
    Tags.of(stack).add('service', 'chancery');
    Tags.of(stack).add('environment', environment.name);
  }
  checkMetricBill(watch, props.workflows.length);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { ledger, gate, watch };
}
