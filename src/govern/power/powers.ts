/**
 * Which items of working state give power, by which attributes, and what each of them must say. What an item must say
 * follows from records alone (heard.ts): one that says something else was written by somebody who may not.
 */
import { DRAFTS } from '../../charter/drafts.ts';
import { CHARTER } from '../../charter/store.ts';
import { EMERGENCY } from '../../decision/emergency.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Attributes } from '../../ports.ts';
import { SANCTION_KINDS } from '../../terms.ts';
import { MISSION_BEARS, MISSIONS } from '../../tools/mission.ts';
import { REVIEWS } from '../../tools/reviews.ts';
import { CASE_BEARS, CASES } from '../cases/case.ts';
import { HEALING_BEARS, HEALINGS } from '../healing.ts';
import { OVERRIDE_BEARS, OVERRIDES } from '../overrides/override.ts';
import { SANCTION_BEARS, SANCTIONS } from '../sanctions/sanction.ts';

/** What an item gives: the name by which it is called when somebody tampers with it. */
export type PowerKind =
  | 'charter_in_force'
  | 'charter_bundle'
  | 'charter_votes'
  | 'emergency'
  | 'approval'
  /** What holds a principal, on its standing. */
  | 'sanction'
  /** One sanction of those, with its cause. */
  | 'sanction_entry'
  | 'case'
  | 'override'
  /** What the loop did about somebody. */
  | 'healing'
  | 'revocation'
  | 'hold'
  | 'acknowledgement'
  | 'capability_use'
  | 'mission'
  | 'tool_review';

export interface Power {
  readonly kind: PowerKind;
  readonly pk: string;
  readonly sk: string;
  /** Of the attributes that the kind bears (`BEARS`), those that the item must have. */
  readonly must: Attributes;
  /** What the records say besides, for making the item anew. */
  readonly rest?: Attributes;
  /** Id of the newest record behind it. */
  readonly record: string;
  /** Milliseconds: the item may be gone after this. */
  readonly until?: number;
}

/** Takes one more record, of one type. */
export type Hear = (powers: Powers, record: LedgerRecord, id: string, hash: string) => void;

const STANDING = SANCTION_KINDS.flatMap((kind) => [`s_${kind}`, `s_${kind}_w`]);

/** The attributes by which an item of each kind gives power. */
export const BEARS: Readonly<Record<PowerKind, readonly string[]>> = {
  charter_in_force: ['digest', 'charter_version', 'activated_at', 'record', 'how', 'earlier'],
  charter_bundle: [],
  charter_votes: [
    'digest',
    'name',
    'charter_version',
    'drafted_by',
    'drafted_at',
    'record',
    'votes',
    'replay_record',
    'replay_digest',
  ],
  emergency: ['stopped', 'since', 'until', 'releases', 'record'],
  approval: ['record'],
  sanction: STANDING,
  sanction_entry: SANCTION_BEARS,
  case: CASE_BEARS,
  override: OVERRIDE_BEARS,
  healing: HEALING_BEARS,
  revocation: ['subject', 'reason', 'status', 'record', 'asked_by', 'confirmed'],
  hold: ['hold_id', 'reason', 'placed_at', 'subject', 'from', 'to', 'record'],
  acknowledgement: ['acknowledged_record'],
  capability_use: [],
  mission: MISSION_BEARS,
  tool_review: ['record'],
};

/** Counts that are taken before they are recorded: an item may say more than the records, never less. */
export const AT_LEAST: ReadonlySet<string> = new Set<(typeof MISSION_BEARS)[number]>(['calls']);

/** Kinds whose items also serve something else: without power they stay. The others are nothing but power. */
export const SHARED: ReadonlySet<PowerKind> = new Set(['emergency', 'sanction', 'acknowledgement']);

/** The kind of an item by its key; undefined for what gives no power. */
export function kindOf(pk: string, sk: string): PowerKind | undefined {
  if (pk === CHARTER.pk) {
    if (sk === CHARTER.sk) return 'charter_in_force';
    return sk.startsWith('bundle#') ? 'charter_bundle' : undefined;
  }
  if (pk === EMERGENCY.pk) return sk === EMERGENCY.sk ? 'emergency' : undefined;
  if (pk.startsWith(MISSIONS)) return 'mission';
  if (pk.startsWith('PRINCIPAL#')) return sk === 'standing' ? 'sanction' : undefined;
  return PARTITIONS[pk];
}

const PARTITIONS: Readonly<Record<string, PowerKind>> = {
  [DRAFTS]: 'charter_votes',
  APPROVALS: 'approval',
  [SANCTIONS]: 'sanction_entry',
  [CASES]: 'case',
  [OVERRIDES]: 'override',
  [HEALINGS]: 'healing',
  REVOCATIONS: 'revocation',
  HOLDS: 'hold',
  ALERTS: 'acknowledgement',
  CAPABILITY: 'capability_use',
  [REVIEWS]: 'tool_review',
};

/** Partitions that hold nothing but power, where an item that no record knows can be found by listing them. */
export const LISTED: readonly string[] = [CHARTER.pk, EMERGENCY.pk, ...Object.keys(PARTITIONS)];

/** How partitions begin of which there is one for each principal. */
export const PREFIXED: readonly string[] = [MISSIONS, 'PRINCIPAL#'];

/** Whether a whole partition is power: one of a principal's missions is looked into by whoever reads it. */
export const isListed = (pk: string): boolean => LISTED.includes(pk) || pk.startsWith(MISSIONS);

export class Powers {
  /** By partition and place within it. */
  readonly #powers = new Map<string, Map<string, Power>>();

  get(pk: string, sk: string): Power | undefined {
    return this.#powers.get(pk)?.get(sk);
  }

  /** Those of one partition. */
  of(pk: string): Power[] {
    return [...(this.#powers.get(pk)?.values() ?? [])];
  }

  *all(): Generator<Power> {
    for (const partition of this.#powers.values()) yield* partition.values();
  }

  /** Forgets what may be gone. @param now milliseconds */
  prune(now: number): void {
    for (const { pk, sk, until } of this.all()) if (until !== undefined && until <= now) this.drop(pk, sk);
  }

  set(power: Power): void {
    const partition = this.#powers.get(power.pk) ?? new Map<string, Power>();
    this.#powers.set(power.pk, partition.set(power.sk, power));
  }

  drop(pk: string, sk: string): void {
    const partition = this.#powers.get(pk);
    if (partition?.delete(sk) === true && partition.size === 0) this.#powers.delete(pk);
  }
}
