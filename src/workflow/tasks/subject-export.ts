/**
 * Task `subject_export`: everything that the ledger holds about one person, their personal fields opened, as
 * a JSON Lines document. The run's output names the document and counts; personal values stand only inside.
 */
import * as z from 'zod';
import { sha256 } from '../../digest.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Blobs, JsonObject } from '../../ports.ts';
import { fullParameters } from '../input.ts';
import { readInput, type Task } from './task.ts';

export interface SubjectRecord {
  readonly record: LedgerRecord;
  /** Hex record hash. */
  readonly hash: string;
  /** Undefined when the record has none, or when the subject's key was destroyed. */
  readonly personal?: JsonObject;
}

export interface SubjectExportDeps {
  /** The name under which the ledger keeps a `sub`. */
  readonly pseudonym: (sub: string) => string;
  readonly recordsOf: (sub: string) => AsyncIterable<SubjectRecord>;
  readonly documents: Blobs;
}

const inputSchema = z.strictObject({ parameters: z.json(), execution_id: z.string() });
const parametersSchema = z.looseObject({ subject: z.string().min(1) });

/** Filed under the pseudonym, so that an erasure finds and removes what was exported. */
export function exportPrefix(pseudonym: string): string {
  return `exports/${pseudonym}/`;
}

export function subjectExport({ pseudonym, recordsOf, documents }: SubjectExportDeps): Task {
  return async (raw) => {
    const { parameters: given, execution_id } = readInput(inputSchema, raw);
    const parameters = readInput(parametersSchema, await fullParameters(documents, execution_id, given));
    const lines: string[] = [];
    let erased = 0;
    for await (const { record, hash, personal } of recordsOf(parameters.subject)) {
      if (record.personal !== undefined && personal === undefined) erased += 1;
      const { personal: _sealed, ...plain } = record;
      lines.push(
        JSON.stringify({
          id: `${record.lane}.${record.seq}`,
          hash,
          record: plain,
          personal: personal ?? null,
        }),
      );
    }
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    const document = `${exportPrefix(pseudonym(parameters.subject))}${execution_id}.jsonl`;
    await documents.put(document, bytes);
    return {
      document,
      document_sha256: sha256(bytes),
      document_bytes: bytes.byteLength,
      records: lines.length,
      erased_records: erased,
    };
  };
}
