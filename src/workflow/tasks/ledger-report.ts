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
import { readInput, type Task } from './task.ts';

export interface ReportedRecord {
  readonly record: LedgerRecord;
  /** Hex record hash. */
  readonly hash: string;
}

export interface LedgerReportDeps {
  /** Records with `from` ≤ time < `to` (RFC 3339 UTC), each lane in the order of its seq. */
  readonly recordsBetween: (from: string, to: string) => AsyncIterable<ReportedRecord>;
  readonly documents: Blobs;
  readonly clock: Clock;
}

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const inputSchema = z.strictObject({ parameters: z.json(), execution_id: z.string() });
const parametersSchema = z.looseObject({ from: time.optional(), to: time.optional() });

type Counts = Record<string, number>;
interface LaneRange {
  lane: number;
  first_seq: number;
  last_seq: number;
  records: number;
  head_hash: string;
}

const DAY_MS = 86_400_000;

/** Without `from` and `to`: the last 24 hours. Output: counts, lanes, and the document's name and digest. */
export function ledgerReport({ recordsBetween, documents, clock }: LedgerReportDeps): Task {
  return async (raw) => {
    const { parameters: given, execution_id } = readInput(inputSchema, raw);
    const parameters = readInput(parametersSchema, await fullParameters(documents, execution_id, given));
    const now = clock();
    const to = parameters.to ?? new Date(now).toISOString();
    const from = parameters.from ?? new Date(Date.parse(to) - DAY_MS).toISOString();
    const by = { type: {} as Counts, outcome: {} as Counts, drag_mode: {} as Counts, workflow: {} as Counts };
    const lanes = new Map<number, LaneRange>();
    let records = 0;
    for await (const { record, hash } of recordsBetween(from, to)) {
      records += 1;
      count(by.type, record.type);
      if (typeof record.data.outcome === 'string') count(by.outcome, record.data.outcome);
      if (record.labels?.drag_mode !== undefined) count(by.drag_mode, record.labels.drag_mode);
      if (record.labels?.workflow !== undefined) count(by.workflow, record.labels.workflow);
      widen(lanes, record, hash);
    }
    const report = {
      generated_at: new Date(now).toISOString(),
      range: { from, to },
      records,
      by_type: sorted(by.type),
      by_outcome: sorted(by.outcome),
      by_drag_mode: sorted(by.drag_mode),
      by_workflow: sorted(by.workflow),
      lanes: [...lanes.values()].sort((a, b) => a.lane - b.lane).map((lane) => ({ ...lane })),
    };
    const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`);
    const document = `reports/${execution_id}.json`;
    await documents.put(document, bytes);
    return { document, document_sha256: sha256(bytes), document_bytes: bytes.byteLength, ...report };
  };
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function sorted(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function widen(lanes: Map<number, LaneRange>, record: LedgerRecord, hash: string): void {
  const { lane, seq } = record;
  const range = lanes.get(lane);
  if (range === undefined) {
    lanes.set(lane, { lane, first_seq: seq, last_seq: seq, records: 1, head_hash: hash });
    return;
  }
  range.records += 1;
  range.first_seq = Math.min(range.first_seq, seq);
  if (seq > range.last_seq) {
    range.last_seq = seq;
    range.head_hash = hash;
  }
}
