/**
 * One healing action as records make it: planned, executed, failed, undone. Pure. Its id follows from what it is for, so
 * that whoever plans the same plans the same action, and a second one is none.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { Attributes } from '../ports.ts';
import { HEALING_ACTIONS, SEVERITIES, type Severity } from '../terms.ts';

export type HealingAction = (typeof HEALING_ACTIONS)[number];

export const HEALINGS = 'HEALING';

/**
 * `planned`: begun, and not known to be done. `deferred`: over a cap, and due in a later cycle. `withheld`: not sure
 * enough, or nobody to touch; a later word may change that. `shadowed`: would have been done. `undone`: taken back.
 */
export const HEALING_STATES = [
  'planned',
  'deferred',
  'withheld',
  'shadowed',
  'executed',
  'failed',
  'undone',
] as const;
export type HealingState = (typeof HEALING_STATES)[number];

export type Healing = {
  readonly healing_id: string;
  readonly status: HealingState;
  readonly action: HealingAction;
  readonly severity: Severity;
  readonly case_id: string;
  /** Pseudonym; empty: it touches nobody. */
  readonly subject: string;
  readonly nodes: readonly string[];
  readonly confidence: number;
  readonly why: string;
  readonly sanction_id?: string;
  /** Milliseconds, of the newest record. */
  readonly at: number;
  /** Milliseconds: when it was done. */
  readonly done?: number;
  /** Newest record of it. */
  readonly record: string;
};

/** The attributes by which an item gives power: what is undone, and what the loop takes for done, follows from them. */
export const HEALING_BEARS = [
  'status',
  'action',
  'severity',
  'case_id',
  'subject',
  'nodes',
  'confidence',
  'why',
  'sanction_id',
  'at',
  'done',
  'record',
] as const;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
/** Kept beside the ledger for so long after the last change. */
const KEPT_MS = 90 * 86_400_000;

/**
 * The same for the same cause, in the order of the cases.
 * @param at milliseconds; by default when the case was opened, which stands in its id
 */
export function healingId(case_id: string, what: string, whom: string, at?: number): string {
  const digest = createHash('sha256')
    .update(`${at === undefined ? case_id : ''}\n${what}\n${whom}`)
    .digest();
  const opened = /_([0-7][0-9A-HJKMNP-TV-Z]{9})/.exec(case_id)?.[1];
  const time = at === undefined ? (opened ?? '0'.repeat(TIME_CHARACTERS)) : timeIn(at);
  return `heal_${time}${[...digest.subarray(0, 16)].map((byte) => ALPHABET[byte % 32]).join('')}`;
}

/** As identifiers have it: ten characters of five bits, the greatest first. */
function timeIn(ms: number): string {
  let [rest, text] = [Math.max(0, Math.floor(ms)), ''];
  for (let at = 0; at < TIME_CHARACTERS; at += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** After one more record; undefined for one that is none of a healing's. */
export function healingAfter(
  before: Healing | undefined,
  { type, data, time, id }: { type: string; data: JsonObject; time: string; id: string },
): Healing | undefined {
  const { healing_id, status, action, severity, case_id, subject, nodes, confidence, why, sanction_id } =
    data;
  const state = HEALING_STATES.find((known) => known === status);
  const known = HEALING_ACTIONS.find((each) => each === action);
  const grade = SEVERITIES.find((each) => each === severity);
  if (typeof healing_id !== 'string' || state === undefined || known === undefined || grade === undefined)
    return undefined;
  const at = Date.parse(time);
  const done = type === 'healing.executed' && state === 'executed' ? at : before?.done;
  const held = typeof sanction_id === 'string' ? sanction_id : before?.sanction_id;
  return {
    healing_id,
    status: state,
    // What it was stays what is told of it, also once it is undone.
    action: known === 'restore' ? (before?.action ?? known) : known,
    severity: grade,
    case_id: typeof case_id === 'string' ? case_id : '',
    subject: typeof subject === 'string' ? subject : '',
    nodes: Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'string') : [],
    confidence: typeof confidence === 'number' ? confidence : 0,
    why: typeof why === 'string' ? why : '',
    ...(held === undefined ? {} : { sanction_id: held }),
    at,
    ...(done === undefined ? {} : { done }),
    record: id,
  };
}

/** Attributes of the item; its `sk` is the id. */
export function attributesOf({ healing_id: _, nodes, ...rest }: Healing): Attributes {
  return { ...rest, nodes: [...nodes], expires: Math.ceil(keptUntil(rest) / 1_000) };
}

/** When the store may forget it, in milliseconds. */
export const keptUntil = ({ at }: Pick<Healing, 'at'>): number => at + KEPT_MS;

/** Undefined for an item that no healing wrote. */
export function healingOf(sk: string, item: Attributes): Healing | undefined {
  const { status, action, severity, at, done, sanction_id, nodes } = item;
  const state = HEALING_STATES.find((known) => known === status);
  const known = HEALING_ACTIONS.find((each) => each === action);
  const grade = SEVERITIES.find((each) => each === severity);
  if (state === undefined || known === undefined || grade === undefined || typeof at !== 'number')
    return undefined;
  return {
    healing_id: sk,
    status: state,
    action: known,
    severity: grade,
    case_id: String(item.case_id ?? ''),
    subject: String(item.subject ?? ''),
    nodes: Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'string') : [],
    confidence: Number(item.confidence ?? 0),
    why: String(item.why ?? ''),
    ...(typeof sanction_id === 'string' ? { sanction_id } : {}),
    at,
    ...(typeof done === 'number' ? { done } : {}),
    record: String(item.record ?? ''),
  };
}

/** Whether there is nothing left to do for whoever plans it again. */
export const isSettled = ({ status }: Healing): boolean => status === 'executed' || status === 'undone';
