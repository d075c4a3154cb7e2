/**
 * What tells people and other systems of what stands in the ledger: the notifier of alerts, the herald of what waits for
 * people, their outbox, and the export to a SIEM. Put together once, for the local runtime and the Lambdas.
 */

import { placeOf } from '../ledger/bytes.ts';
import { type TableReader, toEntry } from '../ledger/entry.ts';
import { directory, laneItems } from '../ledger/lane/directory.ts';
import { readEntries } from '../ledger/reader.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Clock, Log, Meter, Random, Table } from '../ports.ts';
import type { Courier } from './alerts/notify/courier.ts';
import { PAGERDUTY, slackCourier } from './alerts/notify/messages.ts';
import { createNotifier, type Notifier } from './alerts/notify/notifier.ts';
import { createOutbox, type Outbox } from './alerts/notify/outbox.ts';
import { marked, type Proof } from './alerts/notify/slack.ts';
import { CHANNELS } from './alerts/rules/rule.ts';
import { createHerald, type Herald } from './notices/herald.ts';
import type { Untold } from './notices/untold.ts';
import type { HealthCheck, HealthFinding } from './ops/health.ts';
import { createExporter, type Exporter, type Lanes, type Sink } from './siem/export.ts';
import type { Exported } from './siem/ocsf.ts';

export interface AlertingDeps {
  readonly ledger: Ledger;
  readonly ledgerTable: TableReader;
  readonly state: Table;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  readonly random: Random;
  readonly meter: Meter;
  readonly log: Log;
  /** By courier name: `slack-{channel}`, `pagerduty`, `sns`. What is not here is not told, only recorded. */
  readonly couriers: ReadonlyMap<string, Courier>;
  /** Where the API is, for links in notices. */
  readonly url?: string;
  readonly sink?: Sink;
  /** What the herald need not read, where this process appends. */
  readonly untold?: Untold;
}

export interface Alerting {
  readonly notifier: Notifier;
  readonly herald: Herald;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly exporter?: Exporter;
  /** For `/health`: the notifier and the export. */
  readonly checks: readonly HealthCheck[];
}

/** Evidence older than this did not cause what fires now. */
const EVIDENCE_MS = 30 * 60_000;

/** The newest record of any of the types. */
export async function newestOf(
  table: TableReader,
  types: readonly string[],
  from: string,
): Promise<Proof | undefined> {
  const pages = await Promise.all(types.map((type) => readEntries(table, { type, from }, { limit: 1 })));
  const [entry] = pages
    .flatMap((page) => page.entries)
    .sort((a, b) => (a.record.time < b.record.time ? 1 : -1));
  if (entry === undefined) return undefined;
  return {
    record_id: entry.id,
    record_hash: entry.record_hash,
    trace: entry.record.trace,
    type: entry.record.type,
  };
}

/** The ledger's lanes as the export reads them. */
export function lanesOf(table: TableReader): Lanes {
  return {
    async list(from) {
      const lanes: number[] = [];
      for await (const { sk } of directory(table, from)) if (placeOf(sk) >= from) lanes.push(placeOf(sk));
      return lanes;
    },
    async read(lane, from, limit) {
      const records: Exported[] = [];
      for await (const item of laneItems(table, lane, from)) {
        const entry = toEntry(item);
        if (entry === undefined || entry.seq !== from + records.length) return { records, blocked: true };
        records.push({ id: entry.id, record_hash: entry.record_hash, record: entry.record });
        if (records.length >= limit) break;
      }
      return { records, blocked: false };
    },
  };
}

export function openAlerting(deps: AlertingDeps): Alerting {
  const { couriers, clock, state, meter, log } = deps;
  const slack = new Set(CHANNELS.filter((channel) => couriers.has(slackCourier(channel))));
  const outbox = createOutbox({
    table: state,
    clock,
    couriers,
    meter,
    log,
    marks: new Map(CHANNELS.map((channel) => [slackCourier(channel), marked])),
  });
  const herald = createHerald({
    table: state,
    ledgerTable: deps.ledgerTable,
    lanes: lanesOf(deps.ledgerTable).list,
    ledger: deps.ledger,
    outbox,
    couriers: new Set(couriers.keys()),
    ...(deps.url === undefined ? {} : { url: deps.url }),
    clock,
    ...(deps.untold === undefined ? {} : { untold: deps.untold }),
  });
  const notifier = createNotifier({
    table: state,
    ledger: deps.ledger,
    outbox,
    clock,
    wait: deps.wait,
    newTrace: () => Buffer.from(deps.random(16)).toString('hex'),
    newest: (types) => newestOf(deps.ledgerTable, types, new Date(clock() - EVIDENCE_MS).toISOString()),
    targets: { slack, pagerduty: couriers.has(PAGERDUTY) },
  });
  const exporter =
    deps.sink === undefined
      ? undefined
      : createExporter({
          table: state,
          lanes: lanesOf(deps.ledgerTable),
          sink: deps.sink,
          clock,
          meter,
          log,
        });
  return {
    notifier,
    herald,
    outbox,
    clock,
    ...(exporter === undefined ? {} : { exporter }),
    checks: [notifierCheck(outbox, couriers), siemCheck(exporter)],
  };
}

function notifierCheck(outbox: Outbox, couriers: ReadonlyMap<string, Courier>): HealthCheck {
  return {
    name: 'notifier',
    required: false,
    run: async () => {
      const dead_letters = (await outbox.dead()).length;
      return {
        status: dead_letters === 0 ? 'healthy' : 'degraded',
        details: { dead_letters, targets: couriers.size },
      };
    },
  };
}

/** The export may be behind for a while without anybody being worse off: late, not lost. */
function siemCheck(exporter: Exporter | undefined): HealthCheck {
  return {
    name: 'siem',
    required: false,
    run: async (): Promise<HealthFinding> => {
      if (exporter === undefined) return { status: 'healthy', details: { configured: false } };
      const { lag_seconds, failing } = exporter.state();
      const status = failing || lag_seconds > 300 ? 'degraded' : 'healthy';
      return { status, details: { configured: true, lag_seconds } };
    },
  };
}
