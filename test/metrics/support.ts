/** Ledgers and projections for the tests of this folder: real stores, hand-made records where lanes would slow it. */
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { JsonObject } from '../../src/json.ts';
import type { LedgerRecord, NewRecord } from '../../src/ledger/record.ts';
import type { Table } from '../../src/ports.ts';
import { Accumulators } from '../../src/watch/metrics/accumulators.ts';
import { createProjector, type Projector, type ProjectorDeps } from '../../src/watch/metrics/project.ts';
import { type Tail, type TailEntry, tailOf } from '../../src/watch/metrics/tail.ts';

export const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const encoder = new TextEncoder();
const pad = (value: number, width: number): string => String(value).padStart(width, '0');

export const record = (type: string, data: JsonObject, more: Partial<LedgerRecord> = {}): LedgerRecord => ({
  v: 1,
  lane: 1,
  seq: 0,
  prev: '0'.repeat(64),
  type,
  time: new Date(NOW).toISOString(),
  trace: 'a'.repeat(32),
  data,
  ...more,
});

export const decision = (data: JsonObject = {}, more: Partial<LedgerRecord> = {}): LedgerRecord =>
  record(
    'decision.made',
    {
      outcome: 'allow',
      stage: 'permit',
      drag_mode: 'execute',
      risk_level: 2,
      actor_type: 'human_user',
      principal: { fresh_mfa: false },
      reasons: [],
      policies: [{ id: 'permit-operators', effect: 'permit' }],
      prescriptive: { counts: {}, first: [] },
      latency_us: 1_500,
      evaluation_us: 300,
      ...data,
    },
    {
      labels: {
        drag_mode: 'execute',
        actor_role: 'operator',
        workflow: 'data-export',
        policies: 'permit-operators',
      },
      ...more,
    },
  );

/** Stores a record where a lane would have put it. The projector checks no signatures; verification does. */
export async function plant(
  table: Table,
  lane: number,
  seq: number,
  what: LedgerRecord,
  ride?: string,
): Promise<void> {
  if (seq === 0)
    await table.put(
      { pk: 'LANES', sk: pad(lane, 8), b: encoder.encode('c'), s: encoder.encode('s') },
      'absent',
    );
  const b = encoder.encode(JSON.stringify({ ...what, lane, seq }));
  await table.put(
    {
      pk: `LANE#${pad(lane, 8)}`,
      sk: pad(seq, 10),
      b,
      s: encoder.encode(`sig ${lane}.${seq}`),
      ...(ride ? { t: ride } : {}),
    },
    'absent',
  );
}

export const memory = (): Table => openSqliteTable(':memory:');

export const depsOn = (ledger: Table, state: Table = ledger, tail: Tail = tailOf(ledger)): ProjectorDeps => ({
  table: state,
  tail,
  clock: () => NOW,
  wait: async () => undefined,
});

export const projectorOn = (ledger: Table, state?: Table, tail?: Tail): Projector =>
  createProjector(depsOn(ledger, state, tail));

/** The proven cells as text: what a replay must equal to the byte. */
export const proven = (state: Accumulators): Record<string, string> =>
  Object.fromEntries(
    [...state.cells]
      .filter(([name]) => !name.includes('#p'))
      .map(([name, { cell }]): [string, string] => [name, cell.encode()])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );

export const measured = (state: Accumulators): Record<string, string> =>
  Object.fromEntries(
    [...state.cells]
      .filter(([name]) => name.includes('#p'))
      .map(([name, { cell }]): [string, string] => [name, cell.encode()])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );

export function folded(entries: readonly TailEntry[]): Accumulators {
  const state = new Accumulators();
  for (const entry of entries) state.fold(entry);
  return state;
}

export const newRecord = (
  type: string,
  data: JsonObject,
  labels: Record<string, string> = {},
): NewRecord => ({
  type,
  trace: 'a'.repeat(32),
  data,
  labels,
});
