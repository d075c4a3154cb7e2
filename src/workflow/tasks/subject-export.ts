/**
 * Task `subject_export`: everything that the ledger holds about one person, their personal fields opened, as
 * a JSON Lines document. The run's output names the document and counts; personal values stand only inside.
 */
import * as z from 'zod';
import { sha256 } from '../../basics/digest.ts';
import type { Issuers } from '../../identity/issuers.ts';
import type { JsonObject } from '../../json.ts';
import type { Pseudonym } from '../../ledger/people/pseudonym.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Blobs } from '../../ports.ts';
import { fullParameters } from '../input.ts';
import { readInput, type Task, TaskError } from './task.ts';

export interface SubjectRecord {
  readonly record: LedgerRecord;
  /** Hex record hash. */
  readonly hash: string;
  /** Undefined when the record has none, or when the subject's key was destroyed. */
  readonly personal?: JsonObject;
}

export interface SubjectExportDeps {
  readonly issuers: Issuers;
  readonly pseudonym: Pseudonym;
  readonly recordsOf: (subject: string) => AsyncIterable<SubjectRecord>;
  readonly documents: Blobs;
}

const inputSchema = z.strictObject({ parameters: z.json(), execution_id: z.string() });
const parametersSchema = z.looseObject({ subject: z.string().min(1), issuer: z.string().optional() });

/** Filed under the pseudonym, so that an erasure finds and removes what was exported. */
export function exportPrefix(pseudonym: string): string {
  return `exports/${pseudonym}/`;
}

/** One line a record: `{id, hash, record, personal}`, `personal` null where there is none or none any more. */
export async function subjectLines(
  found: AsyncIterable<SubjectRecord>,
): Promise<{ bytes: Uint8Array; sha256: string; records: number; erased: number }> {
  const lines: string[] = [];
  let erased = 0;
  for await (const { record, hash, personal } of found) {
    if (record.personal !== undefined && personal === undefined) erased += 1;
    const { personal: _sealed, ...plain } = record;
    const id = `${record.lane}.${record.seq}`;
    lines.push(`${JSON.stringify({ id, hash, record: plain, personal: personal ?? null })}\n`);
  }
  const bytes = new TextEncoder().encode(lines.join(''));
  return { bytes, sha256: sha256(bytes), records: lines.length, erased };
}

export function subjectExport({ issuers, pseudonym, recordsOf, documents }: SubjectExportDeps): Task {
  return async (raw) => {
    const { parameters: given, execution_id } = readInput(inputSchema, raw);
    const parameters = readInput(parametersSchema, await fullParameters(documents, execution_id, given));
    const named = issuers.person(parameters.subject, parameters.issuer);
    if (!named.ok) throw new TaskError('TaskInput', named.reason.message);
    const subject = pseudonym(named.who);
    const lines = await subjectLines(recordsOf(subject));
    const document = `${exportPrefix(subject)}${execution_id}.jsonl`;
    await documents.put(document, lines.bytes);
    return {
      document,
      document_sha256: lines.sha256,
      document_bytes: lines.bytes.byteLength,
      records: lines.records,
      erased_records: lines.erased,
    };
  };
}
