/**
 * A symmetric customer key for data at rest. It can be used only through the storage services named here and
 * only from this account: who may read a table or a bucket is decided by the rights to that table or bucket,
 * and nobody can call the key itself to open what was copied out.
 */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { changedByDeployment, KEY_ADMINISTRATION } from './guarded-key.ts';

export interface AtRestKeyProps {
  readonly alias: string;
  readonly description: string;
  /** `dynamodb`, `s3`, `sqs`, `sns`. */
  readonly services: readonly string[];
  /** AWS services that use the key as themselves (an SNS topic's publishers): `cloudwatch.amazonaws.com`. */
  readonly servicePrincipals?: readonly string[];
}

export class AtRestKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: AtRestKeyProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const viaService = props.services.map((service) => `${service}.${region}.amazonaws.com`);
    this.key = new Key(this, 'Key', {
      alias: props.alias,
      description: props.description,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'AdministerWithoutUsing',
            principals: [new AccountRootPrincipal()],
            actions: [...KEY_ADMINISTRATION, 'kms:ListGrants', 'kms:RevokeGrant'],
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'OnlyThroughStorageOfThisAccount',
            principals: [new AnyPrincipal()],
            actions: [
              'kms:Decrypt',
              'kms:DescribeKey',
              'kms:Encrypt',
              'kms:GenerateDataKey',
              'kms:GenerateDataKeyWithoutPlaintext',
              'kms:ReEncryptFrom',
              'kms:ReEncryptTo',
            ],
            resources: ['*'],
            conditions: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService } },
          }),
          new PolicyStatement({
            sid: 'LetStorageKeepItsGrant',
            principals: [new AnyPrincipal()],
            actions: ['kms:CreateGrant'],
            resources: ['*'],
            conditions: {
              StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService },
              Bool: { 'kms:GrantIsForAWSResource': 'true' },
            },
          }),
          changedByDeployment(Stack.of(this)),
          ...servicesThatPublish(account, props.servicePrincipals ?? []),
        ],
      }),
    });
  }
}

function servicesThatPublish(account: string, services: readonly string[]): PolicyStatement[] {
  return services.map(
    (service) =>
      new PolicyStatement({
        sid: `Publish${service.split('.')[0]?.replace(/[^a-z]/g, '') ?? ''}`,
        principals: [new ServicePrincipal(service)],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
  );
}
