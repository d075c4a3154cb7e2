/**
 * How each alert stands: its last step in time, and which steps of it are on record. Messages come twice and in any
 * order (SNS keeps none): what stands is decided by the times that a step names, not by when it was heard.
 */
import * as z from 'zod';
import type { Clock, Item, Table } from '../../../ports.ts';
import type { AlertInstance } from './notice.ts';
import type { Evidence } from './slack.ts';

/** A step that stands in the ledger and in the state; `order` counts the changes of one alert. */
export interface StepOnRecord {
  readonly evidence: Evidence;
  readonly order: number;
}

/**
 * What a step is beside what stands.
 * - `news`: the later of the two.
 * - `same`: the one that stands.
 * - `standing`: an earlier beginning of what fires now; telling it again tells nothing wrong.
 * - `passed`: it is over, or was before what fires now; it is recorded, and nobody is told.
 */
export type StepPlace = 'news' | 'same' | 'standing' | 'passed';

export interface Standings {
  get(fingerprint: string): Promise<Item | undefined>;
  /** One page in order of fingerprints. */
  list(limit: number, after?: string): Promise<{ readonly items: readonly Item[]; readonly next?: string }>;
  /** Against races: stores the step if it is news when it is stored, else that it is on record. */
  note(alert: AlertInstance, evidence: Evidence, told: readonly string[]): Promise<StepOnRecord | undefined>;
  /** By the record of this id. Undefined when it no longer fires. */
  acknowledge(fingerprint: string, by: string, record: string): Promise<Item | undefined>;
}

const PARTITION = 'ALERTS';
/** Resolved alerts are kept a week beside their records; where the store has expiry, it removes them then. */
const REMEMBERED_S = 7 * 86_400;
const STEPS_KEPT = 20;
/**
 * A beginning that is heard so long after its own end is no straggler: Alertmanager lost sight of Prometheus, called
 * the alert over, and found that it had fired all along.
 */
export const LATE_MS = 15 * 60_000;

const text = (item: Item, name: string): string => String(item[name] ?? '');
export const stepOf = (alert: AlertInstance): string => `${alert.status} ${alert.starts_at}`;
export const evidenceOf = (item: Item): Evidence => JSON.parse(text(item, 'evidence'));
export const alertOf = (item: Item): AlertInstance => JSON.parse(text(item, 'alert'));
export const toldOf = (item: Item): string[] => strings.parse(JSON.parse(text(item, 'told')));
const strings = z.array(z.string());
const stepsOf = (item: Item): string[] => strings.parse(JSON.parse(text(item, 'steps') || '[]'));

export const isRecorded = (there: Item | undefined, alert: AlertInstance): boolean =>
  there !== undefined && stepsOf(there).includes(stepOf(alert));

/** The time that a step speaks of. */
const at = (alert: AlertInstance): number =>
  Date.parse(alert.status === 'resolved' ? (alert.ends_at ?? alert.starts_at) : alert.starts_at);

export function placeOf(alert: AlertInstance, there: Item | undefined, now: number): StepPlace {
  if (there === undefined) return 'news';
  const known = alertOf(there);
  if (stepOf(known) === stepOf(alert)) return 'same';
  const ended = known.status === 'resolved';
  const firing = alert.status === 'firing';
  // An alert may end in the moment in which it began: then its end is the later of the two.
  const earlier = at(alert) < at(known) || (at(alert) === at(known) && ended && firing);
  if (!earlier) return 'news';
  if (!firing) return 'passed';
  if (!ended) return 'standing';
  return now - Number(there.changed_at) > LATE_MS ? 'news' : 'passed';
}

export const writtenOf = (there: Item): StepOnRecord => ({
  evidence: evidenceOf(there),
  order: Number(there.version),
});

export function createStandings({ table, clock }: { table: Table; clock: Clock }): Standings {
  const get = (fingerprint: string) => table.get(PARTITION, fingerprint);

  return {
    get,

    list: (limit, after) => table.query(PARTITION, { limit, ...(after === undefined ? {} : { after }) }),

    async note(alert, evidence, told) {
      for (;;) {
        const there = await get(alert.fingerprint);
        const now = clock();
        const place = placeOf(alert, there, now);
        if (place === 'same' && there !== undefined) return writtenOf(there);
        const version = Number(there?.version ?? 0);
        const next = {
          ...(place === 'news' || there === undefined
            ? {
                pk: PARTITION,
                sk: alert.fingerprint,
                state: alert.status,
                alert: JSON.stringify(alert),
                evidence: JSON.stringify(evidence),
                told: JSON.stringify(told),
                changed_at: now,
                ...(alert.status === 'resolved' ? { expires: Math.ceil(now / 1_000) + REMEMBERED_S } : {}),
              }
            : there),
          steps: JSON.stringify([...(there ? stepsOf(there) : []), stepOf(alert)].slice(-STEPS_KEPT)),
          version: version + 1,
        };
        const { stored } = await table.put(next, there === undefined ? 'absent' : { version });
        if (stored) return place === 'passed' ? undefined : writtenOf(next);
      }
    },

    async acknowledge(fingerprint, by, record) {
      for (;;) {
        const there = await get(fingerprint);
        if (there?.state !== 'firing') return undefined;
        const version = Number(there.version);
        const next = { ...there, version: version + 1, acknowledged_by: by, acknowledged_record: record };
        if ((await table.put(next, { version })).stored) return next;
      }
    },
  };
}
