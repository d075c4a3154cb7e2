/** The shipped tasks, given the ledger they read and the world they call. */

import type { Issuers } from '../../identity/issuers.ts';
import type { SubjectKeys } from '../../ledger/people/personal.ts';
import type { Pseudonym } from '../../ledger/people/pseudonym.ts';
import { allEntries } from '../../ledger/reader.ts';
import type { Blobs, Clock, Table, Tracer } from '../../ports.ts';
import { httpCall } from './http-call.ts';
import { countLastDay } from './last-day.ts';
import { ledgerReport } from './ledger-report.ts';
import type { TaskName } from './names.ts';
import { subjectExport } from './subject-export.ts';
import type { Task } from './task.ts';

export interface TasksDeps {
  readonly table: Table;
  readonly subjects: SubjectKeys;
  readonly issuers: Issuers;
  readonly pseudonym: Pseudonym;
  readonly documents: Blobs;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** By the name that a workflow's definition uses; undefined is "not configured", a clear failure. */
  readonly endpoints: Readonly<Record<string, string | undefined>>;
  readonly tracer: Tracer;
}

export function shippedTasks(deps: TasksDeps): Readonly<Record<TaskName, Task>> {
  return {
    http_call: httpCall(deps),
    ledger_report: ledgerReportTask(deps),
    subject_export: subjectExportTask(deps),
  };
}

/** On AWS each task is a function of its own, which is given no more than it needs. */
export function ledgerReportTask({
  table,
  documents,
  clock,
}: Pick<TasksDeps, 'table' | 'documents' | 'clock'>): Task {
  return ledgerReport({
    documents,
    clock,
    lastDay: countLastDay({ table, clock }),
    async *recordsBetween(from, to) {
      for await (const { record, record_hash } of allEntries(table, { from, to }))
        yield { record, hash: record_hash };
    },
  });
}

export function subjectExportTask({
  table,
  subjects,
  issuers,
  pseudonym,
  documents,
}: Pick<TasksDeps, 'table' | 'subjects' | 'issuers' | 'pseudonym' | 'documents'>): Task {
  return subjectExport({
    issuers,
    pseudonym,
    documents,
    async *recordsOf(subject) {
      for await (const { record, record_hash } of allEntries(table, { subject })) {
        const opened = record.personal && (await subjects.open(record.personal));
        yield { record, hash: record_hash, ...(opened?.ok ? { personal: opened.personal } : {}) };
      }
    },
  });
}
