/**
 * Which records people are told of, and what they are told: whoever may decide something hears that it waits, and the
 * committee hears of what it answers for. Pure: a notice follows from its record alone.
 */
import type { Json, JsonObject } from '../../json.ts';
import { typeOfBytes } from '../../ledger/bytes.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { PRIORITIES, type Priority, SEVERITIES, type Severity } from '../../terms.ts';

export interface CommitteeNotice {
  /** Of the record that it follows from: there is one for each. */
  readonly id: string;
  readonly record_hash: string;
  readonly trace: string;
  /** RFC 3339: when it happened. */
  readonly at: string;
  readonly kind: NoticeKind;
  /** Id of the approval, case, sanction, override or report. */
  readonly about: string;
  /** What the pager keeps one incident of: a case and all that is done because of it are one. */
  readonly thing: string;
  readonly title: string;
  /** What a reader needs, by its label. Values may be of a caller's choosing. */
  readonly facts: Readonly<Record<string, string>>;
  readonly priority: Priority;
  /** Of the case that it is about; WARNING for what is no case. */
  readonly severity: Severity;
  /** Where it is looked at and decided: a path of the API, and a command. */
  readonly path: string;
  readonly command: string;
  /** What it does to the incident at the pager. */
  readonly incident: 'opens' | 'ends';
  /** How many records this stands for, where they were too many for a notice each. */
  readonly count?: number;
}

interface Telling {
  readonly kind: string;
  readonly about: string;
  /** Where it is another than the first word of the kind and what it is about. */
  readonly thing?: string;
  readonly title: string;
  readonly facts: Readonly<Record<string, Json | undefined>>;
  readonly priority: Priority;
  readonly severity?: Severity;
  readonly path: string;
  readonly command: string;
  readonly incident?: 'ends';
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const priorityIn = (value: Json | undefined, otherwise: Priority): Priority =>
  PRIORITIES.find((known) => known === value) ?? otherwise;
const severityIn = (value: Json | undefined): Severity =>
  SEVERITIES.find((known) => known === value) ?? 'WARNING';

/** How soon a person must look at a case of each severity. */
const PRESSING: Readonly<Record<Severity, Priority>> = {
  WARNING: 'low',
  SUSPENSION: 'high',
  BAN: 'critical',
  CRIMINAL: 'critical',
};
const worse = (one: Priority, other: Priority): Priority =>
  PRIORITIES.indexOf(one) > PRIORITIES.indexOf(other) ? one : other;

function approval(kind: string, title: string, data: JsonObject): Telling {
  const id = text(data.approval_id);
  return {
    kind,
    about: id,
    title,
    facts: {
      approval: id,
      workflow: data.workflow,
      risk: data.risk_level,
      'votes needed': data.quorum,
      until: data.expires_at,
    },
    priority: priorityIn(data.priority, 'medium'),
    path: `/approvals/${id}`,
    command: `chancery approvals show ${id}`,
  };
}

const ofCase = (id: Json | undefined): string => `violation/${text(id)}`;

/** A finding; the incident is over with it, except where it takes another person, or shows a pattern. */
function found(verdict: string, data: JsonObject): Telling {
  if (data.final === false) return violation('violation_voted', 'A finding waits for a second person', data);
  if (data.pattern === 'legal')
    return violation('violation_legal', 'A pattern of violations: this goes to the law', data, {
      priority: 'critical',
    });
  return violation('violation_closed', `A case was ${verdict}`, data, { incident: 'ends' });
}

const decided =
  (verdict: string) =>
  (data: JsonObject): Telling | undefined =>
    data.final === true
      ? { ...approval('approval_decided', `Approval ${verdict}`, data), incident: 'ends' }
      : undefined;

function violation(kind: string, title: string, data: JsonObject, more: Partial<Telling> = {}): Telling {
  const moved = objectOf(data.case);
  const seen = objectOf(data.violation);
  const id = text(moved.id ?? data.violation_id);
  const severity = severityIn(moved.severity ?? data.severity);
  return {
    kind,
    about: id,
    title,
    facts: {
      violation: id,
      type: data.violation_type ?? seen.violation_type,
      severity,
      where: data.node_or_service ?? seen.node_or_service,
      metric: data.metric_name,
      'confirmed within 30 days':
        typeof data.repeat === 'number' && data.repeat > 1 ? data.repeat : undefined,
    },
    priority: worse(PRESSING[severity], priorityIn(data.priority, 'low')),
    severity,
    path: `/violations/${id}`,
    command: `chancery violations show ${id}`,
    ...more,
  };
}

function healing(kind: string, title: string, data: JsonObject): Telling {
  const id = text(data.healing_id);
  const severity = severityIn(data.severity);
  return {
    kind,
    about: id,
    title,
    facts: {
      healing: id,
      case: data.case_id,
      severity,
      pattern: data.pattern,
      where: Array.isArray(data.nodes) ? data.nodes.join(', ') : undefined,
      why: data.why,
    },
    priority: PRESSING[severity],
    severity,
    path: `/healing/${id}`,
    command: `chancery healing show ${id}`,
    ...(data.case_id === undefined ? {} : { thing: ofCase(data.case_id) }),
  };
}

/** In production it is announced to whoever is on call. */
function override(kind: string, title: string, data: JsonObject): Telling {
  const id = text(data.override_id);
  return {
    kind,
    about: id,
    title,
    facts: {
      override: id,
      workflow: data.workflow,
      reason: data.reason,
      where: data.production === true ? 'production' : 'outside production',
      minutes: typeof data.duration_ms === 'number' ? Math.round(data.duration_ms / 60_000) : undefined,
      votes: typeof data.votes === 'number' ? `${data.votes} of ${String(data.quorum)}` : undefined,
    },
    priority: data.production === true ? 'high' : 'medium',
    path: `/overrides/${id}`,
    command: `chancery overrides show ${id}`,
  };
}

/** Nothing of what it says: that is for the committee alone. */
function report(kind: string, title: string, data: JsonObject): Telling {
  const id = text(data.report_id);
  return {
    kind,
    about: id,
    title,
    facts: { report: id, 'answer by': data.answer_by },
    priority: 'medium',
    path: `/whistleblower/reports/${id}`,
    command: `chancery whistleblower show ${id}`,
  };
}

/** What each type of record tells; undefined where it is not worth a notice. */
const TOLD = {
  'approval.requested': (data) => approval('approval_asked', 'An approval waits for you', data),
  'alert.fired'(data) {
    if (data.alert === 'approval_expiring')
      return approval('approval_expiring', 'An approval expires within the hour', data);
    if (data.alert === 'whistleblower_due')
      return { ...report('report_due', 'A report must be answered soon', data), priority: 'high' };
    return data.alert === 'whistleblower_overdue'
      ? { ...report('report_overdue', 'A report was not answered in time', data), priority: 'critical' }
      : undefined;
  },
  'approval.approved': decided('granted'),
  'approval.rejected': decided('refused'),
  'approval.expired': decided('expired'),
  'violation.reported': (data) => violation('violation_reported', 'A violation was reported', data),
  'violation.confirmed': (data) => found('confirmed', data),
  'violation.dismissed': (data) => found('dismissed', data),
  'violation.restored': (data) => found('made good', data),
  'violation.appealed': (data) => ({
    ...violation('violation_appealed', 'An appeal waits to be heard', data),
    priority: 'high',
  }),
  'metric.blocked'(data) {
    const { change } = objectOf(data.case);
    if (change === 'opened') return violation('violation_observed', 'A forbidden metric was asked for', data);
    return change === 'raised'
      ? violation('violation_raised', 'Attempts at a forbidden metric go on', data)
      : undefined;
  },
  'override.started': (data) =>
    data.final === true
      ? override('override_started', 'An override is in force', data)
      : override('override_asked', 'An override waits for your vote', data),
  'override.renewed': (data) =>
    data.final === true
      ? override('override_renewed', 'An override was renewed', data)
      : override('override_renewal_asked', 'The renewal of an override waits for your vote', data),
  'override.ended': (data) => ({
    ...override('override_ended', 'An override is over', data),
    incident: 'ends',
  }),
  'whistleblower.received': (data) => report('report_received', 'A whistleblower has reported', data),
  'whistleblower.answered': (data) => ({
    ...report('report_answered', 'A report was answered', data),
    incident: 'ends',
  }),
  'sanction.applied'(data) {
    const id = text(data.sanction_id);
    const severity = severityIn(data.severity);
    return {
      kind: 'sanction_applied',
      about: id,
      thing: ofCase(data.case_id),
      title: `A principal is under ${text(data.kind) || 'a sanction'}`,
      facts: {
        sanction: id,
        case: data.case_id,
        severity,
        until: data.until ?? 'it is lifted',
        why: data.why,
      },
      priority: PRESSING[severity],
      severity,
      path: `/sanctions/${id}`,
      command: `chancery sanctions show ${id}`,
    };
  },
  'healing.executed': (data) =>
    data.action === 'escalate_to_committee' && data.pattern !== undefined
      ? healing('pattern_escalated', 'A pattern of violations that no single case shows', data)
      : undefined,
  'healing.failed': (data) => healing('healing_failed', 'What a violation asks for could not be done', data),
} as const satisfies Readonly<Record<string, (data: JsonObject) => Telling | undefined>>;

export type NoticeKind = string;

const telling: Readonly<Record<string, ((data: JsonObject) => Telling | undefined) | undefined>> = TOLD;

/** What is told of a record; undefined for nearly all of them. */
export function noticeOf(id: string, record_hash: string, record: LedgerRecord): CommitteeNotice | undefined {
  const told = telling[record.type]?.(record.data);
  if (told === undefined || told.about === '') return undefined;
  const { facts, severity = 'WARNING', incident = 'opens', ...rest } = told;
  const { thing = `${told.kind.split('_')[0]}/${told.about}` } = told;
  return {
    id,
    record_hash,
    trace: record.trace,
    at: record.time,
    ...rest,
    thing,
    facts: plainly(facts),
    severity,
    incident,
  };
}

function plainly(facts: Telling['facts']): Record<string, string> {
  const present = Object.entries(facts).flatMap(([label, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[label, String(value)] as const] : [],
  );
  return Object.fromEntries(present);
}

/** Whether a record is told of: whoever appends one rings. */
export const isTold = ({ type, data }: Pick<LedgerRecord, 'type' | 'data'>): boolean =>
  telling[type]?.(data) !== undefined;

/** Of very many of these types few are told of: those that have this in their bytes. */
const BESIDE: Readonly<Record<string, Buffer>> = {
  'metric.blocked': Buffer.from('"change":"'),
  'healing.executed': Buffer.from('"pattern":"'),
};

/** Whether the bytes of a record may be told of: others need not be parsed. */
export function mayBeTold(bytes: Uint8Array): boolean {
  const type = typeOfBytes(bytes) ?? '';
  if (telling[type] === undefined) return false;
  const beside = BESIDE[type];
  return beside === undefined || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(beside);
}

/** Of these, whoever is told hears one notice that counts them. */
export function together(notices: readonly CommitteeNotice[]): CommitteeNotice {
  const [first] = notices;
  if (first === undefined) throw new RangeError('nothing to tell');
  const priority = notices.map((each) => each.priority).reduce(worse);
  const severity = notices
    .map((each) => each.severity)
    .reduce((worst, each) => (SEVERITIES.indexOf(each) > SEVERITIES.indexOf(worst) ? each : worst));
  return {
    ...first,
    title: `${first.title}, and ${notices.length - 1} more like it`,
    priority,
    severity,
    count: notices.length,
  };
}
