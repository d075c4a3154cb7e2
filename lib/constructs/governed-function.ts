/**
 * A function with exactly the rights of its entry in functions.ts: its own role, its own log group, tracing,
 * an alias `live` that callers use, an alarm on that alias, and where the environment asks for it a canary
 * deployment that the alarm rolls back.
 */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts';
import type { Environment } from '../environments.ts';
import type { FunctionSpec } from '../functions.ts';
import { nameIn, nameInAccount, RETENTION } from '../names.ts';
import { type Estate, grantOf } from '../rights.ts';
import { attachInsights } from './insights.ts';

export interface GovernedFunctionProps {
  readonly spec: FunctionSpec;
  readonly environment: Environment;
  readonly estate: Estate;
  /** Folder of the bundle. */
  readonly code: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  /** Where an asynchronous invocation goes that failed for good. */
  readonly deadLetters?: IQueue;
  /** Deploys by canary under this CodeDeploy application. */
  readonly canary?: LambdaApplication;
}

/** What every function is told that knows callers. */
export const doorSettings = (
  environment: Environment,
  version: string,
): Readonly<Record<string, string>> => ({
  CODE_VERSION: version,
  ISSUERS: JSON.stringify(environment.issuers),
  REQUIRE_ACCESS_TOKEN_TYPE: String(environment.requireAccessTokenType),
  ...(environment.url === undefined ? {} : { PUBLIC_URL: environment.url }),
  ...(environment.origins.length === 0 ? {} : { ORIGINS: environment.origins.join() }),
  DETAILED_METRICS: String(environment.detailedMetrics),
});

export class GovernedFunction extends Construct {
  readonly spec: FunctionSpec;
  readonly role: IRole;
  readonly function: LambdaFunction;
  readonly alias: Alias;
  readonly errors: IAlarm;

  constructor(scope: Construct, id: string, props: GovernedFunctionProps) {
    super(scope, id);
    const { spec, environment, estate } = props;
    const name = nameIn(environment.name, spec.name);
    this.spec = spec;

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/chancery/${environment.name}/${spec.name}`,
      retention: RETENTION[environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const roleName = nameInAccount(Stack.of(this), environment.name, spec.name);
    this.role = estate.ledger.roles.has(spec.name)
      ? // By its name, not by reference: its policies belong to this stack and not to the one that has the keys.
        Role.fromRoleName(this, 'Role', roleName)
      : new Role(this, 'Role', {
          roleName,
          description: spec.purpose,
          assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        });
    logGroup.grantWrite(this.role);

    const grants = spec.may.map((right) => grantOf(right, estate));
    for (const { actions, resources, wildcard, partitions } of grants.flatMap((grant) => grant.allow)) {
      const only = partitions && {
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
      };
      this.role.addToPrincipalPolicy(
        new PolicyStatement({ actions: [...actions], resources: [...resources], ...only }),
      );
      if (wildcard !== undefined) acknowledgeWildcards(this.role, resources, wildcard);
    }
    acknowledgeWildcards(this.role, ['*'], 'X-Ray segments are granted on everything or not at all');

    this.function = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: spec.purpose,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.code),
      memorySize: spec.memory,
      timeout: Duration.seconds(spec.timeout),
      // CloudFormation would remove the version before with the deployment, and with it the way back.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetters ? { deadLetterQueue: props.deadLetters, retryAttempts: 2 } : {}),
      environment: {
        CHANCERY_ENVIRONMENT: environment.name,
        CHANCERY_FUNCTION: spec.name,
        LOG_LEVEL: environment.logLevel,
        CLOUDWATCH: environment.watch.cloudwatch,
        ...(environment.logLevels ? { LOG_LEVELS: JSON.stringify(environment.logLevels) } : {}),
        ...(environment.logSamples ? { LOG_SAMPLES: JSON.stringify(environment.logSamples) } : {}),
        ...(environment.commit ? { CODE_COMMIT: environment.commit } : {}),
        ...props.variables,
        ...Object.assign({}, ...grants.map((grant) => grant.environment)),
      },
    });
    if (environment.insights !== undefined) attachInsights(this.function, this.role, environment.insights);
    this.alias = new Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
    this.errors = new Alarm(this, 'Errors', {
      alarmName: `${name}-errors`,
      alarmDescription: `${name} fails: ${spec.purpose}. A canary deployment is rolled back by this.`,
      metric: this.alias.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Not called is not failed.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (props.canary) this.deployByCanary(props.canary, name);
  }

  private deployByCanary(application: LambdaApplication, name: string): void {
    const group = new LambdaDeploymentGroup(this, 'Deployment', {
      application,
      deploymentGroupName: name,
      alias: this.alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [this.errors],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    acknowledge(group, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
        'The role of CodeDeploy itself; AWS keeps this policy to what a Lambda deployment needs.',
    });
  }
}
