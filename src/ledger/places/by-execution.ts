/**
 * Sealed records by execution. `(RUNS#minute, second#…)` notes, for the executions that began in a second (their ids
 * tell), where the records stand that begin and end them: one line each, so many to an item, new items with each
 * seal. A lookup reads the items of one second.
 */
import { decodeTime } from 'ulid';
import type { Item } from '../../ports.ts';
import type { TableReader } from '../entry.ts';
import type { Segment } from '../seal/staging.ts';
import type { Gist } from './gist.ts';

/** A place in a lane. */
export interface RecordPlace {
  readonly lane: number;
  readonly seq: number;
}

const ID = /^exe_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
export const isExecutionId = (id: string): boolean => ID.test(id);

/** An id's time in milliseconds: when its run began. */
export const beginningOf = (execution_id: string): number => decodeTime(execution_id.slice('exe_'.length));

/** 45 bytes each. */
const LINES_AN_ITEM = 1_000;

function secondOf(execution_id: string): { pk: string; second: string } {
  const time = new Date(beginningOf(execution_id)).toISOString();
  return { pk: `RUNS#${time.slice(0, 16)}`, second: time.slice(17, 19) };
}

/**
 * The notes of a sealed batch.
 * @param from size of the tree that it makes grow: no two batches have the same
 */
export function executionItems(from: number, segments: readonly Segment[], gists: readonly Gist[]): Item[] {
  const seconds = new Map<string, { pk: string; second: string; lines: string[] }>();
  let at = 0;
  for (const { lane, seq, count } of segments) {
    for (let index = 0; index < count; index += 1) {
      const id = gists[at + index]?.execution_id;
      if (id === undefined || !isExecutionId(id)) continue;
      const { pk, second } = secondOf(id);
      const known = seconds.get(`${pk}:${second}`) ?? { pk, second, lines: [] };
      seconds.set(`${pk}:${second}`, known);
      known.lines.push(`${id} ${lane}.${seq + index}`);
    }
    at += count;
  }
  return [...seconds.values()].flatMap(({ pk, second, lines }) =>
    Array.from({ length: Math.ceil(lines.length / LINES_AN_ITEM) }, (_, part) => ({
      pk,
      sk: `${second}#${String(from).padStart(12, '0')}.${String(part).padStart(3, '0')}`,
      runs: lines.slice(part * LINES_AN_ITEM, (part + 1) * LINES_AN_ITEM).join('\n'),
    })),
  );
}

/** Places of the sealed records that begin and end this execution, as they were sealed. */
export async function placesOfExecution(table: TableReader, execution_id: string): Promise<RecordPlace[]> {
  const places: RecordPlace[] = [];
  const { pk, second } = secondOf(execution_id);
  for await (const line of linesOf(table, pk, second, second)) {
    if (!line.startsWith(execution_id)) continue;
    const [lane, seq] = line
      .slice(execution_id.length + 1)
      .split('.')
      .map(Number);
    if (lane !== undefined && seq !== undefined) places.push({ lane, seq });
  }
  return places;
}

/** Whether these executions are all noted at these places. A read for each run of seconds that they began in. */
export async function areExecutionsNoted(
  table: TableReader,
  runs: readonly (RecordPlace & { readonly execution_id: string })[],
): Promise<boolean> {
  const timed = runs.map((run) => ({ ...secondOf(run.execution_id), ...run }));
  for (const [pk, own] of Map.groupBy(timed, (run) => run.pk)) {
    const due = new Set(own.map(({ execution_id, lane, seq }) => `${execution_id} ${lane}.${seq}`));
    for (const { first, last } of runsOf(own.map(({ second }) => second)))
      for await (const line of linesOf(table, pk, first, last)) due.delete(line);
    if (due.size > 0) return false;
  }
  return true;
}

/** Seconds of a minute that follow each other: what lies between others is not read. */
function runsOf(seconds: readonly string[]): { readonly first: string; readonly last: string }[] {
  const runs: { first: string; last: string }[] = [];
  for (const second of [...new Set(seconds)].sort()) {
    const run = runs.at(-1);
    if (run !== undefined && Number(second) === Number(run.last) + 1) run.last = second;
    else runs.push({ first: second, last: second });
  }
  return runs;
}

/** The lines of all executions that began in these seconds of a minute: `{id} {lane}.{seq}`. */
async function* linesOf(table: TableReader, pk: string, from: string, to: string): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const range = { from: `${from}#`, to: `${to}#~`, ...(after === undefined ? {} : { after }) };
    const { items, next } = await table.query(pk, range);
    for (const { runs } of items) if (typeof runs === 'string') yield* runs.split('\n');
    after = next;
  } while (after !== undefined);
}
