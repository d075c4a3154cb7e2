/** A secret that an administrator fills in after the deployment: `{}` until then, and what reads it does without. */
import { SecretValue } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { EnvironmentName } from '../environments.ts';
import { nameIn } from '../names.ts';

/** @param part of its name: `chancery/{environment}/{part}` */
export function secretToFillIn(
  scope: Construct,
  id: string,
  {
    environment,
    part,
    description,
  }: { readonly environment: EnvironmentName; readonly part: string; readonly description: string },
): Secret {
  const secret = new Secret(scope, id, {
    secretName: nameIn(environment, part)
      .replace('chancery-', 'chancery/')
      .replace(/-([a-z]+)$/, '/$1'),
    description,
    secretStringValue: SecretValue.unsafePlainText('{}'),
  });
  acknowledge(secret, {
    'AwsSolutions-SMG4': 'Webhooks and client credentials are issued by others; rotating them is theirs.',
  });
  return secret;
}

/**
 * `Fn::GetAtt Id` of a secret is its ARN on AWS and on the stand-in. `Ref`, which CDK's `secretArn` is, is the ARN on
 * AWS alone: the stand-in answers the name, and a policy on a name admits nobody.
 */
export function arnOf(secret: Secret): string {
  const { defaultChild } = secret.node;
  if (!(defaultChild instanceof CfnSecret)) throw new TypeError('a secret is one resource');
  return defaultChild.attrId;
}

export const reads = (secret: Secret): PolicyStatement =>
  new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arnOf(secret)] });
