/**
 * The world of a deployed function: the ports of src/ports.ts on AWS, each made from what the function was told
 * and only when it is asked for. A function that was not told a table has no right to it either (lib/rights.ts).
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { monotonicFactory } from 'ulid';
import { countColdStart } from '../../adapters/aws/cold-start.ts';
import { connectionsOf, createDynamoClient, openAgents } from '../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { jsonLog } from '../../adapters/aws/json-log.ts';
import { deriveKmsSecret } from '../../adapters/aws/kms-secret.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import { openS3Blobs } from '../../adapters/aws/s3-blobs.ts';
import { openS3Worm } from '../../adapters/aws/s3-worm.ts';
import { type AwsSettings, need, readAwsSettings, traceHeader } from '../../adapters/aws/settings.ts';
import { xrayTracer } from '../../adapters/aws/xray-tracer.ts';
import { type Issuers, knownIssuers } from '../../src/identity/issuers.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Blobs, Clock, Ids, Log, Random, Signer, Table, Tracer } from '../../src/ports.ts';
import { NAMESPACE } from '../../src/watch/metrics/cloudwatch.ts';
import { withoutDetail } from '../../src/watch/metrics/detail.ts';
import { createEmf } from '../../src/watch/metrics/emf.ts';
import { createMeter, type ProcessMeter } from '../../src/watch/metrics/meter.ts';
import { logFields } from '../../src/watch/ops/log-line.ts';
import { meterTable } from '../../src/watch/ops/metered-table.ts';
import { createRedactor } from '../../src/watch/ops/redact.ts';

type TableName = 'LEDGER_TABLE' | 'STATE_TABLE' | 'SUBJECT_KEYS_TABLE';
type BucketName = 'DOCUMENTS_BUCKET' | 'LOG_BUCKET' | 'WORM_BUCKET';
type SigningKeyName = 'LANE_AUTHORITY_KEY' | 'CHECKPOINT_KEY' | 'WITNESS_KEY' | 'CAPABILITY_KEY';

export interface AwsWorld {
  readonly settings: AwsSettings;
  readonly clock: Clock;
  readonly micros: () => number;
  readonly ids: Ids;
  readonly random: Random;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Log;
  /** One line of the function's log, as it is. */
  readonly write: (line: string) => void;
  readonly meter: ProcessMeter;
  /** Durable records go out as EMF too: the lane tells of them. */
  readonly appended: (records: readonly LedgerRecord[]) => void;
  /** Writes what the meter and the lane gathered as EMF. At the end of an invocation. */
  readonly flushMetrics: () => void;
  readonly tracer: Tracer;
  table(name: TableName): Table;
  blobs(name: BucketName): Blobs;
  signer(name: SigningKeyName): Promise<Signer>;
  /** The 32 bytes under which subjects become pseudonyms: the same in every function, stored nowhere. */
  pseudonymKey(): Promise<Uint8Array>;
  subjectKeys(): SubjectKeys;
  /** Whose tokens this deployment trusts. */
  readonly issuers: Issuers;
}

/** `soon` runs the flush of metrics that a function does not flush by itself at the end of an invocation. */
export function awsWorld(
  settings: AwsSettings = readAwsSettings(),
  soon: (flush: () => void) => unknown = setImmediate,
): AwsWorld {
  const clock = Date.now;
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const ulid = monotonicFactory();
  const where = {
    region: settings.AWS_REGION,
    ...(settings.AWS_ENDPOINT_URL ? { endpoint: settings.AWS_ENDPOINT_URL } : {}),
  };
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const emf = createEmf({ write, clock, soon });
  const measured = createMeter(clock, emf.listener);
  const meter = settings.DETAILED_METRICS ? measured : withoutDetail(measured);
  const agents = openAgents();
  const dynamo = once(() => createDynamoClient({ ...where, agents }));
  // The SDK repeats three times: without a limit on each, a service that hangs would take the function's whole time.
  const patience = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  const kms = once(() => new KMSClient({ ...where, requestHandler: patience }));
  // Path style: a stand-in has no name per bucket, and AWS takes both.
  const s3 = once(
    () =>
      new S3Client({
        ...where,
        forcePathStyle: settings.AWS_ENDPOINT_URL !== undefined,
        requestHandler: patience,
      }),
  );
  const world: AwsWorld = {
    settings,
    issuers: knownIssuers(settings.ISSUERS),
    clock,
    micros: () => Math.round(performance.now() * 1_000),
    ids: (prefix) => `${prefix}_${ulid(clock())}`,
    random,
    wait: (ms) => (ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(ms)),
    write,
    log: jsonLog(
      logFields(
        { level: settings.LOG_LEVEL, levels: settings.LOG_LEVELS, samples: settings.LOG_SAMPLES },
        createRedactor(),
        clock,
      ),
    ),
    meter,
    appended: emf.appended,
    flushMetrics() {
      meter.set('store_connections', { state: 'open' }, connectionsOf(agents));
      emf.flush();
    },
    tracer: xrayTracer({
      header: traceHeader,
      ...(settings.AWS_XRAY_DAEMON_ADDRESS ? { daemon: settings.AWS_XRAY_DAEMON_ADDRESS } : {}),
    }),
    table: (name) =>
      meterTable(openDynamoTable(dynamo(), need(settings, name)), meter, () => performance.now()),
    blobs: (name) =>
      name === 'WORM_BUCKET'
        ? openS3Worm(s3(), need(settings, name))
        : openS3Blobs(s3(), need(settings, name)),
    signer: (name) => openKmsSigner(kms(), need(settings, name)),
    pseudonymKey: () => deriveKmsSecret(kms(), need(settings, 'PSEUDONYM_KEY'), 'chancery pseudonyms, 1'),
    subjectKeys: () => new SubjectKeys({ table: world.table('SUBJECT_KEYS_TABLE'), clock, random, meter }),
  };
  countColdStart({
    namespace: NAMESPACE,
    name: settings.CHANCERY_FUNCTION,
    failed: (error) =>
      world.log.write('warn', 'start', 'the cold start was not counted', { causes: causesOf(error) }),
  });
  return world;
}

/**
 * Runs the start of a function. Lambda shows the message of an error that ends it and nothing below: an operator
 * needs the cause (which key, which right), so it is logged first.
 */
export async function starting<T>(world: AwsWorld, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    world.log.write('error', 'start', 'the function cannot start', { causes: causesOf(error) });
    throw error;
  }
}

/** An error and what is below it, one line each. */
export function causesOf(error: unknown): string[] {
  const chain: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) chain.push(`${at.name}: ${at.message}`);
  return chain.length > 0 ? chain : [String(error)];
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
