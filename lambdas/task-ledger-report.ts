/** Counts records for a compliance report, and stores the report as a document. */
import { ledgerReportTask } from '../src/workflow/tasks/shipped.ts';
import { blobsOf } from './shared/blobs.ts';
import { asFunction } from './shared/task.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();

export const handler = asFunction(
  ledgerReportTask({
    table: world.table('LEDGER_TABLE'),
    documents: blobsOf(world, 'DOCUMENTS_BUCKET'),
    clock: world.clock,
  }),
  world.log,
);
