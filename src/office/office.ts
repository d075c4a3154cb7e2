/**
 * The office: everything above the ports, put together once. The local runtime and the Lambdas give it a world
 * and get the same system; neither repeats the wiring.
 */
import { compilePhrases, type PhraseBook } from '../aim/prescriptive.ts';
import { Cache } from '../basics/cache.ts';
import { type Charter, scopesOfRoles } from '../charter/charter.ts';
import { createDrafts } from '../charter/drafts.ts';
import { type Exceeded, limitsFor } from '../charter/limits.ts';
import { createCharterStore, createLibrary, lookInStore } from '../charter/store.ts';
import { type CharterWatch, createCharterWatch, type Looked } from '../charter/watch.ts';
import { type Capabilities, createCapabilities } from '../decision/capability.ts';
import {
  createEmergency,
  createEmergencyWatch,
  type Emergency,
  type EmergencyWatch,
} from '../decision/emergency.ts';
import { standingKey } from '../decision/standing.ts';
import { createStopEnd } from '../decision/stop-end.ts';
import type { Finished } from '../execution/ended.ts';
import { createIdempotency, type Idempotency } from '../execution/idempotency.ts';
import { countOpen, findStale, hearEnd, type SettlingDeps, type Swept } from '../execution/settling.ts';
import type { Answer } from '../gate/answer.ts';
import { type Office, resume } from '../gate/mediate.ts';
import { type Amendments, createAmendments } from '../govern/amendments.ts';
import { type Approvals, createApprovals } from '../govern/approvals/approvals.ts';
import { createHolds, type Holds } from '../govern/holds.ts';
import { type Collection, createCollection } from '../govern/metric-cases.ts';
import { type ReplayReport, recordedDecisions, replay } from '../govern/replay.ts';
import { createRevocations, type Revocations } from '../govern/revocations.ts';
import { createFlood, type Flood } from '../identity/flood.ts';
import type { Issuers } from '../identity/issuers.ts';
import { type Marked, markedAs } from '../identity/person.ts';
import { createSessions, type Sessions } from '../identity/sessions.ts';
import { createLookout, type Lookout } from '../identity/suspicion.ts';
import { base64 } from '../ledger/bytes.ts';
import { createJustifier } from '../ledger/justified.ts';
import type { AuthorityKey } from '../ledger/lane/certificate.ts';
import { type Lane, openLane } from '../ledger/lane/lane.ts';
import { traced } from '../ledger/lane/traced.ts';
import { SubjectKeys } from '../ledger/people/personal.ts';
import { createPseudonym } from '../ledger/people/pseudonym.ts';
import { createVault } from '../ledger/people/vault.ts';
import { recordsOfExecution } from '../ledger/places/execution-records.ts';
import { allEntries } from '../ledger/reader.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type {
  Blobs,
  Clock,
  Doorbell,
  Engine,
  EngineResult,
  Ids,
  Item,
  Log,
  Meter,
  Random,
  Signer,
  Table,
  Tracer,
} from '../ports.ts';
import type { Principal, PrincipalId } from '../terms.ts';
import { createAdmission } from '../watch/metrics/admission.ts';
import type { ProcessMeter } from '../watch/metrics/meter.ts';
import { type Concentration, createConcentration } from '../watch/ops/concentration.ts';
import type { Registry } from '../workflow/workflow.ts';

/** What the outside gives. On AWS ledger and state are two tables; locally they are one. */
export interface World {
  /** Lanes and their directory: written once, read by everybody, changed by nobody. */
  readonly ledgerTable: Table;
  /** Working state: standings, approvals, idempotency keys, metrics. */
  readonly state: Table;
  /** Keys of data subjects. */
  readonly subjects: Table;
  readonly documents: Blobs;
  readonly authority: Signer;
  /** Whoever certified lanes of this log, keys that were rotated away included; by default the present one alone. */
  readonly authorities?: readonly AuthorityKey[];
  /** Signs capability tokens. */
  readonly capabilityKey: Signer;
  readonly pseudonymKey: Uint8Array;
  /** Whose tokens are trusted. */
  readonly issuers: Issuers;
  readonly origin: string;
  readonly code: string;
  readonly region: string;
  readonly max_merge_delay_seconds: number;
  readonly workflows: Registry;
  /** The charter that came with the code, in force until another was activated. */
  readonly shipped: Charter;
  /** Milliseconds that loading it took. */
  readonly shipped_ms: number;
  /** Replays recorded decisions; by default in this thread, a batch at a time. */
  readonly replay?: (base: Charter, candidate: Charter, since: number) => Promise<ReplayReport>;
  readonly clock: Clock;
  readonly micros: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
  readonly meter: ProcessMeter;
  readonly tracer: Tracer;
  readonly doorbell?: Doorbell;
  /** Told of records once they are durable, in lane order: EMF on AWS. */
  readonly appended?: (records: readonly LedgerRecord[]) => void;
}

export interface OpenOffice extends Office, SettlingDeps {
  readonly lane: Lane;
  readonly issuers: Issuers;
  readonly subjectKeys: SubjectKeys;
  readonly charterWatch: CharterWatch;
  readonly emergencyWatch: EmergencyWatch;
  readonly emergencyOrders: Emergency;
  /** Who somebody is, in pseudonyms. */
  readonly marked: (principal: Principal) => Marked;
  readonly idempotency: Idempotency;
  readonly refusals: Flood;
  readonly lookout: Lookout;
  readonly sessions: Sessions;
  readonly concentration: Concentration;
  readonly approvals: Approvals;
  readonly capabilities: Capabilities;
  readonly collection: Collection;
  readonly amendments: Amendments;
  readonly holds: Holds;
  readonly revocations: Revocations;
  /** What is kept of a principal, sanctions included. */
  readonly standing: (who: PrincipalId) => Promise<Item | undefined>;
  /** The same, with one request behind this scope counted, and the limits that it is over. */
  readonly count: (
    principal: Pick<Principal, 'issuer' | 'sub' | 'kind'>,
    scope: string,
  ) => Promise<{ readonly item: Item; readonly exceeded: readonly Exceeded[] }>;
  /** Executions that have begun and not ended, whichever process started them. */
  running(): Promise<number>;
  /** Role → scopes under the charter in force. */
  readonly scopesOfRoles: (roles: readonly string[]) => readonly string[];
  /** Finishes what runs, takes nothing new. */
  drain(on: boolean): void;
  /** Tells the office that a long run ended. */
  ended(
    execution_id: string,
    result: Exclude<EngineResult, { status: 'started' }>,
  ): Promise<Finished | undefined>;
  /** Records runs that were cut off (`settling.ts`). */
  sweepRuns(dead_before?: number): Promise<Swept>;
}

/**
 * Opens the lane (LEDGER_UNAVAILABLE when that cannot be had) and puts the parts together.
 * @param engineOf given the function to call when a long run ends
 */
export async function openOffice(
  world: World,
  engineOf: (ended: OpenOffice['ended']) => Engine,
): Promise<OpenOffice> {
  const { state, ledgerTable, clock, ids, random, meter, log } = world;
  const { issuers } = world;
  const pseudonym = createPseudonym(world.pseudonymKey, issuers.home);
  const marked = (principal: Principal): Marked =>
    markedAs(principal, pseudonym(principal), (handle) => pseudonym({ issuer: HANDLES, sub: handle }));
  const subjectKeys = new SubjectKeys({ table: world.subjects, clock, random, meter });
  const admission = createAdmission(state, (error) =>
    log.write('warn', 'metrics', 'label values could not be admitted', { error: String(error) }),
  );
  const concentration = createConcentration(clock);
  const charters = createCharterStore(state);
  const library = createLibrary(charters, world.shipped);
  const charterWatch = createCharterWatch({
    shipped: world.shipped,
    look: lookInStore(charters, library, world.shipped),
    clock,
    looked: (looked, took_ms) => {
      countLook(meter, looked, took_ms, clock());
      holdCharter(looked);
      void reportBad(looked);
    },
  });
  const held = new Cache<Charter>({
    name: 'charter',
    most: 1,
    bytesOf: (_, { documents, policies }) => JSON.stringify([documents, policies]).length,
    clock,
    meter,
  });
  function holdCharter(looked: Looked): void {
    if (looked.found !== 'new') return;
    held.clear();
    held.set(looked.charter.digest, looked.charter);
  }
  /** Lanes that this process writes or wrote. */
  const ownLanes = new Set<number>();
  const lane = await openLane({
    table: ledgerTable,
    subjects: subjectKeys,
    authority: world.authority,
    pseudonym,
    issuerName: issuers.nameOf,
    origin: world.origin,
    code: world.code,
    region: world.region,
    max_merge_delay_seconds: world.max_merge_delay_seconds,
    charter: () => charterWatch.last().digest,
    admit: (record) => admission.labels(record),
    deltas: () => meter.ride(),
    appended: (entries) => {
      for (const { record } of entries) {
        ownLanes.add(record.lane);
        if (record.type === 'decision.made' && record.subject !== undefined)
          concentration.decided(record.subject);
      }
      world.appended?.(entries.map(({ record }) => record));
    },
    clock,
    ids,
    random,
    log,
    meter,
    stopwatch: () => world.micros() / 1_000,
    wait: world.wait,
    ...(world.doorbell ? { doorbell: world.doorbell } : {}),
  });
  countLook(meter, { found: 'new', charter: world.shipped }, world.shipped_ms, clock());
  holdCharter({ found: 'new', charter: world.shipped });
  let lastBad: string | undefined;
  /** Once for each thing that is wrong, not at every look. */
  async function reportBad(looked: Looked): Promise<void> {
    const reason = looked.found === 'bad' ? looked.reason : undefined;
    if (reason === lastBad) return;
    lastBad = reason;
    if (reason === undefined) {
      meter.count('error_recoveries_total', { component: 'charter' });
      return;
    }
    meter.count('errors_total', { error_type: 'other', severity: 'error', component: 'charter' });
    log.write('error', 'charter', 'a charter could not be loaded; the last good one stays in force', {
      reason,
    });
    await lane
      .append({
        type: 'charter.load_failed',
        trace: '0'.repeat(32),
        meta: { charter: charterWatch.last().digest },
        data: { reason: reason.slice(0, 500) },
      })
      .catch((error: unknown) => {
        // Said again at the next look, when the ledger can be written.
        lastBad = undefined;
        log.write('error', 'charter', 'the failed load could not be recorded', { error: String(error) });
      });
  }
  const justifier = createJustifier({
    table: ledgerTable,
    authorities: world.authorities ?? [{ public_key: base64(world.authority.publicKey), from_lane: 1 }],
    origin: world.origin,
  });
  const stopEnd = createStopEnd({
    ledgerTable,
    justifier,
    isOwn: (number) => ownLanes.has(number),
    micros: world.micros,
  });
  const emergencyWatch: EmergencyWatch = createEmergencyWatch({
    table: state,
    clock,
    seen: stopEnd.watch,
    async expire(stop) {
      if (!(await stopEnd.isOver(stop))) return false;
      const data = { step: 'expired', until: new Date(stop.until).toISOString() };
      const ended = await lane.append({ type: 'system.emergency_release', trace: '0'.repeat(32), data });
      await emergencyOrders.end(ended.id);
      return true;
    },
  });
  const emergencyOrders = createEmergency({ table: state, clock, watch: emergencyWatch });
  const { documents } = world;
  const vault = createVault({
    subjects: subjectKeys,
    pseudonym,
    home: issuers.home,
    random,
    documents,
    ids,
  });
  let draining = false;

  const parts = {
    table: state,
    ledger: traced(lane, world.tracer),
    workflows: world.workflows,
    documents: world.documents,
    charter: () => {
      meter.count('cache_hits_total', { cache: 'charter' });
      return charterWatch.current();
    },
    loaded: () => charterWatch.last(),
    candidate: () => charterWatch.candidate(),
    emergency: () => emergencyWatch.current(),
    draining: () => draining || emergencyWatch.draining(),
    phrases: phraseBooks(),
    pseudonym,
    issuers,
    clock,
    micros: world.micros,
    ids,
    tracer: world.tracer,
    vault,
    async *recordsSince(ms: number) {
      for await (const { record, record_hash } of allEntries(ledgerTable, {
        from: new Date(ms).toISOString(),
      }))
        yield { record, hash: record_hash };
    },
    recordsOfExecution: (execution_id: string) => recordsOfExecution(ledgerTable, execution_id),
  };
  const ended: OpenOffice['ended'] = (execution_id, result) =>
    hearEnd({ ...parts, engine }, execution_id, result);
  const engine = engineOf(ended);
  const approvals = createApprovals({
    table: state,
    ledger: lane,
    vault,
    clock,
    ids,
    log,
    marked,
    recordsSince: parts.recordsSince,
    run: (granted): Promise<Answer> => resume({ ...parts, engine, approvals }, granted),
    warn: async (approval) =>
      log.write('warn', 'approvals', 'an approval expires within the hour', {
        approval_id: approval.approval_id,
      }),
  });

  const holds = createHolds({ table: state, ledger: lane, clock, ids });

  return {
    ...parts,
    engine,
    holds,
    revocations: createRevocations({
      ...parts,
      subjects: subjectKeys,
      holds,
      random,
      log,
      async *recordsOf(subject) {
        for await (const { record, record_hash } of allEntries(ledgerTable, { subject }))
          yield { record, hash: record_hash };
      },
    }),
    async standing(who) {
      const { pk, sk } = standingKey(pseudonym(who));
      return state.get(pk, sk);
    },
    async count(principal, scope) {
      const { pk, sk } = standingKey(pseudonym(principal));
      const limits = limitsFor(charterWatch.last(), principal, scope, clock());
      const item = await state.add(pk, sk, limits.slots);
      return { item, exceeded: limits.exceeded(item) };
    },
    approvals,
    lane,
    subjectKeys,
    charterWatch,
    emergencyWatch,
    emergencyOrders,
    marked,
    capabilities: createCapabilities({
      signer: world.capabilityKey,
      issuer: world.origin,
      table: state,
      clock,
      ids,
    }),
    collection: createCollection({
      table: state,
      ledger: lane,
      charter: parts.charter,
      clock,
      ids,
      nanos: () => world.micros() * 1_000,
    }),
    amendments: createAmendments({
      workflows: world.workflows,
      drafts: createDrafts(state),
      ledger: lane,
      store: charters,
      library,
      watch: charterWatch,
      replay:
        world.replay ??
        ((base, candidate, since) =>
          replay(base, candidate, recordedDecisions(ledgerTable, since), () => world.wait(0))),
      marked,
      clock,
    }),
    running: () => countOpen(parts),
    idempotency: createIdempotency({ table: state, vault, clock, ids, log, pseudonym }),
    refusals: createFlood({ clock, ledger: lane }),
    lookout: createLookout({ clock, ledger: lane }),
    sessions: createSessions({ clock }),
    concentration,
    scopesOfRoles: (roles) => scopesOfRoles(charterWatch.last())(roles),
    drain(on) {
      draining = on;
    },
    ended,
    sweepRuns: (dead_before) => findStale({ ...parts, engine }, dead_before),
  };
}

/** In the place of an issuer where what is digested is no `sub` but a name or an e-mail: no person's pseudonym. */
const HANDLES = 'urn:chancery:handles';

/** A look that finds the same charter is no load, but shows that somebody looked. */
function countLook(meter: Meter, looked: Looked, took_ms: number, now: number): void {
  meter.set('charter_last_load_timestamp_seconds', {}, now / 1000);
  meter.count('cache_misses_total', { cache: 'charter' });
  if (looked.found === 'same') return;
  meter.count('charter_loads_total', { result: looked.found === 'new' ? 'success' : 'failure' });
  meter.set('charter_load_duration_seconds', {}, took_ms / 1000);
  if (looked.found === 'new') meter.set('charter_policies', {}, looked.charter.policies.length);
}

/** Phrases are compiled once for each charter. */
function phraseBooks(): (charter: Charter) => PhraseBook {
  const books = new WeakMap<Charter, PhraseBook>();
  return (charter) => {
    const known = books.get(charter);
    if (known) return known;
    const book = compilePhrases(charter.documents['phrases.yaml']);
    books.set(charter, book);
    return book;
  };
}
