/** The dashboards on AWS: a workspace that reads Prometheus and CloudWatch, and the custom resource that fills it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ArnFormat, CfnElement, CfnOutput, CustomResource, Stack } from 'aws-cdk-lib';
import type { CfnWorkspace as PrometheusWorkspace } from 'aws-cdk-lib/aws-aps';
import { CfnWorkspace as GrafanaWorkspace } from 'aws-cdk-lib/aws-grafana';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { acknowledge, acknowledgeWildcards } from '../acknowledge.ts';
import type { Environment } from '../environments.ts';
import { nameIn, nameInAccount } from '../names.ts';
import type { GovernedFunction } from './governed-function.ts';

export interface ManagedGrafanaProps {
  readonly environment: Environment['name'];
  readonly authentication: Environment['watch']['grafana']['authentication'];
  readonly prometheus: PrometheusWorkspace;
  /** What answers the custom resource. */
  readonly provision: GovernedFunction;
}

/** Managed Grafana, filled by a custom resource. SAML is completed by an administrator with the identity provider; until then nobody can log in. */
export function managedGrafana(
  stack: Stack,
  { environment, authentication, prometheus, provision }: ManagedGrafanaProps,
): void {
  const role = new Role(stack, 'GrafanaRole', {
    roleName: nameInAccount(stack, environment, 'grafana'),
    description: 'What dashboards may read',
    assumedBy: new ServicePrincipal('grafana.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['aps:GetLabels', 'aps:GetMetricMetadata', 'aps:GetSeries', 'aps:QueryMetrics'],
      resources: [prometheus.attrArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      actions: [
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetInsightRuleReport',
        'cloudwatch:GetMetricData',
        'cloudwatch:ListMetrics',
        'aps:ListWorkspaces',
      ],
      resources: ['*'],
    }),
  );
  const logs = [`/chancery/${environment}/*`, `/aws/events/chancery-${environment}`].map((resourceName) =>
    stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  // Panels over logs ask Logs Insights: a query is begun on a group, and read and ended by its id alone.
  role.addToPolicy(
    new PolicyStatement({ actions: ['logs:GetLogGroupFields', 'logs:StartQuery'], resources: logs }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:DescribeLogGroups', 'logs:GetQueryResults', 'logs:StopQuery'],
      resources: ['*'],
    }),
  );
  acknowledgeWildcards(role, ['*'], 'CloudWatch metrics, queries and lists know no resources');
  acknowledgeWildcards(role, logs.slice(0, 1), 'The log groups of the functions of this one environment');
  const workspace = new GrafanaWorkspace(stack, 'Grafana', {
    name: nameIn(environment, 'grafana'),
    accountAccessType: 'CURRENT_ACCOUNT',
    authenticationProviders: [authentication],
    permissionType: 'CUSTOMER_MANAGED',
    roleArn: role.roleArn,
    dataSources: ['PROMETHEUS', 'CLOUDWATCH'],
  });
  const workspaceArn = stack.formatArn({
    service: 'grafana',
    resource: '/workspaces',
    resourceName: workspace.attrId,
  });
  provision.role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [
        'grafana:CreateWorkspaceServiceAccount',
        'grafana:CreateWorkspaceServiceAccountToken',
        'grafana:DeleteWorkspaceServiceAccount',
      ],
      resources: [workspaceArn],
    }),
  );
  const provider = new Provider(stack, 'GrafanaProvider', { onEventHandler: provision.function });
  acknowledgeProvider(provider, provision);
  new CustomResource(stack, 'GrafanaContent', {
    serviceToken: provider.serviceToken,
    properties: {
      region: stack.region,
      workspaceId: workspace.attrId,
      host: workspace.attrEndpoint,
      prometheusUrl: prometheus.attrPrometheusEndpoint,
      dashboards: digestOf(resolve(import.meta.dirname, '../../dashboards/grafana')),
    },
  });
  new CfnOutput(stack, 'OutGrafana', { key: 'Grafana', value: workspace.attrEndpoint });
}

/** The framework function of CDK that speaks to CloudFormation for ours. */
function acknowledgeProvider(provider: Provider, ours: GovernedFunction): void {
  const { defaultChild } = ours.function.node;
  const id = defaultChild instanceof CfnElement ? Stack.of(ours).getLogicalId(defaultChild) : '';
  acknowledge(provider, {
    'AwsSolutions-L1': 'The runtime is chosen by CDK, with the framework that it comes with.',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
      "CDK's own framework function writes its log and calls ours.",
    [`AwsSolutions-IAM5[Resource::<${id}.Arn>:*]`]: 'Any version of our one function.',
  });
}

/** Changes when a dashboard does, so that CloudFormation runs the custom resource again. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}
