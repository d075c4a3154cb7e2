/** Where alerts are told on AWS: one topic per severity. */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { AlertSeverity } from '../../src/watch/alerts/rules/rule.ts';
import { acknowledge } from '../acknowledge.ts';
import { AtRestKey } from './at-rest-key.ts';

/** One topic per severity, under a key that Managed Prometheus and CloudWatch may publish with. */
export function alertTopics(
  stack: Stack,
  { name, standIn }: { readonly name: (part: string) => string; readonly standIn: boolean },
): Readonly<Record<AlertSeverity, Topic>> {
  const publishers = ['aps.amazonaws.com', 'cloudwatch.amazonaws.com'];
  const { key } = new AtRestKey(stack, 'AlertsKey', {
    alias: name('alerts'),
    description: 'Chancery: SNS topics of alerts',
    services: ['sns'],
    servicePrincipals: publishers,
  });
  const topic = (severity: AlertSeverity): Topic => {
    const made = new Topic(stack, `Topic-${severity}`, {
      topicName: name(`alerts-${severity}`),
      masterKey: key,
      // A stand-in speaks plain HTTP on loopback.
      enforceSSL: !standIn,
    });
    if (standIn) acknowledge(made, { 'AwsSolutions-SNS3': 'A stand-in speaks plain HTTP on loopback.' });
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
  return { critical: topic('critical'), warning: topic('warning'), info: topic('info') };
}
