/**
 * An Ed25519 key that signs inside KMS, for the roles that are named here and for nobody else.
 *
 * The usual key policy hands the whole account over to IAM, so that any administrator could grant himself
 * `kms:Sign`. Here the only statement that allows signing names the roles as its principals: KMS keeps the id of a
 * role that it is given so, and another role that takes the name of a removed one is nobody to the key. Nor may an
 * administrator change the policy: CloudFormation does, under the role that `cdk bootstrap` made for it, so that
 * adding a signer is a change of this stack, seen in a diff and told by CloudTrail.
 */
import { BOOTSTRAP_QUALIFIER_CONTEXT, DefaultStackSynthesizer, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  ArnPrincipal,
  type IRole,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key, type KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * What an administrator needs to keep a key, none of which signs, decrypts or lets somebody else do so. Not its policy:
 * who may change that may give himself everything.
 */
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
  /** Who may use those actions. */
  readonly roles: readonly IRole[];
}

/** Only a deployment changes who may use a key. */
export function changedByDeployment(stack: Stack): PolicyStatement {
  const qualifier: unknown = stack.node.tryGetContext(BOOTSTRAP_QUALIFIER_CONTEXT);
  const known = typeof qualifier === 'string' ? qualifier : DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  const resourceName = `cdk-${known}-cfn-exec-role-${stack.account}-${stack.region}`;
  return new PolicyStatement({
    sid: 'OnlyADeploymentChangesThis',
    principals: [
      new ArnPrincipal(stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName })),
    ],
    actions: ['kms:PutKeyPolicy'],
    resources: ['*'],
  });
}

export class GuardedKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: GuardedKeyProps) {
    super(scope, id);
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
            principals: props.roles.map(({ roleArn }) => new ArnPrincipal(roleArn)),
            actions: [...props.actions],
            resources: ['*'],
          }),
          changedByDeployment(Stack.of(this)),
        ],
      }),
    });
  }
}
