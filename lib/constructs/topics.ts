/** Where people are told on AWS: a topic of alerts per severity, and one of notices. */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { AlertSeverity } from '../../src/watch/alerts/rules/rule.ts';
import { acknowledge } from '../acknowledge.ts';
import { AtRestKey } from './at-rest-key.ts';

export interface Topics {
  /** The notifier hears these. */
  readonly alerts: Readonly<Record<AlertSeverity, Topic>>;
  /** The notifier publishes: who subscribes is told what waits for the committee, and what was done. */
  readonly notices: Topic;
}

/** Under one key, with which Managed Prometheus and CloudWatch may publish alerts. */
export function topicsOf(
  stack: Stack,
  { name, standIn }: { readonly name: (part: string) => string; readonly standIn: boolean },
): Topics {
  const publishers = ['aps.amazonaws.com', 'cloudwatch.amazonaws.com'];
  const { key } = new AtRestKey(stack, 'AlertsKey', {
    alias: name('alerts'),
    description: 'Chancery: SNS topics of alerts and notices',
    services: ['sns'],
    servicePrincipals: publishers,
  });
  const topic = (id: string, topicName: string): Topic => {
    const made = new Topic(stack, `Topic-${id}`, {
      topicName: name(topicName),
      masterKey: key,
      // A stand-in speaks plain HTTP on loopback.
      enforceSSL: !standIn,
    });
    if (standIn) acknowledge(made, { 'AwsSolutions-SNS3': 'A stand-in speaks plain HTTP on loopback.' });
    return made;
  };
  const alerts = (severity: AlertSeverity): Topic => {
    const made = topic(severity, `alerts-${severity}`);
    made.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyOurOwnWatchers',
        principals: publishers.map((service) => new ServicePrincipal(service)),
        actions: ['sns:Publish', 'sns:GetTopicAttributes'],
        resources: [made.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    return made;
  };
  return {
    alerts: { critical: alerts('critical'), warning: alerts('warning'), info: alerts('info') },
    notices: topic('notices', 'notices'),
  };
}
