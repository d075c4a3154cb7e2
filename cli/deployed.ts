/** A deployed environment as the operator's commands see it: its outputs, keys and stores, with their own AWS credentials. */
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { createDynamoClient } from '../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../adapters/aws/dynamodb-table.ts';
import { openKmsSigner } from '../adapters/aws/kms-signer.ts';
import { trustOf } from '../adapters/aws/kms-trust.ts';
import { openS3Blobs } from '../adapters/aws/s3-blobs.ts';
import { openS3Worm } from '../adapters/aws/s3-worm.ts';
import { operatorWhere } from '../adapters/aws/settings.ts';
import { readStackOutputs, type StackOutputs } from '../adapters/aws/stack-outputs.ts';
import {
  type LedgerVerification,
  type LogVerifyOptions,
  verifyLedger,
} from '../src/ledger/check/verify-log.ts';
import { tableSource } from '../src/ledger/lane/verify-lanes.ts';
import { readLock } from '../src/ledger/seal/lock.ts';
import type { Trust } from '../src/ledger/trust.ts';
import type { Blobs, Table } from '../src/ports.ts';

export interface Deployed {
  readonly outputs: StackOutputs;
  readonly trust: Trust;
  readonly ledgerTable: Table;
  readonly log: Blobs;
  readonly worm: Blobs;
}

/** Throws NOT_FOUND when the environment is not deployed where the credentials point. */
export async function openDeployed(environment: string, region?: string): Promise<Deployed> {
  const where = operatorWhere(region);
  const outputs = await readStackOutputs(environment, where);
  const kms = new KMSClient(where);
  const s3 = new S3Client({ ...where, forcePathStyle: where.endpoint !== undefined });
  const [authority, checkpointKey, witnessKey] = await Promise.all([
    openKmsSigner(kms, outputs.LaneAuthorityKey),
    openKmsSigner(kms, outputs.CheckpointKey),
    openKmsSigner(kms, outputs.WitnessKey),
  ]);
  return {
    outputs,
    trust: trustOf(outputs.LogOrigin, { authority, checkpointKey, witnessKey }),
    ledgerTable: openDynamoTable(createDynamoClient(where), outputs.LedgerTable),
    log: openS3Blobs(s3, outputs.LogBucket),
    worm: openS3Worm(s3, outputs.WormBucket),
  };
}

/** Where its API is. Throws as openDeployed does. */
export const apiOfDeployed = async (environment: string): Promise<string> =>
  (await readStackOutputs(environment, operatorWhere())).ApiUrl.replace(/\/$/, '');

/**
 * Verifies a deployed ledger from where the operator sits: table, published log and write-once checkpoints.
 * `trust`: an auditor's own copy of the public keys, instead of those that KMS gives now.
 */
export async function verifyDeployed(
  { environment, region }: { readonly environment: string; readonly region?: string },
  options: LogVerifyOptions,
  trust?: Trust,
): Promise<LedgerVerification> {
  const { ledgerTable, log, worm, ...deployed } = await openDeployed(environment, region);
  return verifyLedger(
    { log, worm, lock: () => readLock(ledgerTable), lanes: tableSource(ledgerTable) },
    trust ?? deployed.trust,
    options,
  );
}
