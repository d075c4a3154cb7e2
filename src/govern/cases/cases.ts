/**
 * Opening cases and taking them from state to state: each step by who may take it, on record with who, why and the
 * evidence, before the case and what it does to anybody change.
 */
import type { Charter } from '../../charter/charter.ts';
import type { Caller } from '../../decision/question.ts';
import { ChanceryError, type Reason } from '../../errors.ts';
import type { Issuers } from '../../identity/issuers.ts';
import type { Known, Marked } from '../../identity/person.ts';
import type { JsonObject } from '../../json.ts';
import { openName, type Veil } from '../../ledger/people/names.ts';
import { type Ledger, metaOf, type NewRecord, type Receipt } from '../../ledger/record.ts';
import type { Clock, Ids } from '../../ports.ts';
import type { PrincipalId, Severity } from '../../terms.ts';
import type { SanctionRecord } from '../sanctions/sanctions.ts';
import type { Commit, Turns } from '../turns.ts';
import { accusedAs, invalidIssuer, whoseIs } from './accused.ts';
import { type Case, type CaseStep, isOpen } from './case.ts';
import type { CaseStore } from './case-store.ts';
import type { Consequences } from './consequences.ts';
import type { CaseEvidence } from './evidence.ts';
import { illegal, objectionToAppeal, objectionToFinding, quorumFor, standingIn } from './hearing.ts';
import { COUNTED_MS, PATTERN } from './repeats.ts';

export interface CasesDeps {
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly cases: CaseStore;
  readonly evidence: CaseEvidence;
  readonly consequences: Consequences;
  readonly charter: () => Promise<Charter>;
  readonly issuers: Issuers;
  readonly marked: (who: Known & PrincipalId) => Marked;
  /** Nodes and services are names that callers give. */
  readonly veil: Veil;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Monotonic microseconds, whole. */
  readonly micros: () => number;
}

export interface ViolationReport {
  readonly violation_type: string;
  readonly node_or_service: string;
  readonly description: string;
  readonly evidence: readonly string[];
  /** Whose principal is meant, where more than one issuer is trusted. */
  readonly issuer?: string;
}

export interface Step {
  readonly reason: string;
  readonly evidence: readonly string[];
  /** A finding of another severity than the type's. */
  readonly severity?: Severity;
  readonly issuer?: string;
}

export type Stepped =
  | { readonly ok: true; readonly kase: Case; readonly receipt: Receipt; readonly missing: number }
  /** `standing`: it is about the person; `state`: about the case. */
  | { readonly ok: false; readonly about: 'person' | 'state'; readonly reason: Reason };

export interface Cases {
  report(
    caller: Caller,
    report: ViolationReport,
    severity: Severity,
  ): Promise<{ readonly violation_id: string; readonly receipt: Receipt }>;
  /** Undefined: no such case. Refusals are values; attempts by who may not are on record. */
  step(
    violation_id: string,
    step: CaseStep,
    by: { readonly caller: Caller; readonly mayDecide: boolean },
    said: Step,
  ): Promise<Stepped | undefined>;
  /** Why what this case rests on may not be destroyed by them; undefined where it may. */
  mayForget(kase: Case, caller: Caller): Extract<Stepped, { ok: false }> | undefined;
}

const TYPES = {
  confirm: 'violation.confirmed',
  dismiss: 'violation.dismissed',
  appeal: 'violation.appealed',
  restore: 'violation.restored',
} as const;

export function createCases(deps: CasesDeps): Cases {
  const { ledger, turns, cases, evidence, consequences, clock } = deps;

  const recordBy = (caller: Caller, type: NewRecord['type'], data: JsonObject): NewRecord => ({
    type,
    trace: caller.trace,
    who: caller.principal,
    meta: metaOf(caller),
    data,
    personal: { sub: caller.principal.sub, ...caller.seen },
  });

  /** How often, this time included, within the time that counts. */
  async function repeatOf({ violation_id }: Case, subject: string): Promise<number> {
    const since = clock() - COUNTED_MS;
    let repeat = 1;
    for await (const { violation_id: other, confirmed } of cases.against(subject))
      if (other !== violation_id && confirmed !== undefined && confirmed > since) repeat += 1;
    return repeat;
  }

  async function finding(kase: Case, who: Marked, said: Step): Promise<JsonObject> {
    const severity = said.severity ?? kase.severity;
    const agreed = kase.votes.filter((vote) => vote.severity === severity);
    const final = agreed.length + 1 >= quorumFor(kase.severity, severity);
    if (!final) return { final, severity, case: { id: kase.violation_id, severity: kase.severity } };
    const accused = await accusedIn(kase, said.issuer);
    await cases.index(kase.violation_id, accused.by);
    const repeat = accused.by === '' ? 1 : await repeatOf(kase, accused.by);
    return {
      final,
      severity,
      repeat,
      ...(repeat >= PATTERN ? { pattern: 'legal' } : {}),
      accused: { ...accused },
      found_by: [...agreed, who].map(({ by }) => by),
      case: { id: kase.violation_id, severity, from: kase.severity, change: 'closed' },
    };
  }

  /** Whom it accuses. A finding says it where the report left it open, and cannot turn it into somebody else. */
  async function accusedIn(kase: Case, issuer: string | undefined): Promise<Marked> {
    if (kase.accused.by !== '' && issuer === undefined) return kase.accused;
    const named = whoseIs(deps, await nameIn(kase), issuer);
    if (kase.accused.by === '' || kase.accused.by === named.by) return named;
    throw invalidIssuer('the case accuses the principal of another issuer already: leave it out');
  }

  /** Whom it names, as the report wrote it. */
  async function nameIn({ events, node_or_service }: Case): Promise<string> {
    const said = await evidence.open(events[0]?.record ?? '');
    const name = typeof said === 'object' ? said.node_or_service : undefined;
    return typeof name === 'string' ? name : node_or_service;
  }

  async function changeOf(kase: Case, step: CaseStep, who: Marked, said: Step): Promise<JsonObject> {
    if (step === 'confirm') return finding(kase, who, said);
    const { violation_id: id, severity } = kase;
    const closes = step !== 'appeal';
    const change = closes === isOpen(kase.status) ? (closes ? 'closed' : 'reopened') : undefined;
    return { severity, case: { id, severity, ...(change === undefined ? {} : { change }) } };
  }

  async function take(
    kase: Case,
    step: CaseStep,
    caller: Caller,
    who: Marked,
    said: Step,
    commit: Commit,
  ): Promise<Receipt> {
    const { violation_id, violation_type } = kase;
    const changed = await changeOf(kase, step, who, said);
    if (step !== 'appeal') await consequences.owe(violation_id);
    const sealed = await evidence.seal(violation_id, { reason: said.reason, evidence: [...said.evidence] });
    const data = { violation_id, violation_type, ...changed, person: { ...who }, sealed };
    return commit(recordBy(caller, TYPES[step], data));
  }

  function objection(
    kase: Case,
    step: CaseStep,
    by: { readonly caller: Caller; readonly mayDecide: boolean },
    who: Marked,
    said: Step,
  ): Extract<Stepped, { ok: false }> | undefined {
    const { principal } = by.caller;
    const as = standingIn(kase, principal, who, by.mayDecide);
    const wrong = illegal(kase, step, as);
    if (wrong !== undefined) return { ok: false, about: 'state', reason: wrong };
    if (step !== 'appeal') {
      const found = step === 'confirm' ? (said.severity ?? kase.severity) : undefined;
      const reason = objectionToFinding(kase, principal, who, found);
      return reason && { ok: false, about: 'person', reason };
    }
    if (as === undefined) return { ok: false, about: 'person', reason: NO_PART };
    const reason = objectionToAppeal(kase, principal, who);
    return reason && { ok: false, about: 'state', reason };
  }

  return {
    async report(caller, { violation_type, node_or_service, description, evidence: seen, issuer }, severity) {
      const began = deps.micros();
      const charter = await deps.charter();
      const violation_id = deps.ids('vio');
      const accused = accusedAs(deps, node_or_service, issuer);
      const reporter = deps.marked(caller.principal);
      await cases.index(violation_id, accused.by);
      await cases.index(violation_id, reporter.by);
      const node = openName(node_or_service, deps.veil);
      const named = node === node_or_service ? {} : { node_or_service };
      const sealed = await evidence.seal(violation_id, { description, evidence: [...seen], ...named });
      const record = recordBy(caller, 'violation.reported', {
        violation_id,
        violation_type,
        severity,
        node_or_service: node,
        status: 'investigating',
        investigation: { initiated_by: 'report' },
        case: { id: violation_id, severity, change: 'opened' },
        accused: { ...accused },
        person: { ...reporter },
        sealed,
        duration_us: deps.micros() - began,
      });
      const receipt = await ledger.append({ ...record, meta: { ...record.meta, charter: charter.digest } });
      const { id, record_hash: hash, time } = receipt;
      await cases.settle({ id, hash, time, ...record });
      return { violation_id, receipt };
    },

    async step(violation_id, step, by, said) {
      if ((await cases.get(violation_id)) === undefined) return undefined;
      const { caller } = by;
      const who = deps.marked(caller.principal);
      const taken = await turns.take<Extract<Stepped, { ok: false }> | Receipt>(
        `case ${violation_id}`,
        cases.settle,
        async (commit) => {
          const kase = await cases.get(violation_id);
          if (kase === undefined) throw new ChanceryError('NOT_FOUND', 'The case is gone.');
          return objection(kase, step, by, who, said) ?? take(kase, step, caller, who, said, commit);
        },
      );
      if ('ok' in taken) {
        if (taken.about === 'person')
          await ledger.append(
            recordBy(caller, 'security.suspicious_activity', { pattern: taken.reason.code, violation_id }),
          );
        return taken;
      }
      const record: SanctionRecord = (type, data) => recordBy(caller, type, data);
      if (step !== 'appeal') await consequences.follow(violation_id, record);
      const kase = await cases.get(violation_id);
      if (kase === undefined) return undefined;
      return { ok: true, kase, receipt: taken, missing: missingFor(kase, said.severity ?? kase.severity) };
    },

    mayForget(kase, caller) {
      if (isOpen(kase.status)) return { ok: false, about: 'state', reason: STILL_OPEN };
      const reason = objectionToFinding(kase, caller.principal, deps.marked(caller.principal));
      return reason && { ok: false, about: 'person', reason };
    },
  };
}

/** How many more people have to find this severity; none where the case waits for nobody's word. */
function missingFor({ votes, severity }: Case, found: Severity): number {
  if (votes.length === 0) return 0;
  return quorumFor(severity, found) - votes.filter((vote) => vote.severity === found).length;
}

const NO_PART: Reason = {
  code: 'no_part_in_case',
  message: 'only who is accused, who reported it or who may decide it can appeal',
  kind: 'forbidden',
};

const STILL_OPEN: Reason = {
  code: 'case_open',
  message: 'the case waits for a finding, which needs what it rests on',
  kind: 'forbidden',
};
