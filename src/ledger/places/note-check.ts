/**
 * Whether the notes of a part of the sealed log are all there: by time, by person, by execution, of prunings. Readers go by them, so
 * whoever could take one out of the store unseen would take records out of every list, report and export.
 */
import type { TableReader } from '../entry.ts';
import { areExecutionsNoted, isExecutionId } from './by-execution.ts';
import { later, STRETCH_MS, stretches } from './by-time.ts';
import type { Batch } from './note.ts';
import { isPruningNoted, PRUNED } from './prunings.ts';

interface Noted {
  readonly type: string;
  readonly lane: number;
  readonly seq: number;
  readonly time: string;
  readonly subject?: string;
  readonly execution_id?: string;
}

/** A few reads, by what the part holds. Throws STORE_UNAVAILABLE. */
export async function areNotesWhole(
  table: TableReader,
  { segments, gists }: Pick<Batch, 'segments' | 'gists'>,
): Promise<boolean> {
  const records = recordsOf(segments, gists);
  if (!(await areInStretches(table, records))) return false;
  for (const { type, lane, seq } of records)
    if (type === PRUNED && !(await isPruningNoted(table, `${lane}.${seq}`))) return false;
  const people = Map.groupBy(records, ({ subject }) => subject);
  for (const [subject, own] of people)
    if (subject !== undefined && !(await areInStretches(table, own, subject))) return false;
  const runs = records.flatMap(({ execution_id, lane, seq }) =>
    execution_id !== undefined && isExecutionId(execution_id) ? [{ execution_id, lane, seq }] : [],
  );
  return areExecutionsNoted(table, runs);
}

/** A bundle's records of one person lie in one stretch or two, and there may be a bundle of a hundred people each second. */
const FEW = 8;

/** Whether each lies in a stretch, of all or of one person, that readers of its time come to. */
async function areInStretches(
  table: TableReader,
  records: readonly Noted[],
  subject?: string,
): Promise<boolean> {
  const times = records.map(({ time }) => time).sort();
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return true;
  const due = new Set(records);
  for await (const stretch of stretches(table, { newest: false, bound: first, subject, few: FEW })) {
    // Stretches come in the order of their ends, and none is longer.
    if (due.size === 0 || stretch.to > later(last, STRETCH_MS)) break;
    for (const record of due) {
      const { lane, seq, time } = record;
      const inside = stretch.lane === lane && stretch.first <= seq && seq <= stretch.last;
      if (inside && stretch.from <= time && time <= stretch.to) due.delete(record);
    }
  }
  return due.size === 0;
}

function recordsOf(segments: Batch['segments'], gists: Batch['gists']): Noted[] {
  let at = 0;
  return segments.flatMap(({ lane, seq, count }) => {
    const own = gists.slice(at, at + count);
    at += count;
    return own.map((gist, index) => ({ ...gist, lane, seq: seq + index }));
  });
}
