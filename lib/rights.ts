/**
 * What the words in functions.ts mean: for each right, the IAM statements, and the environment variables that
 * tell the function where the thing is. Both come from one place, so a function cannot know of a table that it
 * may not use, nor be allowed one that it was not told of.
 */
import type { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Resources } from '../src/watch/metrics/published.ts';
import type { EnvironmentName } from './environments.ts';
import type { LedgerStack } from './ledger-stack.ts';
import { nameIn } from './names.ts';
import { isKeeping, type KeepRight, type PlainRight, partitionsOf, type Right } from './right.ts';
import { STATE } from './state.ts';

/** What rights are rights to. */
export interface Estate {
  readonly ledger: LedgerStack;
  readonly deadLetters: IQueue;
  /** ARNs of the state machines, by kind. */
  readonly express: readonly string[];
  readonly standard: readonly string[];
  /** Everything of a state machine's ARN before the workflow's name. */
  readonly stateMachinePrefix: string;
  /** The log's name: first line of every checkpoint. */
  readonly origin: string;
  readonly deployEndpoint?: string;
  /** ARNs of functions that others call, with their aliases. */
  readonly loop: string;
  readonly notifier: string;
  readonly broadcaster: string;
  /** The WebSocket API of the live feed: `{id}/{stage}`, and the ARN of its connections. Of the watch stack. */
  readonly live?: { readonly api: string; readonly connections: string };
  readonly signer: string;
  readonly witness: string;
  /** What has figures in CloudWatch that we show. */
  readonly published: Resources;
}

/** One statement. A wildcard in it needs a reason, or synthesis fails. */
export interface Allowance {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly wildcard?: string;
  /** Only items of these partitions of a table; `*` at the end of one stands for an id. */
  readonly partitions?: readonly string[];
}

export interface Grant {
  readonly allow: readonly Allowance[];
  readonly environment: Readonly<Record<string, string>>;
}

const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
const APPEND = ['dynamodb:PutItem'];
const KEEP = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** The statements and variables that a right stands for. */
export function grantOf(right: Right, estate: Estate): Grant {
  return isKeeping(right) ? keeping(right, estate) : plainGrant(right, estate);
}

function keeping(right: KeepRight, { ledger: { state } }: Estate): Grant {
  return {
    allow: [{ ...allow([...READ, ...KEEP], [state.tableArn]), partitions: partitionsOf(right) }],
    environment: { STATE_TABLE: state.tableName },
  };
}

function plainGrant(right: PlainRight, estate: Estate): Grant {
  const {
    ledger,
    state,
    subjectKeys,
    documents,
    log,
    worm,
    laneAuthority,
    checkpointKey,
    witnessKey,
    capabilityKey,
    pseudonymKey,
  } = estate.ledger;
  const documentsIn = objectsOf(estate, documents);
  const logIn = objectsOf(estate, log);
  const wormIn = objectsOf(estate, worm);
  switch (right) {
    case 'append to the ledger':
      return {
        allow: [
          // Append only: no update, no delete. Reading is for the directory of lanes and the tail of one's own.
          allow([...READ, ...APPEND], [ledger.tableArn]),
          { ...allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [state.tableArn]), partitions: STATE.labels },
          {
            ...allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [state.tableArn]),
            partitions: STATE.numbers,
          },
          // What the sealer found: nobody appends over a contradiction.
          { ...allow(['dynamodb:GetItem'], [state.tableArn]), partitions: STATE.verdicts },
          allow(['kms:GetPublicKey', 'kms:Sign'], [laneAuthority.keyArn]),
        ],
        environment: {
          LEDGER_TABLE: ledger.tableName,
          STATE_TABLE: state.tableName,
          LANE_AUTHORITY_KEY: laneAuthority.keyArn,
          LOG_ORIGIN: estate.origin,
        },
      };
    case 'record people':
      return {
        allow: [
          // A subject's first record makes the subject's key.
          allow([...READ, ...APPEND], [subjectKeys.tableArn]),
          allow(['kms:GenerateMac'], [pseudonymKey.keyArn]),
        ],
        environment: { SUBJECT_KEYS_TABLE: subjectKeys.tableName, PSEUDONYM_KEY: pseudonymKey.keyArn },
      };
    case 'read the ledger':
      return {
        allow: [
          allow(READ, [ledger.tableArn]),
          allow(['kms:GetPublicKey'], [laneAuthority.keyArn, checkpointKey.keyArn, witnessKey.keyArn]),
        ],
        environment: {
          LEDGER_TABLE: ledger.tableName,
          LANE_AUTHORITY_KEY: laneAuthority.keyArn,
          CHECKPOINT_KEY: checkpointKey.keyArn,
          WITNESS_KEY: witnessKey.keyArn,
          LOG_ORIGIN: estate.origin,
        },
      };
    case 'read state':
      return { allow: [allow(READ, [state.tableArn])], environment: { STATE_TABLE: state.tableName } };
    case 'open personal fields':
      return {
        allow: [allow(READ, [subjectKeys.tableArn]), allow(['kms:GenerateMac'], [pseudonymKey.keyArn])],
        environment: { SUBJECT_KEYS_TABLE: subjectKeys.tableName, PSEUDONYM_KEY: pseudonymKey.keyArn },
      };
    case 'erase subjects':
      return {
        allow: [
          // A key is overwritten, not deleted: the generation stays, so that no later key takes its name.
          allow([...READ, ...APPEND], [subjectKeys.tableArn]),
          allow(['s3:DeleteObject'], [documentsIn('*')], OBJECTS),
        ],
        environment: { SUBJECT_KEYS_TABLE: subjectKeys.tableName, DOCUMENTS_BUCKET: documents.bucketName },
      };
    case 'store documents':
      return {
        allow: [
          allow(['s3:GetObject', 's3:PutObject'], [documentsIn('*')], OBJECTS),
          // Without it S3 answers 403 for an object that is not there, which is no 404 but an outage.
          allow(['s3:ListBucket'], [documents.bucketArn]),
        ],
        environment: { DOCUMENTS_BUCKET: documents.bucketName },
      };
    case 'read the log':
      return {
        allow: [
          allow(['s3:GetObject'], [logIn('*')], OBJECTS),
          allow(['s3:ListBucket'], [log.bucketArn]),
          // Of what is write-once the first version is the only one that counts.
          allow(['s3:GetObject', 's3:GetObjectVersion'], [wormIn('*')], OBJECTS),
          allow(['s3:ListBucketVersions'], [worm.bucketArn]),
        ],
        environment: { LOG_BUCKET: log.bucketName, WORM_BUCKET: worm.bucketName },
      };
    case 'publish the log':
      return {
        allow: [
          allow(['s3:GetObject', 's3:PutObject'], [logIn('*')], OBJECTS),
          // Staged bundles are removed once they are published, partial tiles once the full one is there; what is write-once is never.
          allow(
            ['s3:DeleteObject'],
            [logIn('staging/*'), logIn('tile/*.p/*')],
            'Staged bundles and partial tiles only',
          ),
          allow(
            ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectRetention'],
            [wormIn('*')],
            OBJECTS,
          ),
          allow(['s3:ListBucket', 's3:ListBucketVersions'], [log.bucketArn, worm.bucketArn]),
        ],
        environment: { LOG_BUCKET: log.bucketName, WORM_BUCKET: worm.bucketName },
      };
    case 'have checkpoints signed':
      return {
        allow: [
          allow(['lambda:InvokeFunction'], [estate.signer, estate.witness]),
          // Before it has anything signed it looks how far the witness is, which keeps that for itself.
          { ...allow(['dynamodb:GetItem'], [state.tableArn]), partitions: STATE.witnessed },
        ],
        environment: {
          SIGN_FUNCTION: estate.signer,
          WITNESS_FUNCTION: estate.witness,
          STATE_TABLE: state.tableName,
        },
      };
    case 'sign checkpoints':
      return {
        allow: [allow(['kms:GetPublicKey', 'kms:Sign'], [checkpointKey.keyArn])],
        environment: { CHECKPOINT_KEY: checkpointKey.keyArn, LOG_ORIGIN: estate.origin },
      };
    case 'witness checkpoints':
      return {
        allow: [
          allow(['kms:GetPublicKey', 'kms:Sign'], [witnessKey.keyArn]),
          // It cosigns what the log's own key has signed.
          allow(['kms:GetPublicKey'], [laneAuthority.keyArn, checkpointKey.keyArn]),
        ],
        environment: {
          LANE_AUTHORITY_KEY: laneAuthority.keyArn,
          CHECKPOINT_KEY: checkpointKey.keyArn,
          WITNESS_KEY: witnessKey.keyArn,
          LOG_ORIGIN: estate.origin,
        },
      };
    case 'sign capabilities':
      return {
        allow: [allow(['kms:GetPublicKey', 'kms:Sign'], [capabilityKey.keyArn])],
        environment: { CAPABILITY_KEY: capabilityKey.keyArn },
      };
    case 'start workflows':
      return {
        allow: [
          ...(estate.express.length ? [allow(['states:StartSyncExecution'], estate.express)] : []),
          ...(estate.standard.length ? [allow(['states:StartExecution'], estate.standard)] : []),
        ],
        environment: { STATE_MACHINE_PREFIX: estate.stateMachinePrefix },
      };
    case 'read executions':
      return {
        allow: [
          allow(
            ['states:DescribeExecution'],
            [`${estate.stateMachinePrefix.replace(':stateMachine:', ':execution:')}*`],
            'Executions of this environment: their names are made from decision ids',
          ),
        ],
        environment: { STATE_MACHINE_PREFIX: estate.stateMachinePrefix },
      };
    case 'call out':
      return {
        allow: [],
        environment: estate.deployEndpoint ? { DEPLOY_ENDPOINT: estate.deployEndpoint } : {},
      };
    case 'consume the stream':
      return streamOf(estate.ledger.ledger);
    case 'hear of changed state':
      return streamOf(estate.ledger.state);
    case 'wake the loop and the notifier':
      return {
        allow: [allow(['lambda:InvokeFunction'], [estate.loop, estate.notifier])],
        environment: { HEAL_FUNCTION: estate.loop, NOTIFY_FUNCTION: estate.notifier },
      };
    case 'wake the broadcaster':
      return {
        allow: [allow(['lambda:InvokeFunction'], [estate.broadcaster])],
        environment: { BROADCAST_FUNCTION: estate.broadcaster },
      };
    case 'see who listens':
      return {
        allow: [{ ...allow(['dynamodb:Query'], [state.tableArn]), partitions: ['LISTENERS'] }],
        environment: { STATE_TABLE: state.tableName },
      };
    case 'speak to listeners':
      if (estate.live === undefined) throw new Error('there is no live feed in this stack');
      return {
        allow: [
          allow(
            ['execute-api:ManageConnections'],
            [estate.live.connections],
            'Connections of this one API: their names are made at run time',
          ),
        ],
        environment: { LIVE_API: estate.live.api },
      };
    case 'leave dead letters':
      return { allow: [allow(['sqs:SendMessage'], [estate.deadLetters.queueArn])], environment: {} };
    case 'read what AWS publishes':
      return {
        allow: [
          allow(['cloudwatch:GetMetricData'], ['*'], 'GetMetricData is granted on everything or not at all'),
        ],
        environment: { PUBLISHED: JSON.stringify(estate.published) },
      };
  }
}

function allow(actions: readonly string[], resources: readonly string[], wildcard?: string): Allowance {
  return { actions, resources, ...(wildcard === undefined ? {} : { wildcard }) };
}

const OBJECTS = 'Every object of this one bucket: names are made at run time';

/** By name and not by reference: a policy, and what is said of it, can then be read. */
function objectsOf(estate: Estate, bucket: IBucket): (pattern: string) => string {
  const { partition } = estate.ledger;
  return (pattern) => `arn:${partition}:s3:::${estate.ledger.nameOf(bucket)}/${pattern}`;
}

function streamOf({ tableName, tableStreamArn }: ITable): Grant {
  if (tableStreamArn === undefined) throw new Error(`the table ${tableName} has no stream`);
  return {
    allow: [
      allow(
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        [tableStreamArn],
      ),
      allow(['dynamodb:ListStreams'], ['*'], 'ListStreams is granted on everything or not at all'),
    ],
    environment: {},
  };
}

/** Everything of a state machine's ARN before the workflow's name, in one environment. */
export function stateMachinePrefix(stack: Stack, environment: EnvironmentName): string {
  return `arn:${stack.partition}:states:${stack.region}:${stack.account}:stateMachine:${nameIn(environment, '')}`;
}
