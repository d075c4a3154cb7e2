/**
 * Lambda Insights on one function: AWS's layer, and the right to write to its log group. Not CDK's own property
 * for it, since that attaches a managed policy that may make any log group of the account.
 */
import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Function as LambdaFunction, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { FactName } from 'aws-cdk-lib/region-info';
import { acknowledgeWildcards } from '../acknowledge.ts';

/** @param version of the layer; synthesis fails when AWS has none of that version in the region */
export function attachInsights(fn: LambdaFunction, role: IRole, version: string): void {
  const stack = Stack.of(fn);
  const arn = stack.regionalFact(FactName.cloudwatchLambdaInsightsVersion(version, Architecture.ARM_64.name));
  fn.addLayers(
    LayerVersion.fromLayerVersionAttributes(fn, 'Insights', {
      layerVersionArn: arn,
      // Left out, it is the list of all runtimes, which differs from one synthesis to the next: every function
      // would get a new version with every deployment.
      compatibleRuntimes: [fn.runtime],
    }),
  );
  // One group for all functions of the account and region; the layer makes it when it is not there.
  const group = `arn:${stack.partition}:logs:${stack.region}:${stack.account}:log-group:/aws/lambda-insights:*`;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [group],
    }),
  );
  acknowledgeWildcards(role, [group], 'Streams of this one group, which Lambda Insights names by itself');
}
