/** Collects one subject's records, personal fields opened, and stores them as a document for that subject. */
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import { subjectExportTask } from '../src/workflow/tasks/shipped.ts';
import { blobsOf } from './shared/blobs.ts';
import { pseudonymKeyOf } from './shared/keys.ts';
import { asFunction } from './shared/task.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();

export const handler = asFunction(
  subjectExportTask({
    table: world.table('LEDGER_TABLE'),
    subjects: world.subjectKeys(),
    issuers: world.issuers,
    pseudonym: createPseudonym(await pseudonymKeyOf(world), world.issuers.home),
    documents: blobsOf(world, 'DOCUMENTS_BUCKET'),
  }),
  world.log,
);
