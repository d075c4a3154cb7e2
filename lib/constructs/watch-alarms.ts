/**
 * CloudWatch alarms from the declarations in src/watch/alerts and src/watch/slo: what must be told without Managed
 * Prometheus, and everything whose source is AWS. Names are `chancery-{env}-{Alert}[-{resource}]`, by which the
 * notifier finds the alert; the dead-man alarm watches the canary from outside of everything else.
 */
import { CfnAlarm, type CfnAlarmProps, CfnCompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { runbookUrl } from '../../src/watch/alerts/publish/runbook.ts';
import type { AlertSeverity, AwsAlarm } from '../../src/watch/alerts/rules/rule.ts';
import { ALERTS, isVital } from '../../src/watch/alerts/rules/rules.ts';
import { ENVIRONMENT } from '../../src/watch/metrics/cloudwatch.ts';
import { burnAlarms, type MetricQuery } from '../../src/watch/slo/cloudwatch.ts';
import type { Environment } from '../environments.ts';
import { nameIn } from '../names.ts';
import type { GovernedFunction } from './governed-function.ts';

export interface WatchAlarmsProps {
  readonly environment: Environment;
  readonly topics: Readonly<Record<AlertSeverity, Topic>>;
  readonly functions: readonly GovernedFunction[];
  /** Names of those that read a stream. */
  readonly streamFunctions: readonly string[];
  readonly tables: readonly Table[];
  readonly queues: readonly Queue[];
  readonly apiName: string;
  /** Alarms on expressions and on other alarms, which stand-ins do not know. */
  readonly computed: boolean;
}

interface Subject {
  /** Part of the alarm's name; empty where there is only one. */
  readonly suffix: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
}

/** Memory that comes with one whole core. */
const CORE_MB = 1_769;

export class WatchAlarms extends Construct {
  readonly arns: string[] = [];
  private readonly props: WatchAlarmsProps;

  constructor(scope: Construct, id: string, props: WatchAlarmsProps) {
    super(scope, id);
    this.props = props;
    const { environment } = props;
    for (const rule of ALERTS) {
      if (rule.aws === undefined || (rule.aws.expression !== undefined && !props.computed)) continue;
      const { name, severity, description, aws } = rule;
      if (environment.watch.cloudwatch === 'vital' && !isVital(rule)) continue;
      for (const subject of this.subjectsOf(aws)) this.alarm(name, severity, description, aws, subject);
    }
    if (props.computed && environment.watch.cloudwatch === 'all') this.burns();
  }

  private subjectsOf({ subject }: AwsAlarm): readonly Subject[] {
    const { environment, functions, streamFunctions, tables, queues, apiName } = this.props;
    const ofFunction = (each: GovernedFunction): Subject => ({
      suffix: each.spec.name,
      dimensions: { FunctionName: each.function.functionName },
      timeoutMs: each.spec.timeout * 1_000,
      memoryMb: each.spec.memory,
    });
    switch (subject) {
      case 'function':
        return functions.map(ofFunction);
      case 'stream':
        return functions.filter((each) => streamFunctions.includes(each.spec.name)).map(ofFunction);
      case 'canary':
        return functions
          .filter((each) => each.spec.name === 'canary')
          .map((each) => ({ ...ofFunction(each), suffix: '' }));
      case 'table':
        return tables.map((table) => ({ suffix: table.node.id, dimensions: { TableName: table.tableName } }));
      case 'queue':
        return queues.map((queue, at) => ({
          suffix: `${queue.node.id}${at}`,
          dimensions: { QueueName: queue.queueName },
        }));
      case 'api':
        return [{ suffix: '', dimensions: { ApiName: apiName } }];
      case 'own':
        return [{ suffix: '', dimensions: { [ENVIRONMENT]: environment.name } }];
      case 'account':
        return [{ suffix: '', dimensions: {} }];
    }
  }

  private alarm(
    name: string,
    severity: AlertSeverity,
    description: string,
    aws: AwsAlarm,
    subject: Subject,
  ): void {
    const { environment, topics } = this.props;
    const full = nameIn(environment.name, subject.suffix ? `${name}-${subject.suffix}` : name);
    const topic = topics[severity].topicArn;
    const made = new CfnAlarm(this, full, {
      alarmName: full,
      alarmDescription: `${description} ${runbookUrl(name, environment.docs)}`,
      threshold: thresholdOf(aws, subject, environment),
      comparisonOperator: aws.comparison,
      evaluationPeriods: aws.evaluation_periods,
      datapointsToAlarm: aws.datapoints,
      treatMissingData: aws.missing,
      alarmActions: [topic],
      okActions: [topic],
      ...measured(aws, subject),
    });
    this.arns.push(made.attrArn);
  }

  /** Objectives: the composite tells; its windows alone do not. */
  private burns(): void {
    const { environment, topics } = this.props;
    for (const burn of burnAlarms(environment.name)) {
      const topic = topics[burn.severity].topicArn;
      const alone = burn.alarms.length === 1;
      const parts = burn.alarms.map(({ name, description, metrics, ...rest }) => {
        const alarmName = nameIn(environment.name, name.replace(/^chancery-/, ''));
        const made = new CfnAlarm(this, alarmName, {
          ...rest,
          alarmName,
          alarmDescription: `${description} ${runbookUrl(burn.alert, environment.docs)}`,
          metrics: metrics.map(queryOf),
          ...(alone ? { alarmActions: [topic], okActions: [topic] } : {}),
        });
        return { alarmName, made };
      });
      if (alone) {
        this.arns.push(...parts.map(({ made }) => made.attrArn));
        continue;
      }
      const alarmName = nameIn(environment.name, `${burn.alert}-${burn.slo}`);
      const composite = new CfnCompositeAlarm(this, alarmName, {
        alarmName,
        alarmDescription: `The error budget of ${burn.slo} burns too fast. ${runbookUrl(burn.alert, environment.docs)}`,
        alarmRule: parts.map((part) => `ALARM("${part.alarmName}")`).join(' AND '),
        alarmActions: [topic],
        okActions: [topic],
      });
      for (const { made } of parts) composite.addResourceDependency(made);
      this.arns.push(composite.attrArn);
    }
  }
}

function thresholdOf(
  { threshold }: AwsAlarm,
  { timeoutMs = 0, memoryMb = 0 }: Subject,
  { accountConcurrency }: Environment,
): number {
  if (typeof threshold === 'number') return threshold;
  const whole = {
    timeout_ms: timeoutMs,
    concurrency: accountConcurrency,
    cpu_percent: (100 * memoryMb) / CORE_MB,
  };
  return threshold.share * whole[threshold.of];
}

type Measured = Pick<
  CfnAlarmProps,
  'namespace' | 'metricName' | 'statistic' | 'extendedStatistic' | 'period' | 'dimensions' | 'metrics'
>;

function measured(aws: AwsAlarm, subject: Subject): Measured {
  const dimensionsOf = (extra: Readonly<Record<string, string>> = {}) =>
    Object.entries({ ...subject.dimensions, ...extra }).map(([name, value]) => ({ name, value }));
  const [only] = aws.metrics;
  if (aws.expression === undefined && only !== undefined && aws.metrics.length === 1) {
    return {
      namespace: only.namespace,
      metricName: only.metric,
      ...statistic(only.stat),
      period: aws.period,
      dimensions: namespaced(only.namespace, dimensionsOf(only.dimensions)),
    };
  }
  return {
    metrics: [
      ...aws.metrics.map(({ id, namespace, metric, stat, dimensions }) => ({
        id,
        returnData: false,
        metricStat: {
          metric: {
            namespace,
            metricName: metric,
            dimensions: namespaced(namespace, dimensionsOf(dimensions)),
          },
          period: aws.period,
          stat,
        },
      })),
      { id: 'result', expression: aws.expression ?? '', returnData: true },
    ],
  };
}

/** Lambda Insights calls the dimension by another name. */
const namespaced = (namespace: string, dimensions: { name: string; value: string }[]) =>
  namespace === 'LambdaInsights'
    ? dimensions.map(({ name, value }) => ({ name: name === 'FunctionName' ? 'function_name' : name, value }))
    : dimensions;

const PLAIN = new Set(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']);
const statistic = (stat: string) => (PLAIN.has(stat) ? { statistic: stat } : { extendedStatistic: stat });

/** A query as CloudFormation has it. */
export const queryOf = ({ metricStat, ...query }: MetricQuery): CfnAlarm.MetricDataQueryProperty => ({
  ...query,
  ...(metricStat
    ? {
        metricStat: {
          ...metricStat,
          metric: { ...metricStat.metric, dimensions: [...metricStat.metric.dimensions] },
        },
      }
    : {}),
});
