/** Collects one subject's records, personal fields opened, and stores them as a document for that subject. */
import { pseudonym } from '../src/ledger/people/personal.ts';
import { subjectExportTask } from '../src/workflow/tasks/shipped.ts';
import { asFunction } from './shared/task.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const key = await world.pseudonymKey();

export const handler = asFunction(
  subjectExportTask({
    table: world.table('LEDGER_TABLE'),
    subjects: world.subjectKeys(),
    pseudonym: (sub) => pseudonym(sub, key),
    documents: world.blobs('DOCUMENTS_BUCKET'),
  }),
  world.log,
);
