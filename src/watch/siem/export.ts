/**
 * Export of the ledger to a SIEM, lane by lane from a watermark. The watermark moves only after the sink has
 * taken what lies before it: a crash between the two sends records again (they carry their id), and skips none.
 */
import type { Clock, Log, Meter, Table } from '../../ports.ts';
import { LaneMarks, type Mark } from '../marks.ts';
import type { Exported } from './ocsf.ts';

/** Something that takes records in order. Throws when it cannot say that it took all of them. */
export interface Sink {
  readonly name: string;
  take(records: readonly Exported[]): Promise<void>;
}

/** Reading the ledger. */
export interface Lanes {
  /** Numbers of the lanes from this one on, in order. */
  list(from: number): Promise<readonly number[]>;
  /**
   * A lane's records from a place on, gap-free and in order. `blocked`: what comes next cannot be read, which
   * verification names.
   */
  read(
    lane: number,
    from: number,
    limit: number,
  ): Promise<{ readonly records: readonly Exported[]; readonly blocked: boolean }>;
}

export interface ExportDeps {
  readonly table: Table;
  readonly lanes: Lanes;
  readonly sink: Sink;
  /** Which records the sink is to have (default: all). The others are passed over. */
  readonly wanted?: (record: Exported) => boolean;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** Records a batch (default 200). */
  readonly batch?: number;
}

export interface Exporter {
  /** One pass to the head of every open lane. A lane whose batch fails is left where it is; the others go on. */
  run(): Promise<{ readonly sent: number; readonly failed: number; readonly lag_seconds: number }>;
  /** For health: the lag and the failures of the last pass. */
  state(): { readonly lag_seconds: number; readonly failing: boolean };
}

export function createExporter(deps: ExportDeps): Exporter {
  const { table, lanes, sink, meter, wanted = () => true } = deps;
  const batch = deps.batch ?? 200;
  const marks = new LaneMarks(table, `SIEM#${sink.name}`);
  let state = { lag_seconds: 0, failing: false };

  interface Pass {
    sent: number;
    failed: number;
    /** Time of the oldest record that was not taken. */
    behind?: string;
  }

  async function exportLane(met: Mark, pass: Pass): Promise<void> {
    for (let mark: Mark | undefined = met; mark !== undefined; ) {
      const { lane, next }: Mark = mark;
      // With the record before: it tells whether the lane has ended there.
      const from = Math.max(0, next - 1);
      const { records, blocked } = await lanes.read(lane, from, batch + next - from);
      const due = records.slice(next - from);
      const [first] = due;
      if (first !== undefined && !(await send(due, mark, pass))) {
        if (pass.behind === undefined || first.record.time < pass.behind) pass.behind = first.record.time;
        return;
      }
      // Nothing is left of a lane that was pruned.
      const last = records.at(-1);
      if (last === undefined ? !blocked : last.record.type === 'ledger.lane_closed') return marks.done(mark);
      if (first === undefined) return;
      mark = (await marks.advance(mark, next + due.length)) ?? (await marks.read(lane));
    }
  }

  /** False when the sink did not take them: they stay due. */
  async function send(due: readonly Exported[], { lane, next }: Mark, pass: Pass): Promise<boolean> {
    const records = due.filter(wanted);
    if (records.length === 0) return true;
    try {
      await sink.take(records);
    } catch (error) {
      meter.count('siem_events_total', { result: 'failure' }, records.length);
      deps.log.write('error', 'siem', 'records could not be exported; they stay due', {
        sink: sink.name,
        lane,
        from: next,
        count: records.length,
        error: error instanceof Error ? error.message : String(error),
      });
      pass.failed += records.length;
      return false;
    }
    meter.count('siem_events_total', { result: 'success' }, records.length);
    pass.sent += records.length;
    return true;
  }

  return {
    async run() {
      const pass: Pass = { sent: 0, failed: 0 };
      for (const mark of await marks.open(lanes.list)) await exportLane(mark, pass);
      const lag =
        pass.behind === undefined ? 0 : Math.max(0, (deps.clock() - Date.parse(pass.behind)) / 1000);
      meter.set('siem_lag_seconds', {}, lag);
      state = { lag_seconds: lag, failing: pass.failed > 0 };
      return { sent: pass.sent, failed: pass.failed, lag_seconds: lag };
    },
    state: () => state,
  };
}
