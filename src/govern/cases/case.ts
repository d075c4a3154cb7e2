/**
 * A case: conduct that breaks the charter, from its report or the first attempt to its end. Pure: the states, the steps
 * between them, and the case as records make it.
 *
 *   investigating → confirmed | dismissed → appealed → restored
 *                                           appealed → confirmed | dismissed: the appeal was heard and turned down
 *   investigating → appealed: by whom it accuses, where the system acted on what it saw itself and nobody has found yet
 */
import { type Marked, sameMarked } from '../../identity/person.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Attributes } from '../../ports.ts';
import { SEVERITIES, type Severity } from '../../terms.ts';
import type { Written } from '../turns.ts';

export const CASES = 'VIOLATIONS';
export const CASE_STATES = ['investigating', 'confirmed', 'dismissed', 'appealed', 'restored'] as const;
export type CaseState = (typeof CASE_STATES)[number];

export const CASE_STEPS = ['confirm', 'dismiss', 'appeal', 'restore'] as const;
export type CaseStep = (typeof CASE_STEPS)[number];

/** Where each step leads from each state; from where it is not named it is refused. */
export const STEPS: Readonly<Record<CaseState, Readonly<Partial<Record<CaseStep, CaseState>>>>> = {
  investigating: { confirm: 'confirmed', dismiss: 'dismissed' },
  confirmed: { appeal: 'appealed' },
  dismissed: { appeal: 'appealed' },
  appealed: { confirm: 'confirmed', dismiss: 'dismissed', restore: 'restored' },
  restored: {},
};

/** Whether it still waits for the committee. */
export const isOpen = (status: CaseState): boolean => status === 'investigating' || status === 'appealed';

/** One change of the case, and where it stands in the ledger. */
export type CaseEvent = {
  readonly type: string;
  /** RFC 3339. */
  readonly at: string;
  /** Pseudonym of who did it; empty: the system. */
  readonly by: string;
  readonly record: string;
};

/** One person's word, and the severity that they found. */
export type CaseVote = Marked & { readonly severity: Severity };

export type Case = {
  readonly violation_id: string;
  readonly status: CaseState;
  readonly severity: Severity;
  readonly violation_type: string;
  readonly node_or_service: string;
  /** Somebody's word, or what the system itself saw. */
  readonly origin: 'report' | 'observed';
  /** Whose standing follows; `by` is empty while nobody can say which issuer's principal is meant. */
  readonly accused: Marked;
  /** Nobody where the system saw it. */
  readonly reporter: Marked;
  /** Whose word counts towards a finding that takes more than one. */
  readonly votes: readonly CaseVote[];
  /** Who has found on it: they do not hear the appeal against their own finding. */
  readonly found_by: readonly Marked[];
  readonly appellants: readonly Marked[];
  readonly metric_name?: string;
  /** Milliseconds. */
  readonly opened: number;
  readonly changed: number;
  /** When it was confirmed, while it is. */
  readonly confirmed?: number;
  /** How often within the time that counts; with the confirmation. */
  readonly repeat?: number;
  readonly events: readonly CaseEvent[];
  /** Newest record of it. */
  readonly record: string;
};

/** The attributes by which an item gives power: all of them come from records. */
export const CASE_BEARS = [
  'status',
  'severity',
  'violation_type',
  'node_or_service',
  'origin',
  'accused',
  'reporter',
  'votes',
  'found_by',
  'appellants',
  'metric_name',
  'opened',
  'changed',
  'confirmed',
  'repeat',
  'events',
  'record',
] as const;

/** A case that has ended can be appealed for so long, and is kept as working state; the ledger keeps it for good. */
const KEPT_MS = 400 * 86_400_000;
/** When the store may forget it, in milliseconds; undefined while it waits for somebody. */
export const keptUntil = ({ status, changed }: Case): number | undefined =>
  isOpen(status) ? undefined : changed + KEPT_MS;

export const NOBODY: Marked = { by: '', marks: [] };

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function marked(value: unknown): Marked {
  const { by, marks } = (typeof value === 'object' && value !== null ? value : {}) as {
    by?: unknown;
    marks?: unknown;
  };
  return {
    by: typeof by === 'string' ? by : '',
    marks: Array.isArray(marks) ? marks.filter((mark) => typeof mark === 'string') : [],
  };
}

/** A word that was kept without a severity was cast for that of the case. */
function voteIn(value: unknown, found: Severity): CaseVote {
  const { severity } = (typeof value === 'object' && value !== null ? value : {}) as { severity?: Json };
  return { ...marked(value), severity: severityOf(severity) ?? found };
}

/** What a record changes, as far as it says so: `case` in its data. */
export function caseIdOf({ type, data }: Pick<Written, 'type' | 'data'>): string | undefined {
  const moved = objectOf(data.case);
  const about = type.startsWith('violation.') || (type === 'metric.blocked' && moved?.change !== undefined);
  const id = text(moved?.id ?? data.violation_id);
  return about && id !== '' ? id : undefined;
}

/** The case after one more record; undefined where the record is none of a case, or comes before it is opened. */
export function caseAfter(before: Case | undefined, written: Written): Case | undefined {
  if (before?.record === written.id) return before;
  const id = caseIdOf(written);
  if (id === undefined) return before;
  if (before === undefined) return opened(id, written);
  const { type, data, time, id: record } = written;
  const severity = severityOf(objectOf(data.case)?.severity) ?? before.severity;
  const by = marked(data.person);
  const event = { type, at: time, by: by.by, record };
  const common = {
    ...before,
    severity,
    changed: Date.parse(time),
    events: [...before.events, event],
    record,
  };
  const { confirmed: _confirmed, repeat: _repeat, ...unconfirmed } = common;
  switch (type) {
    case 'violation.confirmed': {
      // Whoever finds otherwise than before has one word still.
      const others = before.votes.filter((vote) => !sameMarked(vote, by));
      if (data.final === false)
        return { ...common, votes: [...others, { ...by, severity: severityOf(data.severity) ?? severity }] };
      const accused = data.accused === undefined ? before.accused : marked(data.accused);
      const found_by = [...before.found_by, ...others.map(({ severity: _, ...person }) => person), by];
      const repeat = typeof data.repeat === 'number' ? { repeat: data.repeat } : {};
      const confirmed = Date.parse(time);
      return { ...common, status: 'confirmed', accused, votes: [], found_by, confirmed, ...repeat };
    }
    case 'violation.dismissed':
      return { ...unconfirmed, status: 'dismissed', votes: [], found_by: [...before.found_by, by] };
    case 'violation.appealed':
      return { ...common, status: 'appealed', votes: [], appellants: [...before.appellants, by] };
    case 'violation.restored':
      return { ...unconfirmed, status: 'restored', votes: [], found_by: [...before.found_by, by] };
    default:
      return common;
  }
}

function opened(violation_id: string, { id: record, type, time, data }: Written): Case | undefined {
  const observed = type === 'metric.blocked';
  if (!observed && type !== 'violation.reported') return undefined;
  const about = observed ? (objectOf(data.violation) ?? {}) : data;
  const reporter = observed ? NOBODY : marked(data.person);
  return {
    violation_id,
    status: 'investigating',
    severity: severityOf(objectOf(data.case)?.severity ?? about.severity) ?? 'WARNING',
    violation_type: text(about.violation_type),
    node_or_service: text(about.node_or_service),
    origin: observed ? 'observed' : 'report',
    accused: marked(data.accused),
    reporter,
    votes: [],
    found_by: [],
    appellants: [],
    ...(observed ? { metric_name: text(data.metric_name) } : {}),
    opened: Date.parse(time),
    changed: Date.parse(time),
    events: [{ type, at: time, by: reporter.by, record }],
    record,
  };
}

const severityOf = (value: Json | undefined): Severity | undefined =>
  SEVERITIES.find((known) => known === value);

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

/** Attributes of the item; its `sk` is the id. */
export function attributesOf({ violation_id: _, ...rest }: Case): Attributes {
  const list = <One extends Marked>(people: readonly One[]) => people.map((person) => ({ ...person }));
  return {
    ...rest,
    accused: { ...rest.accused },
    reporter: { ...rest.reporter },
    votes: list(rest.votes),
    found_by: list(rest.found_by),
    appellants: list(rest.appellants),
    events: rest.events.map((event) => ({ ...event })),
  };
}

/** Undefined for an item that no case wrote. */
export function caseOf(sk: string, item: Attributes): Case | undefined {
  const status = CASE_STATES.find((known) => known === item.status);
  const severity = SEVERITIES.find((known) => known === item.severity);
  const { opened, changed, confirmed, repeat, metric_name } = item;
  if (status === undefined || severity === undefined) return undefined;
  if (typeof opened !== 'number' || typeof changed !== 'number') return undefined;
  const people = (value: Attributes[string] | undefined): Marked[] =>
    Array.isArray(value) ? value.map(marked) : [];
  return {
    violation_id: sk,
    status,
    severity,
    violation_type: String(item.violation_type ?? ''),
    node_or_service: String(item.node_or_service ?? ''),
    origin: item.origin === 'observed' ? 'observed' : 'report',
    accused: marked(item.accused),
    reporter: marked(item.reporter),
    votes: Array.isArray(item.votes) ? item.votes.map((vote) => voteIn(vote, severity)) : [],
    found_by: people(item.found_by),
    appellants: people(item.appellants),
    ...(typeof metric_name === 'string' ? { metric_name } : {}),
    opened,
    changed,
    ...(typeof confirmed === 'number' ? { confirmed } : {}),
    ...(typeof repeat === 'number' ? { repeat } : {}),
    events: Array.isArray(item.events) ? item.events.map(eventOf) : [],
    record: String(item.record ?? ''),
  };
}

function eventOf(value: unknown): CaseEvent {
  const { type, at, by, record } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return {
    type: String(type ?? ''),
    at: String(at ?? ''),
    by: String(by ?? ''),
    record: String(record ?? ''),
  };
}
