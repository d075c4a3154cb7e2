/**
 * What the loop can do, and nothing else: no action changes a charter, a limit, a stop, a vote or a record, so none can
 * weaken governance. Each is undone by `restore`.
 */
import type { HealingAction } from '../govern/healing.ts';
import { HEALING_ACTIONS, SEVERITIES, type Severity } from '../terms.ts';

/** Those that a severity can have; `restore` undoes. */
export type Remedy = Exclude<HealingAction, 'restore'>;

interface Effect {
  /** What it takes from those whom it touches, 0 to 1. */
  readonly cost: number;
  /** Whether somebody is put under a sanction by it: then it counts towards the blast radius. */
  readonly touches: boolean;
}

export const EFFECTS: Readonly<Record<Remedy, Effect>> = {
  log_and_monitor: { cost: 0.05, touches: false },
  quarantine_network: { cost: 0.2, touches: true },
  remove_from_cluster: { cost: 0.3, touches: true },
  // The committee decides; until then a provisional quarantine.
  escalate_to_committee: { cost: 0.1, touches: true },
};

/** What is gained by acting on each severity, before confidence. */
const GAIN: Readonly<Record<Severity, number>> = { WARNING: 0.3, SUSPENSION: 0.7, BAN: 0.9, CRIMINAL: 1 };

/** Gain by confidence, less the cost: what is worth most is done first. */
export const worth = (action: Remedy, severity: Severity, confidence: number): number =>
  GAIN[severity] * confidence - EFFECTS[action].cost;

/** Undefined for a word that is none of ours. */
export const remedyOf = (word: string): Remedy | undefined =>
  HEALING_ACTIONS.find((known): known is Remedy => known === word && known !== 'restore');

export const isWorse = (one: Severity, other: Severity): boolean =>
  SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other);
