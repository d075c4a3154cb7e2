/**
 * Everything that must survive: the ledger, working state, subject keys, documents, the published log, the
 * write-once checkpoints, and the keys. Each is retained when the stack goes, protected from deletion and
 * named, so that CloudFormation cannot replace it. Functions live in the gate stack and come and go.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { AtRestKey } from './constructs/at-rest-key.ts';
import { GuardedKey } from './constructs/guarded-key.ts';
import type { Environment } from './environments.ts';
import { KEY_HOLDERS, PSEUDONYMISERS, WRITERS } from './functions.ts';
import { nameIn, nameInAccount } from './names.ts';

export interface LedgerStackProps extends StackProps {
  readonly environment: Environment;
  readonly standIn?: boolean;
}

export class LedgerStack extends Stack {
  readonly ledger: Table;
  readonly state: Table;
  readonly subjectKeys: Table;
  readonly documents: Bucket;
  readonly log: Bucket;
  readonly worm: Bucket;
  readonly laneAuthority: Key;
  readonly checkpointKey: Key;
  readonly witnessKey: Key;
  readonly capabilityKey: Key;
  readonly pseudonymKey: Key;
  readonly dataKey: Key;
  readonly subjectKeysKey: Key;
  /** Of the functions that may use a key, by function: the keys know them, so they stand where the keys stand. */
  readonly roles: ReadonlyMap<string, Role>;
  /** The log's name: first line of every checkpoint, in every certificate. */
  readonly origin: string;
  private readonly bucketNames = new Map<IBucket, string>();
  private readonly tableNames: string[] = [];

  constructor(scope: Construct, id: string, props: LedgerStackProps) {
    super(scope, id, props);
    const { environment } = props;
    const name = (part: string) => nameIn(environment.name, part);
    this.origin = `${name('log')}/${this.account}/${this.region}`;

    this.roles = new Map(
      KEY_HOLDERS.map((each) => [
        each.name,
        new Role(this, `Role-${each.name}`, {
          roleName: nameInAccount(this, environment.name, each.name),
          description: each.purpose,
          assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        }),
      ]),
    );
    const rolesOf = (functions: readonly string[]): Role[] =>
      functions.map((each) => {
        const role = this.roles.get(each);
        if (role === undefined) throw new Error(`${each} holds no key`);
        return role;
      });
    this.dataKey = new AtRestKey(this, 'DataKey', {
      alias: name('data'),
      description: 'Chancery: tables and buckets at rest',
      services: ['dynamodb', 's3'],
    }).key;
    this.subjectKeysKey = new AtRestKey(this, 'SubjectKeysKey', {
      alias: name('subject-keys'),
      description:
        'Chancery: the table of subject keys, apart, so that erasure does not hang on the data key',
      services: ['dynamodb'],
    }).key;
    const signing = (id: string, part: string, description: string, functions: readonly string[]) =>
      new GuardedKey(this, id, {
        alias: name(part),
        description: `Chancery: ${description}`,
        spec: KeySpec.ECC_NIST_EDWARDS25519,
        usage: KeyUsage.SIGN_VERIFY,
        actions: ['kms:Sign'],
        roles: rolesOf(functions),
      }).key;
    this.laneAuthority = signing('LaneAuthority', 'lane-authority', 'certifies lanes; writers only', WRITERS);
    this.checkpointKey = signing('Checkpoint', 'checkpoint', 'signs checkpoints; their signer only', [
      'sign',
    ]);
    this.witnessKey = signing('Witness', 'witness', 'our witness, which times checkpoints', ['witness']);
    this.capabilityKey = signing('Capability', 'capability', 'signs capability tokens; the gate only', [
      'gate',
    ]);
    this.pseudonymKey = new GuardedKey(this, 'Pseudonym', {
      alias: name('pseudonym'),
      description: 'Chancery: makes the secret that turns subjects into pseudonyms (HMAC-SHA-256)',
      spec: KeySpec.HMAC_256,
      usage: KeyUsage.GENERATE_VERIFY_MAC,
      actions: ['kms:GenerateMac'],
      roles: rolesOf(PSEUDONYMISERS),
    }).key;

    this.ledger = this.table('Ledger', name('ledger'), this.dataKey, {
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Both images: the sentinel keeps the old one when somebody changes what nothing legitimate changes.
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    this.state = this.table('State', name('state'), this.dataKey, {
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expires',
      // With both images, so that a request that is only counted on a standing costs no look at the ledger.
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    // No PITR and no backups: what is erased must not come back from a restore.
    this.subjectKeys = this.table('SubjectKeys', name('subject-keys'), this.subjectKeysKey, {
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
    });
    acknowledge(this.subjectKeys, {
      'AwsSolutions-DDB3': 'Erasure destroys a subject key; a point in time to recover would bring it back.',
    });

    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...BUCKET,
      bucketName: this.bucketName(name('access-logs')),
      // Log delivery can write only to buckets under S3's own key.
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: Duration.days(environment.logDays) }],
    });
    acknowledge(accessLogs, {
      'AwsSolutions-S1': 'This is where the other buckets log to; logging to itself would never end.',
    });
    const bucket = (id: string, part: string, extra: BucketProps = {}) => {
      const bucketName = this.bucketName(name(part));
      const made = new Bucket(this, id, {
        ...BUCKET,
        bucketName,
        encryption: BucketEncryption.KMS,
        encryptionKey: this.dataKey,
        bucketKeyEnabled: true,
        versioned: true,
        serverAccessLogsBucket: accessLogs,
        serverAccessLogsPrefix: `${part}/`,
        // A stand-in speaks plain HTTP on loopback.
        ...(props.standIn ? { enforceSSL: false } : {}),
        ...extra,
      });
      this.bucketNames.set(made, bucketName);
      if (props.standIn)
        acknowledge(made, { 'AwsSolutions-S10': 'A stand-in speaks plain HTTP on loopback.' });
      return made;
    };
    const noHalfUploads = [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }];
    const forgetOldVersions = [
      { noncurrentVersionExpiration: Duration.days(environment.noncurrentDays) },
      ...noHalfUploads,
    ];
    // Not versioned: outputs and exports are personal, and what erasure removes must be gone.
    this.documents = bucket('Documents', 'documents', {
      versioned: false,
      // Sealed working state that was too large for an item: no approval or retry reaches back this far.
      lifecycleRules: [{ prefix: 'sealed/', expiration: Duration.days(100) }, ...noHalfUploads],
    });
    this.log = bucket('Log', 'log', { lifecycleRules: forgetOldVersions });
    this.worm = bucket('Checkpoints', 'checkpoints', {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        environment.worm.mode === 'COMPLIANCE'
          ? ObjectLockRetention.compliance(Duration.days(environment.worm.days))
          : ObjectLockRetention.governance(Duration.days(environment.worm.days)),
    });
    this.output({
      LogOrigin: this.origin,
      LedgerTable: this.ledger.tableName,
      StateTable: this.state.tableName,
      SubjectKeysTable: this.subjectKeys.tableName,
      DocumentsBucket: this.documents.bucketName,
      LogBucket: this.log.bucketName,
      WormBucket: this.worm.bucketName,
      LaneAuthorityKey: this.laneAuthority.keyArn,
      CheckpointKey: this.checkpointKey.keyArn,
      WitnessKey: this.witnessKey.keyArn,
      CapabilityKey: this.capabilityKey.keyArn,
      PseudonymKey: this.pseudonymKey.keyArn,
    });
  }

  private table(id: string, tableName: string, key: Key, extra: Partial<TableProps>): Table {
    this.tableNames.push(tableName);
    return new Table(this, id, {
      tableName,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...extra,
    });
  }

  /** The bucket's name as it is made, where a reference would not be readable. */
  nameOf(bucket: IBucket): string {
    const name = this.bucketNames.get(bucket);
    if (name === undefined) throw new Error('not a bucket of this stack');
    return name;
  }

  /** What stands here, as CloudTrail names it in the parameters of a call: tables and keys end alike, by name and by ARN. */
  get ground(): readonly Readonly<Record<string, readonly (string | { readonly suffix: string })[]>>[] {
    const keys = [
      this.laneAuthority,
      this.checkpointKey,
      this.witnessKey,
      this.capabilityKey,
      this.pseudonymKey,
      this.dataKey,
      this.subjectKeysKey,
    ];
    const tables = this.tableNames.map((suffix) => ({ suffix }));
    return [
      { bucketName: [this.log, this.worm, this.documents].map((each) => this.nameOf(each)) },
      { tableName: tables },
      // Of a restore, and of a policy on a table.
      { sourceTableName: tables },
      { resourceArn: tables },
      { keyId: keys.map(({ keyId }) => ({ suffix: keyId })) },
    ];
  }

  /** Bucket names are the world's: account and region make ours our own. */
  private bucketName(prefix: string): string {
    return `${prefix}-${this.account}-${this.region}`;
  }

  private output(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) new CfnOutput(this, `Out${key}`, { key, value });
  }
}

const BUCKET = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.RETAIN,
} as const;
