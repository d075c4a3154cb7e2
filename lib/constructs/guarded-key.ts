/**
 * An Ed25519 key that signs inside KMS, for the roles that are named here and for nobody else.
 *
 * The usual key policy hands the whole account over to IAM, so that any administrator could grant himself
 * `kms:Sign`. Here the only statement that allows signing names the roles, so adding a signer is a change of
 * this stack, seen in a diff. The roles are named by ARN pattern, not by reference: they live in a later stack.
 */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, type KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What an administrator needs to keep a key, none of which signs, decrypts or lets somebody else do so. */
export const KEY_ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
] as const;

export interface GuardedKeyProps {
  readonly alias: string;
  readonly description: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  /** The one or two actions that the key exists for. */
  readonly actions: readonly string[];
  /** Names of the IAM roles that may use those actions. */
  readonly roles: readonly string[];
  /** Names the roles' sessions as well: a stand-in compares those, AWS the roles themselves. */
  readonly sessions: boolean;
}

export class GuardedKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: GuardedKeyProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const arn = (service: string, resource: string, resourceName: string) =>
      stack.formatArn({ service, region: '', resource, resourceName });
    const callers = props.roles.flatMap((role) => [
      arn('iam', 'role', role),
      ...(props.sessions ? [arn('sts', 'assumed-role', `${role}/*`)] : []),
    ]);
    this.key = new Key(this, 'Key', {
      alias: props.alias,
      description: props.description,
      keySpec: props.spec,
      keyUsage: props.usage,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'AdministerWithoutUsing',
            principals: [new AccountRootPrincipal()],
            actions: [...KEY_ADMINISTRATION, 'kms:GetPublicKey'].filter(
              (action) => props.usage === KeyUsage.SIGN_VERIFY || action !== 'kms:GetPublicKey',
            ),
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'OnlyTheseRolesUseIt',
            principals: [new AccountRootPrincipal()],
            actions: [...props.actions],
            resources: ['*'],
            conditions: { ArnEquals: { 'aws:PrincipalArn': callers } },
          }),
        ],
      }),
    });
  }
}
