/**
 * What watches and tells: Managed Prometheus with rules and Alertmanager, Managed Grafana filled by a custom
 * resource, CloudWatch alarms and dashboards, SNS topics by severity, the notifier, the SIEM export, the canary, the live feed.
 * Nothing here stands in the way of a governed request; all of it may be absent and requests go on.
 */
import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnServiceLevelObjective } from 'aws-cdk-lib/aws-applicationsignals';
import { CfnRuleGroupsNamespace, CfnWorkspace as PrometheusWorkspace } from 'aws-cdk-lib/aws-aps';
import { CfnDashboard, CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule, EventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { DASHBOARDS } from '../dashboards/all.ts';
import { insightRules, toCloudWatch } from '../dashboards/cloudwatch.ts';
import { ampAlertmanagerYaml } from '../src/watch/alerts/publish/alertmanager.ts';
import { ampGroups, ruleGroups, rulesYaml } from '../src/watch/alerts/publish/render-rules.ts';
import { runbookUrl } from '../src/watch/alerts/publish/runbook.ts';
import { ALERT_SEVERITIES, type AlertSeverity } from '../src/watch/alerts/rules/rule.ts';
import { servicesIn } from '../src/watch/ops/regions.ts';
import { applicationSignals } from '../src/watch/slo/cloudwatch.ts';
import { sloRuleGroups } from '../src/watch/slo/prometheus.ts';
import { acknowledge } from './acknowledge.ts';
import { doorSettings, GovernedFunction } from './constructs/governed-function.ts';
import { managedGrafana } from './constructs/managed-grafana.ts';
import { arnOf, reads, secretToFillIn } from './constructs/secret.ts';
import { topicsOf } from './constructs/topics.ts';
import { queryOf, WatchAlarms } from './constructs/watch-alarms.ts';
import type { Environment } from './environments.ts';
import { WATCH_FUNCTIONS } from './functions.ts';
import type { GateStack } from './gate-stack.ts';
import type { LedgerStack } from './ledger-stack.ts';
import { nameIn, nameInAccount, RETENTION } from './names.ts';

export interface WatchStackProps extends StackProps {
  readonly environment: Environment;
  readonly ledger: LedgerStack;
  readonly gate: GateStack;
  readonly code: (name: string) => string;
  readonly version: string;
  /** Leaves out what stand-ins do not know: Managed Prometheus and Grafana, insight rules, composite alarms. */
  readonly standIn: boolean;
}

export class WatchStack extends Stack {
  readonly topics: Readonly<Record<AlertSeverity, Topic>>;
  readonly functions = new Map<string, GovernedFunction>();
  private readonly props: WatchStackProps;
  private readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WatchStackProps) {
    super(scope, id, props);
    this.props = props;
    const { environment } = props;
    this.deadLetters = this.queue();
    const { alerts, notices } = topicsOf(this, { name: (part) => this.name(part), standIn: props.standIn });
    this.topics = alerts;
    const bus = this.eventBus();
    const has = servicesIn(environment.region);
    const prometheus = props.standIn || !has.prometheus ? undefined : this.prometheus();
    const notifySecret = this.secret(
      'NotifySecret',
      'notify',
      'Where the notifier tells people: {} tells nobody',
    );
    const canarySecret = this.secret(
      'CanarySecret',
      'canary',
      "The canary's client credentials at the issuer",
    );

    const notify = this.function('notify', {
      NOTIFY_SECRET: arnOf(notifySecret),
      NOTICES_TOPIC: notices.topicArn,
      API_URL: props.gate.edge.url,
    });
    notify.role.addToPrincipalPolicy(reads(notifySecret));
    notify.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sns:Publish'], resources: [notices.topicArn] }),
    );
    for (const severity of ALERT_SEVERITIES) {
      this.topics[severity].addSubscription(
        new LambdaSubscription(notify.alias, { deadLetterQueue: this.deadLetters }),
      );
    }
    acknowledge(notify, {
      'CloudFormation-Validate::W3694':
        'An alias of a function is a function to SNS; the schema knows only the one type.',
    });
    const siem = this.function('siem', {
      EVENT_BUS: bus.eventBusName,
      EVENTS: environment.watch.events,
      LOG_ORIGIN: props.ledger.origin,
    });
    siem.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
    );
    const canary = this.function('canary', {
      CANARY_SECRET: arnOf(canarySecret),
      API_URL: props.gate.edge.url,
    });
    canary.role.addToPrincipalPolicy(reads(canarySecret));
    for (const each of [notify, siem, canary, this.listen()]) this.everyMinute(each);
    if (prometheus !== undefined) {
      this.push(prometheus);
      const { enabled, authentication } = environment.watch.grafana;
      if (enabled && has.grafana)
        managedGrafana(this, {
          environment: environment.name,
          authentication,
          prometheus,
          provision: this.function('provision-grafana', {}),
        });
    }
    const alarms = new WatchAlarms(this, 'Alarms', {
      environment,
      topics: this.topics,
      functions: [...props.gate.functions.values(), ...this.functions.values()],
      streamFunctions: ['project', 'seal', 'sweep'],
      tables: [props.ledger.ledger, props.ledger.state, props.ledger.subjectKeys],
      queues: [props.gate.deadLetters, this.deadLetters],
      apiName: nameIn(environment.name, 'api'),
      computed: !props.standIn,
    });
    if (environment.watch.cloudwatch === 'all') {
      this.insightRules();
      this.dashboards(alarms.arns);
      if (!props.standIn && has.signals) this.objectives();
    }
  }

  /** The live feed. @returns the function that tells who listens */
  private listen(): GovernedFunction {
    const { environment, gate, version, standIn } = this.props;
    const settings = doorSettings(environment, version);
    // The console is a page of the other API.
    const live = this.function('live', {
      ...settings,
      ORIGINS: [gate.edge.origin, ...environment.origins].join(),
    });
    gate.live.mount(this, { live, environment, standIn });
    return this.function('broadcast', settings);
  }

  private push(prometheus: PrometheusWorkspace): void {
    const push = this.function('push', {
      PROMETHEUS_URL: `${prometheus.attrPrometheusEndpoint}api/v1/remote_write`,
    });
    push.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['aps:RemoteWrite'], resources: [prometheus.attrArn] }),
    );
    this.twiceAMinute(push);
    new CfnOutput(this, 'OutPrometheus', { key: 'PrometheusWorkspace', value: prometheus.attrWorkspaceId });
  }

  private name(part: string): string {
    return nameIn(this.props.environment.name, part);
  }

  private function(name: string, variables: Readonly<Record<string, string>>): GovernedFunction {
    const spec = WATCH_FUNCTIONS.find((each) => each.name === name);
    if (spec === undefined) throw new Error(`no function ${name}`);
    const { environment, gate, code, version } = this.props;
    const made = new GovernedFunction(this, name, {
      spec,
      environment,
      estate: { ...gate.estate, deadLetters: this.deadLetters, live: gate.live.named },
      code: code(name),
      deadLetters: this.deadLetters,
      variables: { CODE_VERSION: version, ...variables },
    });
    this.functions.set(name, made);
    return made;
  }

  private everyMinute(each: GovernedFunction): void {
    new Rule(this, `every-minute-${each.spec.name}`, {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(each.alias, { deadLetterQueue: this.deadLetters, retryAttempts: 0 })],
    });
  }

  /** A schedule fires once a minute at most. Waiting is a state machine's: a function that sleeps is paid for. */
  private twiceAMinute(each: GovernedFunction): void {
    const call = (id: string) =>
      new LambdaInvoke(this, id, { lambdaFunction: each.alias, payload: TaskInput.fromObject({}) });
    const role = new Role(this, `twice-${each.spec.name}-role`, {
      roleName: nameInAccount(this, this.props.environment.name, `twice-${each.spec.name}`),
      description: `Calls ${each.spec.name} twice a minute`,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]':
        'Log delivery and X-Ray know no resources: AWS lets them be granted on * only.',
    });
    const machine = new StateMachine(this, `twice-${each.spec.name}`, {
      role,
      stateMachineName: this.name(`twice-${each.spec.name}`),
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromChainable(
        call(`${each.spec.name} now`)
          .next(new Wait(this, 'half a minute', { time: WaitTime.duration(Duration.seconds(30)) }))
          .next(call(`${each.spec.name} again`)),
      ),
      timeout: Duration.minutes(2),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, `Log-twice-${each.spec.name}`, {
          logGroupName: `/aws/vendedlogs/states/${this.name(`twice-${each.spec.name}`)}`,
          retention: RETENTION[this.props.environment.logDays],
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new Rule(this, `every-minute-${each.spec.name}`, {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new SfnStateMachine(machine, { deadLetterQueue: this.deadLetters, retryAttempts: 0 })],
    });
  }

  private queue(): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      queueName: this.name('watch-dead-letters'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(queue, { 'AwsSolutions-SQS3': 'This is the dead-letter queue.' });
    return queue;
  }

  /** Records as CloudEvents. */
  private eventBus(): EventBus {
    const bus = new EventBus(this, 'Events', { eventBusName: this.name('events') });
    if (this.props.environment.watch.cloudwatch === 'all') this.keepAsLog(bus);
    return bus;
  }

  /** What comes is also kept as a log, which Contributor Insights and the panels of events read. */
  private keepAsLog(bus: EventBus): void {
    const logs = new LogGroup(this, 'EventLogs', {
      logGroupName: `/aws/events/${this.name('events').replace(/-events$/, '')}`,
      retention: RETENTION[this.props.environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnRule(this, 'events-to-logs', {
      description: 'Keeps every event of the ledger as a log line',
      eventBusName: bus.eventBusName,
      eventPattern: { source: ['org.chancery'] },
      targets: [
        {
          id: 'logs',
          arn: this.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: logs.logGroupName,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      ],
    });
    logs.grantWrite(new ServicePrincipal('events.amazonaws.com'));
  }

  private secret(id: string, part: string, description: string): Secret {
    return secretToFillIn(this, id, { environment: this.props.environment.name, part, description });
  }

  private prometheus(): PrometheusWorkspace {
    const topic = (severity: AlertSeverity) => this.topics[severity].topicArn;
    const { docs } = this.props.environment;
    const workspace = new PrometheusWorkspace(this, 'Prometheus', {
      alias: this.name('metrics'),
      alertManagerDefinition: ampAlertmanagerYaml({
        region: this.region,
        topics: { critical: topic('critical'), warning: topic('warning'), info: topic('info') },
      }),
      workspaceConfiguration: { retentionPeriodInDays: this.props.environment.watch.metricDays },
    });
    new CfnRuleGroupsNamespace(this, 'Rules', {
      name: 'chancery',
      workspace: workspace.attrArn,
      data: rulesYaml(
        ampGroups([
          ...ruleGroups(docs),
          ...sloRuleGroups({ runbookUrl: (alert) => runbookUrl(alert, docs) }),
        ]),
      ),
    });
    return workspace;
  }

  /** Error budgets over weeks, which alarms cannot look back on. */
  private objectives(): void {
    for (const { name, description, requestBasedSli, goal, burnRateConfigurations } of applicationSignals(
      this.props.environment.name,
    )) {
      const { totalRequestCountMetric, monitoredRequestCountMetric } = requestBasedSli.requestBasedSliMetric;
      new CfnServiceLevelObjective(this, name, {
        name: this.name(name.replace(/^chancery-/, '')),
        description,
        requestBasedSli: {
          requestBasedSliMetric: {
            totalRequestCountMetric: totalRequestCountMetric.map(queryOf),
            monitoredRequestCountMetric: {
              badCountMetric: monitoredRequestCountMetric.badCountMetric.map(queryOf),
            },
          },
        },
        goal,
        burnRateConfigurations: [...burnRateConfigurations],
      });
    }
  }

  /** Who asks most, and who is refused most, of the log of events: Grafana shows them too. */
  private insightRules(): void {
    for (const rule of this.props.standIn ? [] : insightRules(this.places())) {
      new CfnInsightRule(this, `Insight-${rule.name}`, {
        ruleName: rule.name,
        ruleState: 'ENABLED',
        ruleBody: JSON.stringify(rule.body),
      });
    }
  }

  private places() {
    const { name } = this.props.environment;
    return { insightPrefix: `${name}-`, eventLogGroup: `/aws/events/chancery-${name}` };
  }

  private dashboards(alarmArns: readonly string[]): void {
    const { environment } = this.props;
    for (const dashboard of DASHBOARDS) {
      new CfnDashboard(this, `Dashboard-${dashboard.uid}`, {
        dashboardName: nameInAccount(this, environment.name, dashboard.uid.replace(/^chancery-/, '')),
        dashboardBody: this.toJsonString(
          toCloudWatch(dashboard, {
            environment: environment.name,
            region: this.region,
            ...this.places(),
            functionLogGroups: [...this.props.gate.functions.keys()].map(
              (name) => `/chancery/${environment.name}/${name}`,
            ),
            alarmArns,
          }),
        ),
      });
    }
  }
}
