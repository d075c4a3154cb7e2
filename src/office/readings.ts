/** Gauges that are worked out when somebody looks: what is in force, who is there, what is running. */

import { quotaKey, usage } from '../charter/limits.ts';
import { reading } from '../watch/metrics/exposition.ts';
import type { Reading } from '../watch/metrics/render.ts';
import type { OpenOffice } from './office.ts';

/** Edition of the requirements that this code meets. */
export const SPEC = '2026-11';

export interface Build {
  readonly version: string;
  readonly commit: string;
  /** Edition of the requirements that the build meets. */
  readonly spec: string;
  /** Milliseconds since the epoch. */
  readonly started_at: number;
  /** Open connections to the store; undefined where the client keeps them to itself. */
  readonly store_connections?: number;
}

/** What any process can say that has the charter and the workflows. */
export function readingsOf(
  office: Pick<OpenOffice, 'charterWatch' | 'workflows'>,
  { version, commit, spec, started_at, store_connections }: Build,
): readonly Reading[] {
  const charter = office.charterWatch.last();
  return [
    reading('build_info', { version, commit, spec }, 1),
    reading('service_start_time_seconds', {}, started_at / 1000),
    reading('charter_info', { version: charter.version, digest: charter.digest }, 1),
    reading('charter_policies', {}, charter.policies.length),
    reading('charter_committee_size', {}, charter.documents['charter.yaml'].committee.size),
    ...(store_connections === undefined
      ? []
      : [reading('store_connections', { state: 'open' }, store_connections)]),
    ...office.workflows.all.map(({ name, sensitivity }) =>
      reading('workflow_info', { workflow: name, sensitivity }, 1),
    ),
  ];
}

/** Who is there: only for a process that answers every request itself. */
export const presence = ({ concentration, sessions }: Pick<OpenOffice, 'concentration' | 'sessions'>) => [
  reading('actor_concentration_ratio', {}, concentration.ratio()),
  reading('active_sessions', {}, sessions.active()),
];

/** What is used of quotas and budgets, one read for each workflow that has any; and how sensitive tools are. */
export async function charterReadings({
  charterWatch,
  table,
  clock,
}: Pick<OpenOffice, 'charterWatch' | 'table' | 'clock'>): Promise<Reading[]> {
  const charter = charterWatch.last();
  const { quotas, budgets } = charter.documents['limits.yaml'];
  const limited = [...new Set([...quotas, ...budgets].map(({ workflow }) => workflow))];
  const used = await Promise.all(
    limited.map(async (workflow) => {
      const { pk, sk } = quotaKey(workflow);
      const item = (await table.get(pk, sk)) ?? { pk, sk };
      const { quota, budget } = usage(charter, workflow, item, clock());
      return [
        ...(quota === undefined ? [] : [reading('quota_used_ratio', { workflow }, quota)]),
        ...(budget === undefined ? [] : [reading('budget_spent_ratio', { workflow }, budget)]),
        ...budgets
          .filter((rule) => rule.workflow === workflow)
          .map(({ warn_at }) => reading('budget_warning_ratio', { workflow }, warn_at)),
      ];
    }),
  );
  const tools = charter.documents['gateway.yaml'].tools;
  return [
    ...used.flat(),
    ...tools.map(({ id, sensitivity }) => reading('tool_info', { tool: id, sensitivity }, 1)),
  ];
}
