/**
 * Everything that runs and may be thrown away and made again: functions, the API, state machines, schedules
 * and the wires between them. Nothing here holds state.
 */
import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LambdaApplication } from 'aws-cdk-lib/aws-codedeploy';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { LISTED, PREFIXED } from '../src/govern/power/powers.ts';
import { WATCHED_CALLS } from '../src/watch/ops/behind-our-back.ts';
import { acknowledge } from './acknowledge.ts';
import { EdgeApi, STAGE } from './constructs/edge-api.ts';
import { doorSettings, GovernedFunction } from './constructs/governed-function.ts';
import { LiveApi } from './constructs/live-api.ts';
import { arnOf, reads, secretToFillIn } from './constructs/secret.ts';
import { type DeployableWorkflow, StateMachines } from './constructs/state-machines.ts';
import { type Environment, setAside } from './environments.ts';
import { FUNCTIONS, type FunctionSpec } from './functions.ts';
import type { LedgerStack } from './ledger-stack.ts';
import { nameIn, stateMachineName } from './names.ts';
import { publishedIn } from './published.ts';
import { type Estate, stateMachinePrefix } from './rights.ts';
import type { ApiRoute } from './routes.ts';

export interface GateStackProps extends StackProps {
  readonly environment: Environment;
  readonly ledger: LedgerStack;
  readonly workflows: readonly DeployableWorkflow[];
  readonly routes: readonly ApiRoute[];
  /** The folder of a function's bundle. */
  readonly code: (name: string) => string;
  /** Knows no sampling rules of X-Ray. */
  readonly standIn?: boolean;
  /** Of the code, as records name it. */
  readonly version: string;
}

export class GateStack extends Stack {
  readonly functions: ReadonlyMap<string, GovernedFunction>;
  readonly edge: EdgeApi;
  /** The watch stack leads its routes to a function of its own. */
  readonly live: LiveApi;
  readonly machines: StateMachines;
  readonly deadLetters: Queue;
  /** What the rights of its functions are rights to; the watch stack's functions have some of them. */
  readonly estate: Estate;

  constructor(scope: Construct, id: string, props: GateStackProps) {
    super(scope, id, props);
    const { environment } = props;
    this.deadLetters = this.queue(props);
    const estate = this.estateOf(props);
    this.estate = estate;
    const canary =
      environment.rollout === 'canary'
        ? new LambdaApplication(this, 'Deployments', {
            applicationName: nameIn(environment.name, 'functions'),
          })
        : undefined;
    const shares = setAside(environment);
    const make = (spec: FunctionSpec, extra: { deadLetters?: Queue } = {}) => {
      const reservedConcurrency = shares[spec.name];
      return new GovernedFunction(this, spec.name, {
        ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
        spec,
        environment,
        estate,
        code: props.code(spec.name),
        variables: doorSettings(environment, props.version),
        ...(canary ? { canary } : {}),
        ...extra,
      });
    };

    const tasks = new Map(FUNCTIONS.tasks.map((spec) => [spec.task, make(spec)]));
    this.machines = new StateMachines(this, 'Workflows', {
      environment,
      workflows: props.workflows,
      tasks,
    });
    const authorizer = make(FUNCTIONS.authorizer);
    const api = new Map(FUNCTIONS.api.map((spec) => [spec.name, make(spec)]));
    this.giveToolSecrets(api.get('mcp'), environment);
    this.live = new LiveApi(this, 'Live', { environment });
    api.get('observe')?.function.addEnvironment('LIVE_URL', this.live.url);
    const behind = new Map(
      FUNCTIONS.behind.map((spec) => [spec.name, make(spec, { deadLetters: this.deadLetters })]),
    );
    const called = FUNCTIONS.called.map((spec) => [spec.name, make(spec)] as const);
    this.functions = new Map([
      [authorizer.spec.name, authorizer],
      ...api,
      ...behind,
      ...called,
      ...[...tasks.values()].map((each) => [each.spec.name, each] as const),
    ]);
    this.edge = new EdgeApi(this, 'Edge', {
      environment,
      authorizer,
      functions: api,
      routes: props.routes,
    });
    if (!props.standIn) this.sample(environment);
    this.ring(props.ledger);
    this.schedule();
    this.hearExecutionsEnd();
    this.hearWhatOthersDo(props.ledger);
    new CfnOutput(this, 'OutApiUrl', { key: 'ApiUrl', value: this.edge.url });
    new CfnOutput(this, 'OutLiveUrl', { key: 'LiveUrl', value: this.live.url });
    new CfnOutput(this, 'OutDeadLetterQueue', { key: 'DeadLetterQueue', value: this.deadLetters.queueUrl });
  }

  /** What failed for good waits here for a person, two weeks. */
  private queue(props: GateStackProps): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      queueName: nameIn(props.environment.name, 'dead-letters'),
      // SQS's own key: EventBridge and Lambda deliver here as services, which a customer key has to admit.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(queue, { 'AwsSolutions-SQS3': 'This is the dead-letter queue.' });
    return queue;
  }

  private estateOf(props: GateStackProps): Estate {
    const prefix = stateMachinePrefix(this, props.environment.name);
    // By name: what wakes and what is woken need not wait for one another when they are deployed.
    const live = (name: string) =>
      this.formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName: `${nameIn(props.environment.name, name)}:live`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const arn = (name: string) => prefix.replace(nameIn(props.environment.name, ''), '') + name;
    return {
      ledger: props.ledger,
      deadLetters: this.deadLetters,
      express: props.workflows
        .filter((each) => each.kind === 'express')
        .map((each) => arn(stateMachineName(props.environment.name, each.name, 'express'))),
      standard: props.workflows.map((each) =>
        arn(stateMachineName(props.environment.name, each.name, 'standard')),
      ),
      stateMachinePrefix: prefix,
      origin: props.ledger.origin,
      loop: live('heal'),
      broadcaster: live('broadcast'),
      notifier: live('notify'),
      signer: live('sign'),
      witness: live('witness'),
      published: publishedIn(props.environment.name),
      ...(props.environment.deployEndpoint ? { deployEndpoint: props.environment.deployEndpoint } : {}),
    };
  }

  /** What servers behind the office are shown, by the names that the charter gives it: read by the one function that calls them. */
  private giveToolSecrets(mcp: GovernedFunction | undefined, environment: Environment): void {
    if (mcp === undefined) return;
    const secret = secretToFillIn(this, 'ToolSecrets', {
      environment: environment.name,
      part: 'tools',
      description: 'Credentials towards MCP servers: {"NAME": "value"}, names as in the charter',
    });
    mcp.function.addEnvironment('TOOL_SECRETS', arnOf(secret));
    mcp.role.addToPrincipalPolicy(reads(secret));
  }

  private must(name: string): GovernedFunction {
    const found = this.functions.get(name);
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  }

  /** X-Ray decides at the edge, by the first rule that fits, and the functions follow. */
  private sample({ name, tracing }: Environment): void {
    const rules = [
      // Asked all the time and by everybody: a trace of them would tell nothing and cost the most.
      { part: 'health', urlPath: '/*/health*', fixedRate: 0, reservoirSize: 0 },
      { part: 'metrics', urlPath: '/*/metrics', fixedRate: 0, reservoirSize: 0 },
      // Who tells of a wrong must not be found by it: a trace keeps the caller's address.
      { part: 'whistleblower', urlPath: '/*/whistleblower*', fixedRate: 0, reservoirSize: 0 },
      { part: 'requests', urlPath: '*', fixedRate: tracing, reservoirSize: 1 },
    ];
    rules.forEach(({ part, ...rule }, index) => {
      const ruleName = nameIn(name, part);
      new CfnSamplingRule(this, `Sampling-${part}`, {
        samplingRule: {
          ...rule,
          ruleName,
          priority: 100 + index,
          serviceName: `${nameIn(name, 'api')}/${STAGE}`,
          serviceType: 'AWS::ApiGateway::Stage',
          host: '*',
          httpMethod: '*',
          resourceArn: '*',
          version: 1,
        },
      });
    });
  }

  /** A stream is a doorbell: two readers at most, which is all that a shard serves without slowing down. */
  private ring(ledger: LedgerStack): void {
    const lanes = { Keys: { pk: { S: FilterRule.beginsWith('LANE') } } };
    const power = { Keys: { pk: { S: [...LISTED, ...PREFIXED.map((prefix) => ({ prefix }))] } } };
    for (const { name, table, window, of } of [
      // Each run writes every figure that moved: runs further apart cost less.
      {
        name: 'project',
        table: ledger.ledger,
        window: 5,
        of: { eventName: FilterRule.isEqual('INSERT'), dynamodb: lanes },
      },
      // Every kind of change: nothing legitimate modifies or removes a record, and the sentinel hears of it here.
      { name: 'seal', table: ledger.ledger, window: 5, of: { dynamodb: lanes } },
      // As soon as it is there: who changed it by hand is to be named within seconds.
      { name: 'sweep', table: ledger.state, window: 0, of: { dynamodb: power } },
    ]) {
      // Not an event source object: that would add rights of its own choosing to the role.
      this.must(name).alias.addEventSourceMapping('stream', {
        eventSourceArn: table.tableStreamArn ?? '',
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [FilterCriteria.filter(of)],
        batchSize: 1_000,
        maxBatchingWindow: Duration.seconds(window),
        bisectBatchOnError: true,
        retryAttempts: 10,
        reportBatchItemFailures: true,
        onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
      });
    }
  }

  private schedule(): void {
    for (const name of ['seal', 'sweep', 'heal']) {
      new Rule(this, `every-minute-${name}`, {
        description: `Wakes ${name} when nothing else does`,
        schedule: Schedule.rate(Duration.minutes(1)),
        targets: [
          new LambdaTarget(this.must(name).alias, {
            event: RuleTargetInput.fromObject({ source: 'schedule' }),
            deadLetterQueue: this.deadLetters,
            retryAttempts: 2,
          }),
        ],
      });
    }
  }

  /** Standard executions end on their own time; EventBridge tells. */
  private hearExecutionsEnd(): void {
    const standard = this.estate.standard;
    if (standard.length === 0) return;
    new Rule(this, 'executions-end', {
      description: 'Long workflows that ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: standard, status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [
        new LambdaTarget(this.must('settle').alias, { deadLetterQueue: this.deadLetters, retryAttempts: 10 }),
      ],
    });
  }

  /** Our own runs are on record before they begin; what the log stands on is changed by deployments alone. */
  private hearWhatOthersDo(ledger: LedgerStack): void {
    const targets = () => [
      new LambdaTarget(this.must('tripwire').alias, { deadLetterQueue: this.deadLetters, retryAttempts: 10 }),
    ];
    if (this.estate.standard.length > 0) {
      new Rule(this, 'executions-begin', {
        description: 'Workflows that began, whoever began them',
        eventPattern: {
          source: ['aws.states'],
          detailType: ['Step Functions Execution Status Change'],
          detail: { stateMachineArn: this.estate.standard, status: ['RUNNING'] },
        },
        targets: targets(),
      });
    }
    new Rule(this, 'ground-changed', {
      description: 'Calls of AWS that change who may reach what the log stands on',
      eventPattern: {
        source: ['aws.s3', 'aws.dynamodb', 'aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventName: [...WATCHED_CALLS],
          $or: ledger.ground.map((names) => ({ requestParameters: names })),
        },
      },
      targets: targets(),
    });
  }
}
