/**
 * The world of a deployed function that has tables: its process and the ports of src/ports.ts on DynamoDB, each made
 * only when it is asked for. A function that was not told a table has no right to it either (lib/rights.ts).
 */
import { spanned } from '../../adapters/aws/call-spans.ts';
import { connectionsOf, createDynamoClient, openAgents } from '../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { type AwsSettings, need, readAwsSettings } from '../../adapters/aws/settings.ts';
import { type Issuers, knownIssuers } from '../../src/identity/issuers.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import type { Table } from '../../src/ports.ts';
import { meterTable } from '../../src/watch/ops/metered-table.ts';
import { type AwsProcess, awsProcess, whereOf } from './process.ts';

type TableName = 'LEDGER_TABLE' | 'STATE_TABLE' | 'SUBJECT_KEYS_TABLE';

export interface AwsWorld extends AwsProcess {
  table(name: TableName): Table;
  subjectKeys(): SubjectKeys;
  /** Whose tokens this deployment trusts. */
  readonly issuers: Issuers;
}

/** Takes what `awsProcess` takes. */
export function awsWorld(settings?: AwsSettings, soon?: (flush: () => void) => unknown): AwsWorld {
  const own = awsProcess(settings, soon);
  const { clock, random, meter } = own;
  const agents = openAgents();
  const dynamo = spanned(createDynamoClient({ ...whereOf(own.settings), agents }), own.tracer);
  const table = (name: TableName): Table =>
    meterTable(openDynamoTable(dynamo, need(own.settings, name)), meter, () => performance.now());
  return {
    ...own,
    issuers: knownIssuers(own.settings.ISSUERS),
    table,
    subjectKeys: () => new SubjectKeys({ table: table('SUBJECT_KEYS_TABLE'), clock, random, meter }),
    flushMetrics() {
      meter.set('store_connections', { state: 'open' }, connectionsOf(agents));
      own.flushMetrics();
    },
  };
}

/** What is measured outside of an invocation is written after this time. */
const GATHER_MS = 1_000;

/** Of a function that serves. It flushes once for an invocation: a line for each turn of the event loop would be most of the log's bill. */
export const servedWorld = (): AwsWorld =>
  awsWorld(readAwsSettings(), (flush) => setTimeout(flush, GATHER_MS));
