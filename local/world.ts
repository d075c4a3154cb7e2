/** The world that one machine gives the office: stores and keys in a folder, the system's clock and randomness. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCharter, readFolder } from '../adapters/bundled-files.ts';
import { openJsonlLog } from '../adapters/local/jsonl-log.ts';
import { openLineFile } from '../adapters/local/line-file.ts';
import { openSodium } from '../adapters/local/sodium.ts';
import { openTrust } from '../adapters/local/trust-file.ts';
import { shareOfTraces, spanTracer } from '../adapters/traces/span-tracer.ts';
import { createIds } from '../src/basics/ids.ts';
import { poolRandom } from '../src/basics/random.ts';
import { ChanceryError } from '../src/errors.ts';
import { DEV_ISSUER } from '../src/identity/development.ts';
import { knownIssuers } from '../src/identity/issuers.ts';
import { createHold, type LedgerHold } from '../src/ledger/hold.ts';
import type { WrittenRecord } from '../src/ledger/lane/writer.ts';
import type { Trust } from '../src/ledger/trust.ts';
import type { World } from '../src/office/world.ts';
import type { Clock, Doorbell, Engine, Table } from '../src/ports.ts';
import { withoutDetail } from '../src/watch/metrics/detail.ts';
import { createMeter } from '../src/watch/metrics/meter.ts';
import { logLines } from '../src/watch/ops/log-line.ts';
import { meterTable } from '../src/watch/ops/metered-table.ts';
import { createRedactor } from '../src/watch/ops/redact.ts';
import { describeProblems, loadWorkflows } from '../src/workflow/registry.ts';
import { TASKS } from '../src/workflow/tasks/names.ts';
import { readInThread } from './bundles.ts';
import { localDoorbell } from './doorbell.ts';
import { withProcessorTime } from './process-readings.ts';
import { SHIPPED_AHEAD } from './read-ahead.ts';
import { replayInThread } from './replay.ts';
import type { LocalSettings } from './settings.ts';
import { dataPaths, openStores, type Stores } from './stores.ts';
import { versionOf } from './version.ts';

/** What tests put in place of the real thing. */
export interface Replacements {
  readonly clock?: Clock;
  /** Around the table that everything uses. */
  readonly table?: (table: Table) => Table;
  readonly fetch?: typeof fetch;
  /** Around the engine that runs workflows. */
  readonly engine?: (engine: Engine) => Engine;
  /** Milliseconds between retries of workflow tasks. */
  readonly retryMs?: number;
}

export interface LocalWorld extends World {
  readonly stores: Stores;
  readonly trust: Trust;
  readonly doorbell: Doorbell;
  /** What stands against appending. */
  readonly hold: LedgerHold;
  /** Tells of every record of this process once it is durable, in the order of its lane. */
  onRecords(heard: (entries: readonly WrittenRecord[]) => void): void;
  readonly version: string;
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

/** Throws VALIDATION_ERROR that names every mistake when charter or workflows do not load. */
export async function openWorld(settings: LocalSettings, replaced: Replacements): Promise<LocalWorld> {
  const clock = replaced.clock ?? Date.now;
  const random = poolRandom((length) => new Uint8Array(randomBytes(length)));
  const micros = (): number => Math.round(performance.now() * 1000);
  const stores = await openStores(settings.dataFolder);
  const began = performance.now();
  const shipped = readCharter(settings.charterFolder, SHIPPED_AHEAD);
  const shipped_ms = performance.now() - began;
  const redact = createRedactor({ fields: shipped.documents['redaction.yaml'].redact_fields });
  const log = openJsonlLog({ path: settings.logFile }, logLines(settings.log, redact, clock));
  const hold = createHold((standing) => {
    if (standing === undefined) log.write('info', 'ledger', 'Nothing stands against appending any more');
    else log.write('error', 'ledger', 'Nothing is appended while this stands', { ...standing });
  });
  const spans = openLineFile({ path: join(dirname(settings.logFile), 'spans.jsonl') });
  const measured = withProcessorTime(createMeter(clock));
  const meter = settings.detailedMetrics ? measured : withoutDetail(measured);
  const store = replaced.table?.(stores.table) ?? stores.table;
  const table = meterTable(store, meter, () => performance.now());
  const sodium = openSodium();
  if (!sodium.ok)
    log.write('warn', 'ledger', 'Signatures take twice as long: libsodium does not load here', {
      reason: sodium.reason,
    });
  const trust = await openTrust(join(settings.dataFolder, 'trust.json'), stores);
  const version = versionOf(settings.projectFolder);
  const workflows = loadRegistry(settings.workflowsFolder);
  const reading = readInThread(workflows.all);
  const otlp = await otlpOf(settings, version);
  const listeners: ((entries: readonly WrittenRecord[]) => void)[] = [];
  return {
    stores,
    trust,
    version,
    ledgerTable: table,
    state: table,
    subjects: stores.subjects,
    power: { documents: stores.documents, touched: () => stores.table.touched() },
    documents: stores.documents,
    authority: stores.authority,
    authorities: trust.authorities.map(({ public_key, from_lane, to_lane, not_after }) => ({
      public_key,
      from_lane,
      ...(to_lane === undefined ? {} : { to_lane }),
      ...(not_after === undefined ? {} : { not_after }),
    })),
    capabilityKey: stores.capabilityKey,
    pseudonymKey: stores.pseudonymKey,
    issuers: knownIssuers([DEV_ISSUER, ...settings.issuers]),
    origin: trust.origin,
    code: `chancery@${version}`,
    region: 'local',
    max_merge_delay_seconds: trust.max_merge_delay_seconds,
    workflows,
    reading,
    shipped,
    shipped_ms,
    replay: (base, candidate, since) =>
      replayInThread(dataPaths(settings.dataFolder).table, base, candidate, since),
    clock,
    micros,
    wait: (ms) => (ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(ms)),
    ids: createIds(clock, random),
    random,
    ...(sodium.ok ? { keyPair: sodium.sodium.keyPair } : {}),
    // Who seals here is a thread of this process.
    together: true,
    log,
    meter,
    tracer: spanTracer({
      written(span) {
        const line = JSON.stringify(span);
        // A request's own span ends last.
        if (span.kind === 'server') spans.append(line);
        else spans.hold(line);
        otlp?.export(span);
      },
      clock,
      micros,
      random,
      redact,
      sampled: shareOfTraces(settings.traceRate, settings.traceRoutes),
      keepsFailures: true,
    }),
    doorbell: localDoorbell(),
    hold,
    held: hold.standing,
    appended(entries) {
      for (const heard of listeners) heard(entries);
    },
    onRecords: (heard) => void listeners.push(heard),
    fetch: replaced.fetch ?? fetch,
    async close() {
      await reading.close();
      log.close();
      spans.close();
      await otlp?.close();
      stores.close();
    },
  };
}

/** Loaded only where it is asked for: it takes longer to load than all the rest of a start. */
async function otlpOf({ otlpEndpoint, service }: LocalSettings, version: string) {
  if (otlpEndpoint === undefined) return undefined;
  const { spansToCollector } = await import('../adapters/traces/to-collector.ts');
  return spansToCollector({ endpoint: otlpEndpoint, service, version });
}

function loadRegistry(folder: string): World['workflows'] {
  const loaded = loadWorkflows(readFolder(folder), new Set(TASKS));
  if (loaded.ok) return loaded.registry;
  throw new ChanceryError(
    'VALIDATION_ERROR',
    `The workflows do not load:\n${describeProblems(loaded.problems)}`,
  );
}
