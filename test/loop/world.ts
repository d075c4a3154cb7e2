/** What tests of the loop see and are set to. */
import type { HealingSettings } from '../../src/loop/plan.ts';
import type { Seen } from '../../src/loop/seen.ts';

/** As the shipped charter has them. */
export const HEALING: HealingSettings = {
  mode: 'enforce',
  confidence_floor: 0.6,
  max_plans: 5,
  blast_radius: 5,
  retries: 3,
  actions: {
    WARNING: 'log_and_monitor',
    SUSPENSION: 'quarantine_network',
    BAN: 'remove_from_cluster',
    CRIMINAL: 'escalate_to_committee',
  },
};

let records = 0;

/** One violation, each with a record of its own. */
export const seen = (given: Partial<Seen> = {}): Seen => ({
  record: `1.${records++}`,
  at: 0,
  trace: 'a'.repeat(32),
  node: 'node-1',
  metric: 'user_location',
  case_id: 'vio_1',
  severity: 'SUSPENSION',
  basis: 'observed',
  accused: 'accused-1',
  reporter: '',
  moves: true,
  ...given,
});
