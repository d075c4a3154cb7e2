/** Gauges that are worked out when somebody looks: what is in force, who is there, what is running. */
import { reading } from './metrics/exposition.ts';
import type { Reading } from './metrics/render.ts';
import type { OpenOffice } from './office.ts';

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

export function readingsOf(
  office: Pick<OpenOffice, 'charterWatch' | 'concentration' | 'sessions' | 'workflows'>,
  { version, commit, spec, started_at, store_connections }: Build,
): readonly Reading[] {
  const charter = office.charterWatch.last();
  return [
    reading('build_info', { version, commit, spec }, 1),
    reading('service_start_time_seconds', {}, started_at / 1000),
    reading('actor_concentration_ratio', {}, office.concentration.ratio()),
    reading('active_sessions', {}, office.sessions.active()),
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
