/**
 * Export of the ledger to a SIEM, lane by lane from a watermark. The watermark moves only after the sink has
 * taken what lies before it: a crash between the two sends records again (they carry their id), and skips none.
 */
import type { Clock, Log, Meter, Table } from '../../ports.ts';
import type { Exported } from './ocsf.ts';

/** Something that takes records in order. Throws when it cannot say that it took all of them. */
export interface Sink {
  readonly name: string;
  take(records: readonly Exported[]): Promise<void>;
}

/** Reading the ledger: which lanes there are, and a lane's records from a place on, gap-free and in order. */
export interface Lanes {
  list(): Promise<readonly number[]>;
  read(lane: number, from: number, limit: number): Promise<readonly Exported[]>;
}

export interface ExportDeps {
  readonly table: Table;
  readonly lanes: Lanes;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** Records a batch (default 200). */
  readonly batch?: number;
}

export interface Exporter {
  /** One pass to the head of every lane. A lane whose batch fails is left where it is; the others go on. */
  run(): Promise<{ readonly sent: number; readonly failed: number; readonly lag_seconds: number }>;
  /** For health: the lag and the failures of the last pass. */
  state(): { readonly lag_seconds: number; readonly failing: boolean };
}

export function createExporter(deps: ExportDeps): Exporter {
  const { table, lanes, sink, meter } = deps;
  const batch = deps.batch ?? 200;
  const partition = `SIEM#${sink.name}`;
  let state = { lag_seconds: 0, failing: false };

  const place = (lane: number): string => String(lane).padStart(8, '0');

  /** Moves the watermark; false when another exporter moved it first, and so has sent these too. */
  async function advance(lane: number, next: number, version: number): Promise<boolean> {
    const item = { pk: partition, sk: place(lane), next, version: version + 1 };
    const { stored } = await table.put(item, version === 0 ? 'absent' : { version });
    return stored;
  }

  interface Pass {
    sent: number;
    failed: number;
    /** Time of the oldest record that was not taken. */
    behind?: string;
  }

  async function exportLane(lane: number, pass: Pass): Promise<void> {
    for (;;) {
      const mark = await table.get(partition, place(lane));
      const next = Number(mark?.next ?? 0);
      const records = await lanes.read(lane, next, batch);
      const [first] = records;
      if (first === undefined) return;
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
        if (pass.behind === undefined || first.record.time < pass.behind) pass.behind = first.record.time;
        return;
      }
      if (!(await advance(lane, next + records.length, Number(mark?.version ?? 0)))) continue;
      meter.count('siem_events_total', { result: 'success' }, records.length);
      pass.sent += records.length;
    }
  }

  return {
    async run() {
      const pass: Pass = { sent: 0, failed: 0 };
      for (const lane of await lanes.list()) await exportLane(lane, pass);
      const lag =
        pass.behind === undefined ? 0 : Math.max(0, (deps.clock() - Date.parse(pass.behind)) / 1000);
      meter.set('siem_lag_seconds', {}, lag);
      state = { lag_seconds: lag, failing: pass.failed > 0 };
      return { sent: pass.sent, failed: pass.failed, lag_seconds: lag };
    },
    state: () => state,
  };
}
