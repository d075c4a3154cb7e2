/** What each record grants or lifts: the fold of the ledger that working state must agree with. */
import { DRAFTS } from '../../charter/drafts.ts';
import { bundleKey, CHARTER, MOST_EARLIER } from '../../charter/store.ts';
import { EMERGENCY } from '../../decision/emergency.ts';
import { lifted, PERMANENT, sanctioned, standingKey } from '../../decision/standing.ts';
import type { Justification } from '../../ledger/justified.ts';
import { wordsShown } from '../../ledger/people/words.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Attributes, Value } from '../../ports.ts';
import * as cases from '../cases/case.ts';
import * as healings from '../healing.ts';
import * as overrides from '../overrides/override.ts';
import * as sanctions from '../sanctions/sanction.ts';
import { HEARD_OF_TOOLS } from './heard-tools.ts';
import type { Hear, Power, Powers } from './powers.ts';

/** Ended approvals are listed for so long after their time; then the store lets go of them. */
const APPROVAL_KEPT_MS = 90 * 86_400_000;

/** Takes one more record; those that give nothing change nothing. Records of one item come in their order. */
export function hear(powers: Powers, { id, hash, record }: Justification): void {
  HEARD[record.type]?.(powers, record, id, hash);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
const time = (record: LedgerRecord): number => Date.parse(record.time);

function marked(value: unknown, record: LedgerRecord): { by: string; marks: string[] } {
  const given =
    typeof value === 'object' && value !== null ? (value as { by?: unknown; marks?: unknown }) : {};
  return { by: text(given.by) || (record.subject ?? ''), marks: texts(given.marks) };
}

const HEARD: Readonly<Record<string, Hear>> = {
  ...HEARD_OF_TOOLS,

  'violation.reported': caseMoved,
  'metric.blocked': caseMoved,
  'violation.confirmed': caseMoved,
  'violation.dismissed': caseMoved,
  'violation.appealed': caseMoved,
  'violation.restored': caseMoved,

  'sanction.applied'(powers, record, id) {
    const sanction = sanctions.applied(record.data, record.time, id);
    if (sanction !== undefined) sanctionMoved(powers, sanction);
  },
  'sanction.lifted': sanctionEnded,
  'sanction.expired': sanctionEnded,

  'override.started': overrideMoved,
  'override.renewed': overrideMoved,
  'override.ended': overrideMoved,

  'healing.planned': healingMoved,
  'healing.executed': healingMoved,
  'healing.failed': healingMoved,

  'charter.drafted'(powers, record, id) {
    const { data } = record;
    const digest = text(data.digest);
    bundle(powers, digest, id);
    // Whoever hands in the same again drafted nothing.
    if (powers.get(DRAFTS, digest) !== undefined) return;
    const must = {
      digest,
      name: text(data.name),
      charter_version: text(data.version),
      drafted_by: marked(data.drafter, record),
      drafted_at: time(record),
      record: id,
      votes: [],
    };
    powers.set({ kind: 'charter_votes', pk: DRAFTS, sk: digest, must, record: id });
  },

  'charter.validated'(powers, { data }, id) {
    const draft = powers.get(DRAFTS, text(data.digest));
    if (data.step !== 'replayed' || data.kept !== true || draft === undefined) return;
    powers.set({
      ...draft,
      must: { ...draft.must, replay_record: id, replay_digest: text(data.replay_digest) },
      record: id,
    });
  },

  'charter.activated'(powers, record, id) {
    const { data } = record;
    const [digest, from] = [text(data.digest), text(data.from)];
    const draft = powers.get(DRAFTS, digest);
    if (draft !== undefined && data.voter !== undefined && data.counts !== false) {
      const { term, replay_digest } = data;
      const vote = {
        ...marked(data.voter, record),
        at: time(record),
        base: from,
        term: text(term),
        replay: text(replay_digest),
        record: id,
      };
      const votes: Value[] = Array.isArray(draft.must.votes) ? [...draft.must.votes] : [];
      powers.set({ ...draft, must: { ...draft.must, votes: [...votes, vote] }, record: id });
    }
    if (data.final !== true) return;
    bundle(powers, from, id);
    inForce(powers, record, id, 'activated', [from, ...earlierOf(powers)]);
  },

  'charter.rolled_back'(powers, record, id) {
    const earlier = earlierOf(powers);
    const at = earlier.indexOf(text(record.data.digest));
    inForce(powers, record, id, 'rolled back', at < 0 ? [] : earlier.slice(at + 1));
  },

  'system.emergency_stop'(powers, { data, subject }, id) {
    const [since, until] = [Date.parse(text(data.since)), Date.parse(text(data.until))];
    const stop = { stopped: true, record: id };
    // Stops of an older edition did not say since when.
    const must = Number.isNaN(since) ? stop : { ...stop, since, until, releases: [] };
    const rest = { version: 1, reason: wordsShown(text(data.reason), undefined), by: subject ?? '' };
    powers.set({ kind: 'emergency', ...EMERGENCY, must, rest, record: id });
  },

  'system.emergency_release'(powers, record, id) {
    const { data } = record;
    const known = powers.get(EMERGENCY.pk, EMERGENCY.sk);
    // A stop that ends before it was put on record has ended all the same.
    const stop: Power = known ?? { kind: 'emergency', ...EMERGENCY, must: {}, record: id };
    if (data.step !== 'asked')
      return powers.set({ ...stop, must: { ...stop.must, stopped: false, record: id }, record: id });
    if (stop.must.stopped !== true) return;
    const releases: Value[] = Array.isArray(stop.must.releases) ? [...stop.must.releases] : [];
    const voice = { ...marked(data.person, record), at: time(record), record: id };
    powers.set({ ...stop, must: { ...stop.must, releases: [...releases, voice] }, record: id });
  },

  'approval.requested': approval,
  'approval.approved': approval,
  'approval.rejected': approval,
  'approval.expired': approval,

  'revocation.requested'(powers, record, id, hash) {
    const { data, subject, trace } = record;
    const about = text(data.subject) || (subject ?? '');
    const order = { subject: about, reason: text(data.reason), status: 'requested', record: id };
    const asked_by = marked(data.asked_by, record);
    // Those of an older edition took one person's word.
    const must = { ...order, asked_by, ...(data.own === false ? {} : { confirmed: id }) };
    const rest = { version: 1, trace, after: hash, requested: time(record), at: time(record) };
    powers.set({
      kind: 'revocation',
      pk: 'REVOCATIONS',
      sk: text(data.revocation_id),
      must,
      rest,
      record: id,
    });
    standing(powers, about, id, sanctioned('revocation', PERMANENT));
  },
  'revocation.exported': (powers, record, id) => revocation(powers, record, id, { status: 'exported' }),
  'revocation.erased': (powers, record, id) => revocation(powers, record, id, { status: 'erased' }),

  'admin.config_changed'(powers, record, id) {
    const { data } = record;
    if (data.what === 'legal_hold_placed') {
      const { hold_id, reason, placed_at, subject, from, to } = data;
      const must = { hold_id, reason, placed_at, subject, from, to };
      const present = Object.entries(must).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as const] : [],
      );
      powers.set({
        kind: 'hold',
        pk: 'HOLDS',
        sk: text(hold_id),
        must: { ...Object.fromEntries(present), record: id },
        record: id,
      });
    } else if (data.what === 'legal_hold_lifted') {
      powers.drop('HOLDS', text(data.hold_id));
    } else if (data.what === 'revocation_lifted') {
      if (data.lifts === 'revocation') standing(powers, text(data.about), id, lifted('revocation'));
      revocation(powers, record, id, { status: 'lifted' });
    } else if (data.what === 'revocation_confirmed') {
      const power = powers.get('REVOCATIONS', text(data.revocation_id));
      if (power !== undefined) powers.set({ ...power, must: { ...power.must, confirmed: id }, record: id });
    }
  },

  'alert.acknowledged': (powers, { data }, id) =>
    powers.set({
      kind: 'acknowledgement',
      pk: 'ALERTS',
      sk: text(data.fingerprint),
      must: { acknowledged_record: id },
      record: id,
    }),
  'alert.fired': unacknowledged,
  'alert.resolved': unacknowledged,

  'api.request'(powers, { data }, id) {
    if (data.what !== 'capability' || data.result !== 'valid' || data.kept === true) return;
    const [jti, exp] = [text(data.jti), Number(data.exp)];
    if (jti === '' || Number.isNaN(exp)) return;
    powers.set({
      kind: 'capability_use',
      pk: 'CAPABILITY',
      sk: jti,
      must: {},
      rest: { expires: exp + 3600 },
      record: id,
      until: exp * 1000,
    });
  },
};

function bundle(powers: Powers, digest: string, record: string): void {
  if (digest !== '')
    powers.set({ kind: 'charter_bundle', pk: CHARTER.pk, sk: bundleKey(digest), must: {}, record });
}

function earlierOf(powers: Powers): string[] {
  return texts(powers.get(CHARTER.pk, CHARTER.sk)?.must.earlier);
}

function inForce(
  powers: Powers,
  record: LedgerRecord,
  id: string,
  how: 'activated' | 'rolled back',
  earlier: readonly string[],
): void {
  const { digest, version } = record.data;
  const must = {
    digest: text(digest),
    charter_version: text(version),
    activated_at: time(record),
    record: id,
    how,
    earlier: earlier.slice(0, MOST_EARLIER),
  };
  powers.set({ kind: 'charter_in_force', ...CHARTER, must, record: id });
}

function approval(powers: Powers, record: LedgerRecord, id: string, hash: string): void {
  const { data } = record;
  const before = powers.get('APPROVALS', text(data.approval_id))?.record ?? '';
  const until = Date.parse(text(data.expires_at)) + APPROVAL_KEPT_MS;
  powers.set({
    kind: 'approval',
    rest: { final: data.final === true, before, at: time(record), hash },
    pk: 'APPROVALS',
    sk: text(data.approval_id),
    must: { record: id },
    record: id,
    ...(Number.isNaN(until) ? {} : { until }),
  });
}

function revocation(powers: Powers, { data }: LedgerRecord, id: string, change: Attributes): void {
  const power = powers.get('REVOCATIONS', text(data.revocation_id));
  if (power !== undefined) powers.set({ ...power, must: { ...power.must, ...change }, record: id });
}

function caseMoved(powers: Powers, record: LedgerRecord, id: string, hash: string): void {
  const written = { id, hash, type: record.type, time: record.time, trace: record.trace, data: record.data };
  const violation_id = cases.caseIdOf(written);
  if (violation_id === undefined) return;
  const before = powers.get(cases.CASES, violation_id);
  const now = cases.caseAfter(before && cases.caseOf(violation_id, before.must), written);
  if (now === undefined) return;
  const until = cases.keptUntil(now);
  powers.set({
    kind: 'case',
    pk: cases.CASES,
    sk: violation_id,
    must: cases.attributesOf(now),
    record: id,
    ...keptFor(until),
  });
}

/** Until when the item is kept, in milliseconds, and the same for the store, which counts seconds. */
const keptFor = (until: number | undefined): Pick<Power, 'until' | 'rest'> =>
  until === undefined ? {} : { until, rest: { expires: Math.ceil(until / 1_000) } };

function overrideMoved(powers: Powers, record: LedgerRecord, id: string, hash: string): void {
  const written = { id, hash, type: record.type, time: record.time, trace: record.trace, data: record.data };
  const override_id = text(record.data.override_id);
  const before = powers.get(overrides.OVERRIDES, override_id);
  const now = overrides.after(before && overrides.overrideOf(override_id, before.must), written);
  if (now === undefined) return;
  const until = overrides.keptUntil(now);
  powers.set({
    kind: 'override',
    pk: overrides.OVERRIDES,
    sk: override_id,
    must: overrides.attributesOf(now),
    record: id,
    ...keptFor(until),
  });
}

function healingMoved(powers: Powers, record: LedgerRecord, id: string): void {
  const sk = text(record.data.healing_id);
  const before = powers.get(healings.HEALINGS, sk);
  const now = healings.healingAfter(before && healings.healingOf(sk, before.must), { ...record, id });
  if (now === undefined) return;
  powers.set({
    kind: 'healing',
    pk: healings.HEALINGS,
    sk,
    must: healings.attributesOf(now),
    record: id,
    ...keptFor(healings.keptUntil(now)),
  });
}

function sanctionEnded(powers: Powers, { type, data, time: at }: LedgerRecord, id: string): void {
  const power = powers.get(sanctions.SANCTIONS, text(data.sanction_id));
  const before = power && sanctions.sanctionOf(power.sk, power.must);
  if (before !== undefined) sanctionMoved(powers, sanctions.ended(before, type, data, at, id));
}

function sanctionMoved(powers: Powers, sanction: sanctions.Sanction): void {
  const { sanction_id, subject, kind, record } = sanction;
  const until = sanctions.keptUntil(sanction);
  const power: Power = {
    kind: 'sanction_entry',
    pk: sanctions.SANCTIONS,
    sk: sanction_id,
    must: sanctions.attributesOf(sanction),
    record,
    ...keptFor(until),
  };
  powers.set(power);
  const all = powers.of(sanctions.SANCTIONS).flatMap(({ sk, must }) => {
    const each = sanctions.sanctionOf(sk, must);
    return each?.subject === subject ? [each] : [];
  });
  const holds = sanctions.longest(all, kind);
  standing(powers, subject, record, holds === undefined ? lifted(kind) : sanctioned(kind, holds.until));
}

function standing(powers: Powers, subject: string, id: string, change: Attributes): void {
  const { pk, sk } = standingKey(subject);
  const must = { ...powers.get(pk, sk)?.must, ...change };
  powers.set({ kind: 'sanction', pk, sk, must, record: id });
}

/** It fires anew, or is over: the word that was given for it may be gone, and need not be. */
function unacknowledged(powers: Powers, { data }: LedgerRecord): void {
  const power = powers.get('ALERTS', text(data.fingerprint));
  if (power !== undefined) powers.set({ ...power, rest: { ...power.rest, passed: true } });
}

/** Types of which there are very many, and few that change a power: those have this as well. */
const BESIDE: Readonly<Record<string, string>> = {
  'metric.blocked': '"change":"',
  'decision.made': '"mission_id":"',
};

const BESIDE_BYTES = new Map(Object.entries(BESIDE).map(([type, mark]) => [type, Buffer.from(mark)]));
const TYPE = Buffer.from('"type":"');
const QUOTE = 0x22;

/**
 * Whether the bytes of a record can change a power: others need not be parsed, and there are millions of them. One pass,
 * which takes data for the record's own type rather than overlook one.
 */
export function isHeard(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(TYPE); at >= 0; at = bytes.indexOf(TYPE, at)) {
    at += TYPE.length;
    const type = bytes.toString('latin1', at, bytes.indexOf(QUOTE, at));
    if (!Object.hasOwn(HEARD, type)) continue;
    const beside = BESIDE_BYTES.get(type);
    if (beside === undefined || bytes.includes(beside)) return true;
  }
  return false;
}
