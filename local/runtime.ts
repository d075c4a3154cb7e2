/**
 * The one-machine system: the same office and the same HTTP application as on AWS, over an embedded store, on
 * 127.0.0.1. Starts in the order in which things depend on one another and stops in the reverse of it.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { couriersOf } from '../adapters/couriers.ts';
import { fetchJwksOverHttp } from '../adapters/jwks-fetch.ts';
import { type DevClaims, type DevIssuer, openDevIssuer } from '../adapters/local/dev-issuer.ts';
import { siemFile } from '../adapters/local/siem-file.ts';
import { copyStoreFile } from '../adapters/local/store-copy.ts';
import { openServers } from '../adapters/mcp/servers.ts';
import { buildApp } from '../http/app.ts';
import { openDoor } from '../http/door.ts';
import { families } from '../http/families.ts';
import { type Authenticator, createAuthenticator } from '../src/identity/authenticator.ts';
import { DEV_ISSUER } from '../src/identity/development.ts';
import { signInsOf } from '../src/identity/settings.ts';
import type { JsonObject } from '../src/json.ts';
import { publishedCheckpoint } from '../src/ledger/check/proof.ts';
import { HeldBack, mayPass } from '../src/ledger/hold.ts';
import { openObservatory } from '../src/office/observatory.ts';
import type { OpenOffice } from '../src/office/office.ts';
import { charterReadings, presence, readingsOf, SPEC } from '../src/office/readings.ts';
import { openTools, type Tools } from '../src/office/tools.ts';
import type { Blobs } from '../src/ports.ts';
import type { TamperNotice } from '../src/terms.ts';
import { openAlerting } from '../src/watch/alerting.ts';
import { entryOf, ownTail } from '../src/watch/metrics/own-tail.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { isTold } from '../src/watch/notices/told.ts';
import { createUntold } from '../src/watch/notices/untold.ts';
import { runCanary } from '../src/watch/ops/canary.ts';
import { startBackground } from './background.ts';
import { localCanary } from './canary.ts';
import { consoleOnDemand } from './console.ts';
import { frugalHeap } from './frugal-heap.ts';
import { verifyInThread } from './ledger-verify.ts';
import { startListening } from './listening.ts';
import { openLocalOffice } from './office.ts';
import { processReadings } from './process-readings.ts';
import { startSealing } from './sealing.ts';
import { addressOf, listen } from './server.ts';
import type { LocalSettings } from './settings.ts';
import { dataPaths } from './stores.ts';
import { type LocalWorld, openWorld, type Replacements } from './world.ts';

export type { Replacements } from './world.ts';

export interface Runtime {
  readonly url: string;
  readonly office: OpenOffice;
  readonly tools: Tools;
  readonly documents: Blobs;
  /** A token of the development issuer. */
  mint(claims: DevClaims): Promise<string>;
  /** A consistent copy of the stores while writing goes on; returns the folder. */
  copyStore(folder: string): Promise<string>;
  /** Finishes what runs, records the shutdown, closes everything. */
  stop(): Promise<void>;
}

/** Ledger and state in one file, keys of subjects in the other. */
const STORE_FILES = 2;
/** Records that no request caused. */
const SYSTEM_TRACE = '0'.repeat(32);

/** Throws a readable error when charter or workflows do not load, and ChanceryError when the ledger does not open. */
export async function startRuntime(settings: LocalSettings, replaced: Replacements = {}): Promise<Runtime> {
  const folded = frugalHeap();
  const world = await openWorld(settings, replaced);
  const { clock, ids, random, log, meter, version, stores, trust, hold } = world;
  const startedAt = clock();
  let started = false;

  const { promise: opened, resolve: open } = Promise.withResolvers<OpenOffice>();
  const say = async (type: string, data: JsonObject) =>
    (await opened).ledger.append({ type, trace: SYSTEM_TRACE, data });
  const tampered = (data: TamperNotice) => say('security.tamper_detected', data);
  /** An alarm that may not be recorded while something stands is recorded when that is put right. */
  const alarm = async (data: TamperNotice): Promise<unknown> => {
    const standing = hold.standing();
    if (standing !== undefined && !mayPass('security.tamper_detected', standing)) await hold.lifted();
    return tampered(data);
  };
  // Its first round verifies the newest checkpoint and the other heads: a lane is claimed only where they agree.
  const sealing = await startSealing(settings.dataFolder, { meter, log, alarm, hold });
  let tell = (): void => {};
  const tail = ownTail(tailOf(world.ledgerTable));
  const untold = createUntold();
  world.onRecords((entries) => {
    tail.appended(entries.map(entryOf));
    untold.appended(entries.map(({ record }) => record));
    if (entries.some(({ record }) => isTold(record))) tell();
  });
  const { office, idle } = await openLocalOffice(world, settings, replaced).catch(async (error: unknown) => {
    await sealing.stop();
    throw error;
  });
  open(office);
  // What gives power is known before anybody acts on it; what was done to it while nobody looked is found.
  await office.power.fold.catchUp();
  // A drain is for the process that was to end: the next one takes work.
  await office.emergencyWatch.current();
  if (office.emergencyWatch.draining()) await office.emergencyOrders.drain(0);
  const issuer = await openDevIssuer(settings.dataFolder);
  const authenticator = await openAuthenticator(settings, issuer, world);
  const shared = { ledger: office.ledger, clock, meter };
  const alerting = openAlerting({
    ...shared,
    ledgerTable: world.ledgerTable,
    state: office.table,
    wait: world.wait,
    random,
    log,
    couriers: couriersOf(settings.notify, { fetch: world.fetch, clock }),
    url: settings.url,
    untold,
    ...(settings.siemFile === undefined ? {} : { sink: siemFile(settings.siemFile) }),
  });
  const about = {
    version,
    commit: settings.commit,
    spec: SPEC,
    started_at: startedAt,
    store_connections: STORE_FILES,
  };
  const observatory = openObservatory({
    office,
    authenticator,
    ledgerTable: world.ledgerTable,
    tail,
    log: stores.log,
    state: world.state,
    clock,
    after: world.wait,
    mode: { kind: 'fold', meter },
    readings: async () => [
      ...readingsOf(office, about),
      ...presence(office),
      ...processReadings(),
      ...(await charterReadings(office)),
    ],
    checkpoint: async () => (await publishedCheckpoint({ log: stores.log, trust }))?.text,
    finding() {
      const standing = hold.standing();
      return standing === undefined ? sealing.trouble() : `${standing.head}: ${standing.detail}`;
    },
    probe: () => world.state.merge('HEALTH', 'probe', { at: clock() }),
    further: alerting.checks,
  });
  const background = await startBackground({
    folded,
    world,
    office,
    observatory,
    alerting,
    tampered,
    alarm,
    onTold: (ring) => {
      tell = ring;
    },
    startedAt,
  });

  const desk = startListening(world, office, background.rounds);
  const url = (): string => settings.publicUrl ?? server.url;
  const servers = openServers({
    charter: office.loaded,
    onCharter: office.onCharter,
    programs: settings.programs,
    version,
    fetch: world.fetch,
    clock,
    secret: settings.secret,
  });
  const tools = openTools(office, world, servers);
  const door = openDoor({
    ...shared,
    authenticator,
    scopesOfRoles: office.scopesOfRoles,
    issuers: office.issuers,
    refusals: office.refusals,
    lookout: office.lookout,
    sessions: office.sessions,
    standing: office.standing,
    count: office.count,
  });
  const origins = new Set(settings.origins);
  const app = buildApp({
    door,
    families: families({
      office,
      authenticator,
      observatory,
      alerting,
      ringOutbox: background.ringOutbox,
      production: false,
      ledgerTable: world.ledgerTable,
      state: world.state,
      logBlobs: stores.log,
      trust,
      async verify() {
        await sealing.seal();
        const verification = await verifyInThread(settings.dataFolder);
        meter.count('ledger_integrity_checks_total', { result: verification.verdict });
        return verification;
      },
      ids,
      clock,
      meter,
      wait: world.wait,
      version,
      url,
      tools,
      desk,
      liveDoor: door,
      consoleFiles: consoleOnDemand(),
      signIns: signInsOf(settings.issuers),
      origins,
      started: () => started,
      routes: () => app.routes,
    }),
    meter,
    log,
    tracer: world.tracer,
    ids,
    random,
    clock,
    url,
    origins,
    address: addressOf,
  });

  const sayUnlessHeld = async (type: 'system.startup' | 'system.shutdown'): Promise<boolean> => {
    try {
      await say(type, { code: world.code, pid: process.pid });
      return true;
    } catch (error) {
      if (!(error instanceof HeldBack)) throw error;
      log.write('error', 'ledger', `${type} could not be recorded`, { reason: error.message });
      return false;
    }
  };

  /** Everything but the server, in the order in which nothing is lost. */
  const end = async (): Promise<void> => {
    await idle();
    await background.rounds.stop();
    await sayUnlessHeld('system.shutdown');
    await office.lane.close();
    await sealing.stop();
    await servers.close();
    await world.close();
  };
  const server = await listen(app, settings, { meter, log }).catch(async (error: unknown) => {
    // What runs already would keep the process alive, and its data folder locked.
    await end();
    throw error;
  });
  if (!(await sayUnlessHeld('system.startup'))) {
    hold
      .lifted()
      .then(() => sayUnlessHeld('system.startup'))
      .catch((error: unknown) =>
        log.write('error', 'ledger', 'The start could not be recorded', { error: String(error) }),
      );
  }
  started = true;
  const mint = (claims: DevClaims): Promise<string> => issuer.mint(claims, clock());
  if (settings.canary) {
    const attempt = localCanary(server.url, mint);
    background.rounds.every('canary', 60_000, () => runCanary({ attempt, clock, meter, log })).ring();
  }

  return {
    url: server.url,
    office,
    tools,
    documents: stores.documents,
    mint,
    async copyStore(folder) {
      mkdirSync(folder, { recursive: true });
      // The log may not grow between the copies of its parts: that would look as if records were missing.
      await sealing.pausedFor(async () => {
        const [from, to] = [dataPaths(settings.dataFolder), dataPaths(folder)];
        for (const store of ['table', 'subjects', 'witness'] as const)
          await copyStoreFile(from[store], to[store]);
        for (const name of ['trust.json', 'log', 'worm']) {
          cpSync(join(settings.dataFolder, name), join(folder, name), { recursive: true });
        }
      });
      return folder;
    },
    async stop() {
      office.drain(true);
      await desk.close();
      await server.close();
      await end();
    },
  };
}

/** The development issuer beside the configured ones. */
async function openAuthenticator(
  settings: LocalSettings,
  issuer: DevIssuer,
  { clock, meter }: LocalWorld,
): Promise<Authenticator> {
  const authenticator = createAuthenticator(
    {
      issuers: [issuer.settings, ...settings.issuers],
      requireAccessTokenType: settings.requireAccessTokenType,
    },
    {
      clock,
      meter,
      fetchJwks: async (uri) => (uri === DEV_ISSUER.jwksUri ? issuer.jwks() : fetchJwksOverHttp(uri)),
    },
  );
  // The first request must not wait for keys; an issuer that is away now is asked again when its token comes.
  await authenticator.warm();
  return authenticator;
}
