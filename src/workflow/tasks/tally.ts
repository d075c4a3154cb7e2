/** What records of the ledger come to, counted: by type, outcome, mode and workflow, and which of which lane. */
import type { LedgerRecord } from '../../ledger/record.ts';

type Counts = Record<string, number>;

export interface LaneRange {
  lane: number;
  first_seq: number;
  last_seq: number;
  records: number;
  /** Hex record hash of the newest. */
  head_hash: string;
}

export interface RecordTally {
  records: number;
  readonly type: Counts;
  readonly outcome: Counts;
  readonly drag_mode: Counts;
  readonly workflow: Counts;
  readonly lanes: Map<number, LaneRange>;
}

const COUNTED = ['type', 'outcome', 'drag_mode', 'workflow'] as const;

export const emptyTally = (): RecordTally => ({
  records: 0,
  type: {},
  outcome: {},
  drag_mode: {},
  workflow: {},
  lanes: new Map(),
});

/** @param hash hex record hash */
export function countRecord(tally: RecordTally, record: LedgerRecord, hash: string): void {
  const { type, data, labels, lane, seq } = record;
  tally.records += 1;
  count(tally.type, type, 1);
  if (typeof data.outcome === 'string') count(tally.outcome, data.outcome, 1);
  if (labels?.drag_mode !== undefined) count(tally.drag_mode, labels.drag_mode, 1);
  if (labels?.workflow !== undefined) count(tally.workflow, labels.workflow, 1);
  widen(tally.lanes, { lane, first_seq: seq, last_seq: seq, records: 1, head_hash: hash });
}

/** Adds what another one counted; of no record that this one counted too. */
export function addTally(sum: RecordTally, other: RecordTally): void {
  sum.records += other.records;
  for (const by of COUNTED) for (const [key, times] of Object.entries(other[by])) count(sum[by], key, times);
  for (const range of other.lanes.values()) widen(sum.lanes, range);
}

function count(counts: Counts, key: string, times: number): void {
  counts[key] = (counts[key] ?? 0) + times;
}

function widen(lanes: Map<number, LaneRange>, more: LaneRange): void {
  const range = lanes.get(more.lane);
  if (range === undefined) {
    lanes.set(more.lane, { ...more });
    return;
  }
  range.records += more.records;
  range.first_seq = Math.min(range.first_seq, more.first_seq);
  if (more.last_seq <= range.last_seq) return;
  range.last_seq = more.last_seq;
  range.head_hash = more.head_hash;
}
