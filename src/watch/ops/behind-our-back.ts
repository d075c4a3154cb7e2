/**
 * What others did to the things that the log and its runs stand on, as EventBridge tells it: a state machine of ours
 * that began, and calls of AWS that change who may reach a bucket, a table or a key (CloudTrail, "AWS API Call via
 * CloudTrail"). Who it was stays in CloudTrail, by the event's id: an ARN may name a person.
 */
import * as z from 'zod';
import { ChanceryError } from '../../errors.ts';
import { isExecutionId } from '../../ledger/places/by-execution.ts';
import type { TamperNotice } from '../../terms.ts';

const began = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({ name: z.string().min(1), stateMachineArn: z.string(), status: z.literal('RUNNING') }),
});

const called = z.object({
  'detail-type': z.literal('AWS API Call via CloudTrail'),
  detail: z.object({
    eventID: z.string(),
    eventName: z.string(),
    eventSource: z.string(),
    sourceIPAddress: z.string().default(''),
    errorCode: z.string().optional(),
    requestParameters: z
      .object({
        bucketName: z.string().optional(),
        tableName: z.string().optional(),
        /** Of a restore. */
        sourceTableName: z.string().optional(),
        /** Of a policy on a table. */
        resourceArn: z.string().optional(),
        keyId: z.string().optional(),
      })
      .nullish(),
  }),
});

/** Calls that change who may reach what the log stands on, or that end it. */
export const WATCHED_CALLS = [
  'CancelKeyDeletion',
  'CreateGrant',
  'DeleteBucket',
  'DeleteBucketEncryption',
  'DeleteBucketPolicy',
  'DeleteBucketPublicAccessBlock',
  'DeleteResourcePolicy',
  'DeleteTable',
  'DisableKey',
  'PutBucketAcl',
  'PutBucketEncryption',
  'PutBucketLifecycle',
  'PutBucketObjectLockConfiguration',
  'PutBucketPolicy',
  'PutBucketPublicAccessBlock',
  'PutBucketReplication',
  'PutBucketVersioning',
  'PutKeyPolicy',
  'PutResourcePolicy',
  'RestoreTableToPointInTime',
  'ScheduleKeyDeletion',
  'UpdateContinuousBackups',
  'UpdateTable',
  // A time to live on the ledger's table would have DynamoDB remove its records.
  'UpdateTimeToLive',
] as const;

/**
 * What is to be put on record; undefined for a run that the ledger knows, and for a call that was refused.
 * @param known whether a record names this execution: ours are recorded before they begin
 */
export async function behindOurBack(
  event: unknown,
  known: (execution_id: string) => Promise<boolean>,
): Promise<TamperNotice | undefined> {
  const run = began.safeParse(event);
  if (run.success) {
    const { name, stateMachineArn } = run.data.detail;
    if (isExecutionId(name) && (await known(name))) return undefined;
    return {
      kind: 'execution_begun',
      state_machine: stateMachineArn.split(':').at(-1) ?? '',
      // The name is whoever's who began it, and theirs to choose.
      ...(isExecutionId(name) ? { execution_id: name } : {}),
    };
  }
  const call = called.safeParse(event);
  if (!call.success)
    throw new ChanceryError('INTERNAL_ERROR', 'An event of another kind than this function is woken by.');
  const { eventID, eventName, eventSource, sourceIPAddress, errorCode, requestParameters } = call.data.detail;
  if (errorCode !== undefined) return undefined;
  const { bucketName, tableName, sourceTableName, resourceArn, keyId } = requestParameters ?? {};
  return {
    kind: 'ground_changed',
    call: `${eventSource.split('.')[0]}:${eventName}`,
    resource: bucketName ?? tableName ?? sourceTableName ?? resourceArn ?? keyId ?? '',
    event: eventID,
    by_deployment: sourceIPAddress === 'cloudformation.amazonaws.com',
  };
}
