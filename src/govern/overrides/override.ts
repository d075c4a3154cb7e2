/**
 * An override: for a time, a workflow runs without the approval that its risk would need. Pure: the override as records
 * make it, so that the state that is kept and the power over it cannot differ.
 *
 *   waiting → active (enough people) → ended (by a person, or its time is over)
 *
 * Nothing else is set aside: a stop, a sanction, a policy that forbids, effects in a mode without any, limits and a
 * missing permit deny as ever.
 */
import type { Marked } from '../../identity/person.ts';
import type { Json, JsonObject } from '../../json.ts';
import { wordsShown } from '../../ledger/people/words.ts';
import type { Attributes, Value } from '../../ports.ts';
import { OVERRIDE_REASONS, type OverrideReason } from '../../terms.ts';
import type { Written } from '../turns.ts';

export const OVERRIDES = 'OVERRIDES';
export const OVERRIDE_STATES = ['waiting', 'active', 'ended'] as const;
export type OverrideState = (typeof OVERRIDE_STATES)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long one is in force unless it says otherwise, and from its start to its last renewal's end at most. */
export const LASTS = {
  production: { default_ms: 30 * MINUTE_MS, most_ms: 2 * HOUR_MS },
  elsewhere: { default_ms: 24 * HOUR_MS, most_ms: 90 * 24 * HOUR_MS },
} as const;
export const lastsIn = (production: boolean) => (production ? LASTS.production : LASTS.elsewhere);

/** Votes that one in production takes: 67 % of the committee. Elsewhere one person answers for it. */
export const quorumIn = (production: boolean, committee: number): number =>
  production ? Math.max(1, Math.ceil(0.67 * committee)) : 1;

/** One that waits for votes for longer than this has been turned down. */
export const WAITS_MS = 2 * HOUR_MS;

export type Override = {
  readonly override_id: string;
  readonly status: OverrideState;
  readonly reason: OverrideReason;
  readonly workflow: string;
  /** Pseudonym of the only principal that it is for; without it, for whoever may run the workflow. */
  readonly subject?: string;
  readonly production: boolean;
  readonly quorum: number;
  /** Who is for its start, or while it is active for the renewal that is asked. The first one asked. */
  readonly votes: readonly Marked[];
  /** Everybody whose word it ever had; absent while no record of it says so. */
  readonly voters?: readonly Marked[];
  /** Milliseconds, as all times here. */
  readonly asked: number;
  readonly duration_ms: number;
  readonly started?: number;
  /** It is in force before this moment and not at it. */
  readonly until: number;
  readonly ended?: number;
  readonly ended_why?: string;
  /** Newest record of it. */
  readonly record: string;
};

/** The attributes by which an item gives power: all of them come from records. */
export const OVERRIDE_BEARS = [
  'status',
  'reason',
  'workflow',
  'subject',
  'production',
  'quorum',
  'votes',
  'voters',
  'asked',
  'duration_ms',
  'started',
  'until',
  'ended',
  'ended_why',
  'record',
] as const;

const KEPT_MS = 90 * 86_400_000;
/** When the store may forget it; undefined while it is in force or waits. */
export const keptUntil = ({ ended }: Override): number | undefined =>
  ended === undefined ? undefined : ended + KEPT_MS;

/** At this moment: what has run out is ended, also before that is on record. */
export function stateAt({ status, until }: Override, now: number): OverrideState {
  return now >= until ? 'ended' : status;
}

function marked(value: unknown): Marked {
  const { by, marks } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const readable = Array.isArray(marks) ? marks.filter((mark) => typeof mark === 'string') : [];
  return { by: typeof by === 'string' ? by : '', marks: readable };
}

/** The override after one more record; undefined where the record begins none. */
export function after(before: Override | undefined, written: Written): Override | undefined {
  const { type, data, time, id: record } = written;
  if (before?.record === record) return before;
  const at = Date.parse(time);
  if (before === undefined) return type === 'override.started' ? begun(data, at, record) : undefined;
  if (type === 'override.ended')
    return { ...before, status: 'ended', votes: [], ended: at, ended_why: text(data.why), record };
  const votes = [...before.votes, marked(data.voter)];
  const next = { ...before, ...durationOf(data, before), ...votersOf(data), votes, record };
  return data.final === true ? inForce(next, at) : next;
}

/** From when on, and until when: by the time of the record, never past its limit. */
function inForce(override: Override, at: number): Override {
  const { production, started = at, duration_ms } = override;
  const until = Math.min(at + duration_ms, started + lastsIn(production).most_ms);
  return { ...override, status: 'active', votes: [], started, until };
}

function begun(data: JsonObject, at: number, record: string): Override | undefined {
  const reason = OVERRIDE_REASONS.find((known) => known === data.reason);
  const { override_id, workflow, subject, production, quorum } = data;
  if (reason === undefined || typeof override_id !== 'string' || typeof workflow !== 'string')
    return undefined;
  const asked: Override = {
    override_id,
    status: 'waiting',
    reason,
    workflow,
    ...(typeof subject === 'string' ? { subject } : {}),
    production: production !== false,
    quorum: typeof quorum === 'number' ? quorum : Number.POSITIVE_INFINITY,
    votes: [marked(data.voter)],
    ...votersOf(data),
    asked: at,
    duration_ms: 0,
    until: at + WAITS_MS,
    record,
  };
  const whole = { ...asked, ...durationOf(data, asked) };
  return data.final === true ? inForce(whole, at) : whole;
}

/** As a record or an item has them. */
export const votersOf = ({ voters }: { readonly voters?: unknown }): Pick<Override, 'voters'> =>
  Array.isArray(voters) ? { voters: voters.map(marked) } : {};

const durationOf = ({ duration_ms }: JsonObject, before: Override): Pick<Override, 'duration_ms'> => ({
  duration_ms:
    typeof duration_ms === 'number'
      ? Math.min(duration_ms, lastsIn(before.production).most_ms)
      : before.duration_ms,
});

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Attributes of the item; its `sk` is the id. */
export function attributesOf({ override_id: _, ...rest }: Override): Attributes {
  const { votes, voters, ...others } = rest;
  const plain = (all: readonly Marked[]) => all.map((vote) => ({ ...vote }));
  return { ...others, votes: plain(votes), ...(voters === undefined ? {} : { voters: plain(voters) }) };
}

/** Undefined for an item that no override wrote. */
export function overrideOf(sk: string, item: Attributes): Override | undefined {
  const status = OVERRIDE_STATES.find((known) => known === item.status);
  const reason = OVERRIDE_REASONS.find((known) => known === item.reason);
  const { workflow, subject, quorum, asked, duration_ms, started, until, ended, ended_why } = item;
  if (status === undefined || reason === undefined || typeof workflow !== 'string') return undefined;
  if (typeof asked !== 'number' || typeof until !== 'number' || typeof quorum !== 'number') return undefined;
  return {
    override_id: sk,
    status,
    reason,
    workflow,
    ...(typeof subject === 'string' ? { subject } : {}),
    production: item.production !== false,
    quorum,
    votes: Array.isArray(item.votes) ? item.votes.map(marked) : [],
    ...votersOf(item),
    asked,
    duration_ms: Number(duration_ms ?? 0),
    ...(typeof started === 'number' ? { started } : {}),
    until,
    ...(typeof ended === 'number' ? { ended } : {}),
    ...(typeof ended_why === 'string' ? { ended_why } : {}),
    record: String(item.record ?? ''),
  };
}

/** What people wrote of it, as far as it can be read. */
export interface OverrideSaid {
  readonly justification?: string;
  /** Beside the digest that says why it was ended. */
  readonly words?: Value;
}

/** What `GET /overrides` shows. */
export type OverrideView = Pick<
  Override,
  'override_id' | 'status' | 'reason' | 'workflow' | 'subject' | 'production' | 'quorum'
> & {
  readonly id: string;
  readonly votes: number;
  readonly asked_at: string;
  readonly started_at?: string;
  /** While it waits: until when votes are taken. */
  readonly until: string;
  readonly ended_at?: string;
  readonly ended_reason?: string;
  /** Sealed under the key of who asked: gone with it. */
  readonly justification?: string;
  readonly record: string;
};

export function viewOf(override: Override, now: number, said: OverrideSaid): OverrideView {
  const { justification, words } = said;
  const { override_id, reason, workflow, subject, production, quorum, votes, record } = override;
  const { asked, started, until, ended, ended_why } = override;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const status = stateAt(override, now);
  const over = ended ?? (status === 'ended' ? until : undefined);
  return {
    id: override_id,
    override_id,
    status,
    reason,
    workflow,
    ...(subject === undefined ? {} : { subject }),
    production,
    quorum,
    votes: votes.length,
    asked_at: iso(asked),
    ...(started === undefined ? {} : { started_at: iso(started) }),
    until: iso(until),
    ...(over === undefined
      ? {}
      : { ended_at: iso(over), ended_reason: wordsShown(ended_why ?? 'expired', words) }),
    ...(justification === undefined ? {} : { justification }),
    record,
  };
}
