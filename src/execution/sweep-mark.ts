/** Where the last sweep left off, kept in the state: what it has not looked at, and the runs that it left open. */
import { isExecutionId } from '../ledger/places/by-execution.ts';
import type { Table } from '../ports.ts';

/** Milliseconds since the epoch: when it began, and from when on nothing more is expected of it. */
export interface OpenRun {
  readonly began: number;
  readonly due: number;
}

/** Records from `from` on and before `to`, milliseconds. */
export interface Unswept {
  readonly from: number;
  readonly to: number;
}

export interface SweepMark {
  /** Records from here on were not looked at; milliseconds. */
  readonly from: number;
  /** By execution. */
  readonly open: ReadonlyMap<string, OpenRun>;
  /** Neither were these, which are too old for a run that may still end. */
  readonly behind?: Unswept;
}

const MARK = { pk: 'SWEEP', sk: 'runs' } as const;
/** 60 bytes each. Beyond so many the next sweep reads from the first of the rest on. */
const OPEN_KEPT = 2_000;
/** A record may stand in a lane this long after the time in it; a sweep starts that much earlier. */
const LATE_MS = 10_000;

/** `mark` is undefined where there is none, or one that no sweep wrote: then nothing was looked at. */
export async function readMark(
  table: Pick<Table, 'get'>,
): Promise<{ readonly mark?: SweepMark; readonly version: number | undefined }> {
  const item = await table.get(MARK.pk, MARK.sk);
  const version = item && Number(item.version);
  const open = parseOpen(item?.open);
  const from = Number(item?.from ?? 0);
  if (open === undefined || !Number.isSafeInteger(from)) return { version };
  const behind = { from: Number(item?.behind ?? Number.NaN), to: Number(item?.behind_to ?? Number.NaN) };
  const known = Number.isSafeInteger(behind.from) && Number.isSafeInteger(behind.to);
  return { mark: { from, open, ...(known ? { behind } : {}) }, version };
}

/**
 * After a sweep of everything up to `now` but what is behind.
 * @param version of the mark that the sweep began with; undefined when there was none
 */
export async function saveMark(
  table: Pick<Table, 'put'>,
  { now, open, behind, version }: Omit<SweepMark, 'from'> & { now: number; version: number | undefined },
): Promise<void> {
  const byAge = [...open].sort(([, left], [, right]) => left.began - right.began);
  const [kept, rest] = [byAge.slice(0, OPEN_KEPT), byAge.slice(OPEN_KEPT)];
  const from = Math.min(now, ...rest.map(([, run]) => run.began)) - LATE_MS;
  const next = {
    ...MARK,
    from,
    open: formatOpen(kept),
    version: (version ?? 0) + 1,
    ...(behind === undefined ? {} : { behind: behind.from, behind_to: behind.to }),
  };
  // Refused: another sweep moved it. Ours found the same, and the next one starts from where that one was.
  await table.put(next, version === undefined ? 'absent' : { version });
}

const formatOpen = (open: readonly (readonly [string, OpenRun])[]): string =>
  open.map(([id, { began, due }]) => `${id} ${began} ${due}`).join('\n');

/** Undefined for text that no sweep wrote. */
function parseOpen(text: unknown): ReadonlyMap<string, OpenRun> | undefined {
  if (typeof text !== 'string') return undefined;
  const open = new Map<string, OpenRun>();
  for (const line of text === '' ? [] : text.split('\n')) {
    const [id = '', began, due] = line.split(' ');
    const run = { began: Number(began), due: Number(due) };
    if (!isExecutionId(id) || !Number.isSafeInteger(run.began) || !Number.isSafeInteger(run.due))
      return undefined;
    open.set(id, run);
  }
  return open;
}
