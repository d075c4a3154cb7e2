/**
 * The front of the office: what every door needs. A lane to record on, the charter and the emergency state in
 * force, who somebody is, and the limits on asking.
 */
import { type Charter, scopesOfRoles } from '../charter/charter.ts';
import { type Exceeded, limitsFor } from '../charter/limits.ts';
import { type CharterStore, createCharterStore, createLibrary, type Library } from '../charter/store.ts';
import type { CharterWatch } from '../charter/watch.ts';
import {
  createEmergency,
  createEmergencyWatch,
  type Emergency,
  type EmergencyState,
  type EmergencyWatch,
  stateOf,
} from '../decision/emergency.ts';
import { standingKey } from '../decision/standing.ts';
import { createStopEnd } from '../decision/stop-end.ts';
import { createStopRecords, type StopRecords } from '../decision/stop-records.ts';
import { createFlood, type Flood } from '../identity/flood.ts';
import type { Issuers } from '../identity/issuers.ts';
import { type Known, type Marked, markedAs } from '../identity/person.ts';
import { createSessions, type Sessions } from '../identity/sessions.ts';
import { createLookout, type Lookout } from '../identity/suspicion.ts';
import { base64 } from '../ledger/bytes.ts';
import { createJustifier, type Justifier } from '../ledger/justified.ts';
import { type Lane, openLane } from '../ledger/lane/lane.ts';
import { traced } from '../ledger/lane/traced.ts';
import { type Veil, veilBy } from '../ledger/people/names.ts';
import { SubjectKeys } from '../ledger/people/personal.ts';
import { createPseudonym, type Pseudonym } from '../ledger/people/pseudonym.ts';
import { type Say, sayBy } from '../ledger/people/words.ts';
import { allEntries, type EntryFilter } from '../ledger/reader.ts';
import type { Ledger, LedgerRecord } from '../ledger/record.ts';
import type { Clock, Ids, Item, Log, Random, Table, Tracer } from '../ports.ts';
import type { Principal, PrincipalId } from '../terms.ts';
import { createAdmission } from '../watch/metrics/admission.ts';
import { type Concentration, createConcentration } from '../watch/ops/concentration.ts';
import { openCharterInForce } from './charter-in-force.ts';
import { checkCompiled } from './compiled-check.ts';
import { openPower, type PowerWing, type PowerWorld } from './power.ts';
import type { FrontWorld } from './world.ts';

export interface Front {
  readonly table: Table;
  readonly ledgerTable: Table;
  /** The genuine record behind an item of working state. */
  readonly justifier: Justifier;
  /** Traced; `lane` is the same without. */
  readonly ledger: Ledger;
  readonly lane: Lane;
  readonly subjectKeys: SubjectKeys;
  readonly issuers: Issuers;
  readonly pseudonym: Pseudonym;
  /** How records show a name that can be a person's. */
  readonly veil: Veil;
  /** How records show what somebody wrote. */
  readonly say: Say;
  /** Who somebody is, in pseudonyms. */
  readonly marked: (who: Known & PrincipalId) => Marked;
  /** Where this process keeps up with the ledger. */
  readonly ownPower?: PowerWing;
  /** The same for a process that looks now and then. */
  readonly powerOver: (world: PowerWorld) => PowerWing;
  readonly charters: CharterStore;
  readonly library: Library;
  readonly charterWatch: CharterWatch;
  /** The charter in force; polled at most every 30 s. */
  readonly charter: () => Promise<Charter>;
  readonly loaded: () => Charter;
  /** Told when this process has another charter in force. */
  readonly onCharter: (heard: () => void) => void;
  readonly candidate: () => Charter | undefined;
  /** Role → scopes under the charter in force. */
  readonly scopesOfRoles: (roles: readonly string[]) => readonly string[];
  readonly emergencyWatch: EmergencyWatch;
  readonly emergencyOrders: Emergency;
  readonly stopRecords: StopRecords;
  readonly emergency: () => Promise<EmergencyState>;
  /** Whether another writer's record is of this time (milliseconds) or later. */
  readonly isPast: (ms: number) => Promise<boolean>;
  readonly draining: () => boolean;
  /** Finishes what runs, takes nothing new. */
  drain(on: boolean): void;
  readonly refusals: Flood;
  /** Holds a live decision against Cedar itself, now and then (`compiled-check.ts`). */
  checkDecisions(): Promise<void>;
  readonly lookout: Lookout;
  readonly sessions: Sessions;
  readonly concentration: Concentration;
  /** What is kept of a principal, sanctions included. */
  readonly standing: (who: PrincipalId) => Promise<Item | undefined>;
  /** The same, with one request behind this scope counted, and the limits that it is over. */
  readonly count: (
    principal: Pick<Principal, 'issuer' | 'sub' | 'kind'>,
    scope: string,
  ) => Promise<{ readonly item: Item; readonly exceeded: readonly Exceeded[] }>;
  /** Every record that matches, oldest first. */
  readonly records: (
    wanted: EntryFilter,
  ) => AsyncIterable<{ id: string; record: LedgerRecord; hash: string }>;
  readonly clock: Clock;
  readonly micros: () => number;
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
  readonly tracer: Tracer;
}

/** Opens the lane; LEDGER_UNAVAILABLE when that cannot be had. */
export async function openFront(world: FrontWorld): Promise<Front> {
  const { ledgerTable, clock, ids, random, meter, log, issuers, tracer } = world;
  const justifier = createJustifier({
    table: ledgerTable,
    authorities: world.authorities ?? [{ public_key: base64(world.authority.publicKey), from_lane: 1 }],
    origin: world.origin,
  });
  const powerOver = (given: PowerWorld): PowerWing =>
    openPower({
      ...given,
      ledgerTable,
      state: world.state,
      justifier,
      key: world.pseudonymKey,
      alarm: (data) => lane.append({ type: 'security.tamper_detected', trace: '0'.repeat(32), data }),
      async recordStop(item) {
        const stop = stateOf(item);
        if (stop.state === 'stopped') await stopRecords.found(stop);
      },
      clock,
      wait: world.wait,
    });
  const power = world.power && powerOver(world.power);
  const state = power?.guarded ?? world.state;
  const pseudonym = createPseudonym(world.pseudonymKey, issuers.home);
  const marked = (who: Known & PrincipalId): Marked =>
    markedAs(who, pseudonym(who), (handle) => pseudonym({ issuer: HANDLES, sub: handle }));
  const subjectKeys = new SubjectKeys({ table: world.subjects, clock, random, meter });
  const admission = createAdmission(state, (error) =>
    log.write('warn', 'metrics', 'label values could not be admitted', { error: String(error) }),
  );
  const concentration = createConcentration(clock);
  const charters = createCharterStore(state, world.power?.documents);
  const library = createLibrary(charters, world.shipped, world.reading?.read);
  const heard: (() => void)[] = [];
  const charterWatch: CharterWatch = openCharterInForce({
    shipped: world.shipped,
    shipped_ms: world.shipped_ms,
    store: charters,
    library,
    changed() {
      for (const each of heard) each();
    },
    pause: () => world.wait(0),
    ledger: () => lane,
    clock,
    log,
    meter,
  });
  /** Lanes that this process writes or wrote. */
  const ownLanes = new Set<number>();
  const lane: Lane = await openLane({
    table: ledgerTable,
    numbers: state,
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
      for (const { record, receipt } of entries) {
        ownLanes.add(record.lane);
        power?.fold.own({ id: receipt.id, hash: receipt.record_hash, record });
        if (record.type === 'decision.made' && record.subject !== undefined)
          concentration.decided(record.subject);
      }
      world.appended?.(entries);
    },
    clock,
    ids,
    random,
    log,
    meter,
    stopwatch: () => world.micros() / 1_000,
    wait: world.wait,
    ...(world.keyPair ? { keyPair: world.keyPair } : {}),
    ...(world.together ? { together: world.together } : {}),
    ...(world.doorbell ? { doorbell: world.doorbell } : {}),
    ...(world.held ? { held: world.held } : {}),
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
      if (world.endsStops === false) return true;
      const data = { step: 'expired', until: new Date(stop.until).toISOString() };
      const ended = await lane.append({ type: 'system.emergency_release', trace: '0'.repeat(32), data });
      await emergencyOrders.end(ended.id);
      return true;
    },
  });
  const emergencyOrders = createEmergency({ table: state, clock, watch: emergencyWatch });
  const ledger = traced(lane, tracer);
  const say = sayBy(random);
  const stopRecords = createStopRecords({ ledger, say, emergency: emergencyOrders, watch: emergencyWatch });
  let draining = false;
  return {
    table: state,
    ledgerTable,
    justifier,
    ledger,
    lane,
    subjectKeys,
    issuers,
    pseudonym,
    veil: veilBy(pseudonym),
    say,
    marked,
    ...(power === undefined ? {} : { ownPower: power }),
    powerOver,
    charters,
    library,
    charterWatch,
    charter() {
      meter.count('cache_hits_total', { cache: 'charter' });
      return charterWatch.current();
    },
    loaded: () => charterWatch.last(),
    onCharter: (each) => void heard.push(each),
    candidate: () => charterWatch.candidate(),
    scopesOfRoles: (roles) => scopesOfRoles(charterWatch.last())(roles),
    emergencyWatch,
    emergencyOrders,
    stopRecords,
    isPast: stopEnd.anotherSays,
    emergency: () => emergencyWatch.current(),
    draining: () => draining || emergencyWatch.draining(),
    drain(on) {
      draining = on;
    },
    refusals: createFlood({ clock, ledger: lane }),
    checkDecisions: () => checkCompiled({ charter: () => charterWatch.last(), ledger: lane, log, meter }),
    lookout: createLookout({ clock, ledger: lane }),
    sessions: createSessions({ clock }),
    concentration,
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
    async *records(wanted) {
      for await (const { id, record, record_hash } of allEntries(ledgerTable, wanted))
        yield { id, record, hash: record_hash };
    },
    clock,
    micros: world.micros,
    ids,
    random,
    log,
    tracer,
  };
}

/** In the place of an issuer where what is digested is no `sub` but a name or an e-mail: no person's pseudonym. */
const HANDLES = 'urn:chancery:handles';
