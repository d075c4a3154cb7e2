/**
 * Task `ledger_report`: what the ledger holds between two times, as a document: how many records of each
 * type, outcome, mode and workflow, which records of which lane, and the hash of each lane's newest one, so
 * that an auditor can later check that the report spoke of exactly these records.
 */
import * as z from 'zod';
import { sha256 } from '../../basics/digest.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Blobs, Clock } from '../../ports.ts';
import { fullParameters } from '../input.ts';
import type { LastDay } from './last-day.ts';
import { countRecord, emptyTally } from './tally.ts';
import { readInput, type Task } from './task.ts';

export interface ReportedRecord {
  readonly record: LedgerRecord;
  /** Hex record hash. */
  readonly hash: string;
}

export interface LedgerReportDeps {
  /** Records with `from` ≤ time ≤ `to` (RFC 3339 UTC), each lane in the order of its seq. */
  readonly recordsBetween: (from: string, to: string) => AsyncIterable<ReportedRecord>;
  /** The same of the last 24 hours, counted. */
  readonly lastDay: () => Promise<LastDay>;
  readonly documents: Blobs;
  readonly clock: Clock;
}

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const inputSchema = z.strictObject({ parameters: z.json(), execution_id: z.string() });
const parametersSchema = z.looseObject({ from: time.optional(), to: time.optional() });

const DAY_MS = 86_400_000;

/** Without `from` and `to`: the last 24 hours. Output: counts, lanes, and the document's name and digest. */
export function ledgerReport({ recordsBetween, lastDay, documents, clock }: LedgerReportDeps): Task {
  async function counted(given: { readonly from?: string; readonly to?: string }): Promise<LastDay> {
    if (given.from === undefined && given.to === undefined) return lastDay();
    const to = given.to ?? new Date(clock()).toISOString();
    const from = given.from ?? new Date(Date.parse(to) - DAY_MS).toISOString();
    const tally = emptyTally();
    for await (const { record, hash } of recordsBetween(from, to)) countRecord(tally, record, hash);
    return { from, to, tally };
  }

  return async (raw) => {
    const { parameters: given, execution_id } = readInput(inputSchema, raw);
    const parameters = readInput(parametersSchema, await fullParameters(documents, execution_id, given));
    const { from, to, tally } = await counted(parameters);
    const report = {
      generated_at: new Date(clock()).toISOString(),
      range: { from, to },
      records: tally.records,
      by_type: sorted(tally.type),
      by_outcome: sorted(tally.outcome),
      by_drag_mode: sorted(tally.drag_mode),
      by_workflow: sorted(tally.workflow),
      lanes: [...tally.lanes.values()].sort((a, b) => a.lane - b.lane).map((lane) => ({ ...lane })),
    };
    const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`);
    const document = `reports/${execution_id}.json`;
    await documents.put(document, bytes);
    return { document, document_sha256: sha256(bytes), document_bytes: bytes.byteLength, ...report };
  };
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
