/**
 * The one-machine system: the same office and the same HTTP application as on AWS, over an embedded store, on
 * 127.0.0.1. Starts in the order in which things depend on one another and stops in the reverse of it.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBindings, serve } from '@hono/node-server';
import * as z from 'zod';
import { fetchJwksOverHttp } from '../adapters/jwks-fetch.ts';
import { type DevClaims, openDevIssuer } from '../adapters/local/dev-issuer.ts';
import { type LocalEngine, localEngine } from '../adapters/local/engine.ts';
import { openJsonlLog } from '../adapters/local/jsonl-log.ts';
import { openLineFile } from '../adapters/local/line-file.ts';
import { siemFile } from '../adapters/local/siem-file.ts';
import { spanTracer } from '../adapters/local/span-tracer.ts';
import { openTrust } from '../adapters/local/trust-file.ts';
import { buildApp } from '../http/app.ts';
import { openDoor } from '../http/door.ts';
import { families } from '../http/families.ts';
import type { Ctx } from '../http/routes.ts';
import { openAlerting } from '../src/alerting.ts';
import { ChanceryError } from '../src/errors.ts';
import { createAuthenticator } from '../src/identity/authenticator.ts';
import { DEV_ISSUER } from '../src/identity/development.ts';
import { createIds } from '../src/ids.ts';
import { lastLane } from '../src/ledger/directory.ts';
import { pseudonym, SubjectKeys } from '../src/ledger/personal.ts';
import { sealedPrunings } from '../src/ledger/sentinel.ts';
import { createMeter } from '../src/metrics/meter.ts';
import { openObservatory } from '../src/observatory.ts';
import { type OpenOffice, openOffice, type World } from '../src/office.ts';
import { runCanary } from '../src/ops/canary.ts';
import { logLines } from '../src/ops/log-line.ts';
import { meterTable } from '../src/ops/metered-table.ts';
import { createRedactor } from '../src/ops/redact.ts';
import type { Blobs, Clock, JsonObject, Table } from '../src/ports.ts';
import { poolRandom } from '../src/random.ts';
import { readingsOf } from '../src/readings.ts';
import { shippedTasks } from '../src/tasks.ts';
import { describeProblems, loadWorkflows } from '../src/workflow/registry.ts';
import { TASKS } from '../src/workflow/tasks/names.ts';
import { localCanary } from './canary.ts';
import { loadCharter } from './charter.ts';
import { couriersOf } from './couriers.ts';
import { localDoorbell } from './doorbell.ts';
import { readFolder } from './folder.ts';
import { verifyStore } from './ledger-verify.ts';
import { replayInWorker } from './replay.ts';
import { startRounds } from './rounds.ts';
import { startSealing } from './sealing.ts';
import { localSentinel } from './sentinel.ts';
import type { LocalSettings } from './settings.ts';
import { dataPaths, openStores } from './stores.ts';

export interface Runtime {
  readonly url: string;
  readonly office: OpenOffice;
  readonly documents: Blobs;
  /** A token of the development issuer. */
  mint(claims: DevClaims): Promise<string>;
  /** A consistent copy of the stores while writing goes on; returns the folder. */
  copyStore(folder: string): Promise<string>;
  /** Finishes what runs, records the shutdown, closes everything. */
  stop(): Promise<void>;
}

/** What tests put in place of the real thing. */
export interface Replacements {
  readonly clock?: Clock;
  /** Around the table that everything uses. */
  readonly table?: (table: Table) => Table;
  readonly fetch?: typeof fetch;
  /** Milliseconds between retries of workflow tasks. */
  readonly retryMs?: number;
}

/** Throws a readable error when charter or workflows do not load, and ChanceryError when the ledger does not open. */
export async function startRuntime(settings: LocalSettings, replaced: Replacements = {}): Promise<Runtime> {
  const clock = replaced.clock ?? Date.now;
  const random = poolRandom((length) => new Uint8Array(randomBytes(length)));
  const ids = createIds(clock, random);
  const wait = (ms: number): Promise<void> =>
    ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(ms);
  const micros = (): number => Math.round(performance.now() * 1000);

  const stores = await openStores(settings.dataFolder);
  const redact = createRedactor();
  const log = openJsonlLog({ path: settings.logFile }, logLines({ level: settings.logLevel }, redact, clock));
  const spans = openLineFile({ path: join(dirname(settings.logFile), 'spans.jsonl') });
  const meter = createMeter(clock);
  const table = meterTable((replaced.table ?? ((inner) => inner))(stores.table), meter, () =>
    performance.now(),
  );
  const issuer = await openDevIssuer(settings.dataFolder);
  const trust = await openTrust(join(settings.dataFolder, 'trust.json'), stores, await lastLane(table));
  const doorbell = localDoorbell();
  const workflows = loadRegistry(settings.workflowsFolder);
  const nameOf = (sub: string): string => pseudonym(sub, stores.pseudonymKey);
  const { version } = packageSchema.parse(
    JSON.parse(readFileSync(join(settings.projectFolder, 'package.json'), 'utf8')),
  );

  const world: World = {
    ledgerTable: table,
    state: table,
    subjects: stores.subjects,
    documents: stores.documents,
    authority: stores.authority,
    capabilityKey: stores.capabilityKey,
    pseudonymKey: stores.pseudonymKey,
    origin: trust.origin,
    code: `chancery@${version}`,
    region: 'local',
    max_merge_delay_seconds: trust.max_merge_delay_seconds,
    workflows,
    shipped: loadCharter(settings.charterFolder),
    replay: (base, candidate, since) =>
      replayInWorker(dataPaths(settings.dataFolder).table, base, candidate, since),
    clock,
    micros,
    wait,
    ids,
    random,
    log,
    meter,
    tracer: spanTracer({ file: spans, clock, micros, random, redact, rate: settings.traceRate }),
    doorbell,
  };

  const engines: LocalEngine[] = [];
  const office = await openOffice(world, (ended) => {
    const engine = localEngine({
      workflows,
      table,
      log,
      tasks: shippedTasks({
        table,
        subjects: new SubjectKeys({ table: stores.subjects, clock, random }),
        pseudonym: nameOf,
        documents: stores.documents,
        clock,
        fetch: replaced.fetch ?? fetch,
        endpoints: { DEPLOY_ENDPOINT: settings.deployEndpoint },
      }),
      ended: async ({ name, result }) => {
        if (result.status !== 'started') await ended(name, result);
      },
      ...(replaced.retryMs === undefined ? {} : { retry_ms: replaced.retryMs }),
    });
    engines.push(engine);
    return engine;
  });

  const authenticator = createAuthenticator(
    {
      issuers: [issuer.settings, ...settings.issuers],
      requireAccessTokenType: settings.requireAccessTokenType,
    },
    {
      clock,
      fetchJwks: async (uri) => {
        meter.count('cache_misses_total', { cache: 'jwks' });
        return uri === DEV_ISSUER.jwksUri ? issuer.jwks() : fetchJwksOverHttp(uri);
      },
    },
  );
  // The first request must not wait for keys; an issuer that is away now is asked again when its token comes.
  await authenticator.warm();
  const door = openDoor({
    authenticator,
    scopesOfRoles: office.scopesOfRoles,
    ledger: office.ledger,
    refusals: office.refusals,
    lookout: office.lookout,
    sessions: office.sessions,
    clock,
    meter,
  });

  let started = false;
  const startedAt = clock();
  const alerting = openAlerting({
    ledger: office.ledger,
    ledgerTable: table,
    state: table,
    clock,
    random,
    meter,
    log,
    couriers: couriersOf(settings.notify, { fetch: replaced.fetch ?? fetch, clock }),
    ...(settings.siemFile === undefined ? {} : { sink: siemFile(settings.siemFile) }),
  });
  const observatory = openObservatory({
    office,
    authenticator,
    ledgerTable: table,
    state: table,
    clock,
    after: wait,
    mode: { kind: 'fold', meter },
    readings: async () =>
      readingsOf(office, {
        version,
        commit: settings.commit,
        spec: SPEC,
        started_at: startedAt,
        store_connections: STORE_FILES,
      }),
    verified: () => true,
    further: alerting.checks,
  });
  const rounds = startRounds({ log, meter });
  const outbox = rounds.every('outbox', 1_000, () => alerting.outbox.pump());

  const { hono, routes } = buildApp({
    door,
    families: Object.values(
      families({
        office,
        observatory,
        ledgerTable: table,
        alerting,
        ringOutbox: outbox.ring,
        state: table,
        ids,
        verify: async () => {
          await sealing.seal();
          return verifyStore(settings.dataFolder);
        },
        logBlobs: stores.log,
        trust,
        clock,
        started: () => started,
        wait,
        meter,
        version,
        routes: () => routes,
      }),
    ),
    meter,
    log,
    tracer: world.tracer,
    ids,
    random,
    clock,
    address: addressOf,
  });

  const { projector } = observatory;
  // Each ring folds into memory, where a scrape sees it; what is stored once a second is folded again after a crash.
  const folding = rounds.every('fold', 1_000, async () => {
    await wait(GATHER_MS);
    await projector.catchUp('busy');
  });
  doorbell.listen(folding.ring);
  rounds.every('project', 1_000, () => projector.run());
  rounds.every('objectives', 60_000, () => observatory.objectives.remember());
  rounds.every('drift', 300_000, () => observatory.checkDrift());
  rounds.every('refusals', 1_000, () => office.refusals.flush());
  rounds.every('lookout', 1_000, () => office.lookout.flush());
  const { exporter } = alerting;
  if (exporter !== undefined) rounds.every('siem', 2_000, () => exporter.run());
  rounds.every('approvals', 30_000, () => office.approvals.sweep());
  // A run lives in its process: what an earlier one had begun and not ended is stale, and known before we serve.
  await office.sweepRuns(startedAt);
  rounds.every('runs', 60_000, () => office.sweepRuns(startedAt));

  const alarm = (data: JsonObject) =>
    office.ledger.append({ type: 'security.tamper_detected', trace: '0'.repeat(32), data });
  const sealing = await startSealing(settings.dataFolder, { meter, log, alarm });
  const sentinel = localSentinel({
    store: stores.table,
    state: table,
    keep: stores.worm,
    alarm,
    pruned: sealedPrunings({ log: stores.log, table, trust }, clock),
  });
  rounds.every('sentinel', 1_000, sentinel);

  const server = serve({ fetch: hono.fetch, port: settings.port, hostname: '127.0.0.1' });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  await office.ledger.append({
    type: 'system.startup',
    trace: '0'.repeat(32),
    data: { code: world.code, pid: process.pid },
  });
  started = true;
  const url = `http://127.0.0.1:${port}`;
  const mint = (claims: DevClaims): Promise<string> => issuer.mint(claims, clock());
  if (settings.canary) {
    const attempt = localCanary(url, mint);
    const canary = rounds.every('canary', 60_000, () => runCanary({ attempt, clock, meter, log }));
    canary.ring();
  }

  return {
    url,
    office,
    documents: stores.documents,
    mint,
    async copyStore(folder) {
      mkdirSync(folder, { recursive: true });
      // The log may not grow between the copies of its parts: that would look as if records were missing.
      await sealing.pausedFor(async () => {
        await stores.table.copyTo(dataPaths(folder).table);
        for (const name of ['trust.json', 'log', 'worm']) {
          cpSync(join(settings.dataFolder, name), join(folder, name), { recursive: true });
        }
      });
      return folder;
    },
    async stop() {
      office.drain(true);
      await closed(server);
      for (const engine of engines) await engine.idle();
      await rounds.stop();
      await office.ledger.append({
        type: 'system.shutdown',
        trace: '0'.repeat(32),
        data: { code: world.code, pid: process.pid },
      });
      await office.lane.close();
      await sealing.stop();
      await log.close();
      spans.close();
      stores.close();
    },
  };
}

/** Ledger and state in one file, keys of subjects in the other. */
const STORE_FILES = 2;
/** Edition of the requirements. */
const SPEC = '2026-11';
/** Rings this close together are one look at the lanes. */
const GATHER_MS = 10;

/** How long a stop waits for requests that still run. */
const STOP_MS = 30_000;

const packageSchema = z.object({ version: z.string() });

/** The peer as the socket sees it: nothing stands in front of the local runtime. */
function addressOf(c: Ctx): string | undefined {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return bindings?.incoming?.socket.remoteAddress;
}

function loadRegistry(folder: string): World['workflows'] {
  const loaded = loadWorkflows(readFolder(folder), new Set(TASKS));
  if (loaded.ok) return loaded.registry;
  throw new ChanceryError(
    'VALIDATION_ERROR',
    `The workflows do not load:\n${describeProblems(loaded.problems)}`,
  );
}

/** Requests that run may finish; a client that keeps a connection open for nothing is not waited for. */
async function closed(server: ReturnType<typeof serve>): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  const late = setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
  }, STOP_MS);
  await done;
  clearTimeout(late);
}

function listening(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
}
