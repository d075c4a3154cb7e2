/**
 * The canary: a caller like any other that asks for one governed decision on a schedule. It shows that the whole
 * way works when nobody else calls, so that silence can be told from an outage.
 */
import type { Clock, Log, Meter } from '../../ports.ts';

export interface CanaryDeps {
  /** Goes the whole way from token to answer. Throws, or says what was not as it should be. */
  readonly attempt: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly detail: string }>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/** One run; never throws: a failed run is a counted result. */
export async function runCanary(deps: CanaryDeps): Promise<boolean> {
  const failed = (detail: string): false => {
    deps.meter.count('canary_runs_total', { result: 'failure' });
    deps.log.write('warn', 'canary', 'the canary did not get its decision', { detail });
    return false;
  };
  try {
    const result = await deps.attempt();
    if (!result.ok) return failed(result.detail);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  deps.meter.count('canary_runs_total', { result: 'success' });
  deps.meter.set('canary_last_success_timestamp_seconds', {}, deps.clock() / 1000);
  return true;
}

/** What it asks: a dry run at the lowest risk, which has no effect but its record. */
export const CANARY_REQUEST = {
  workflow_name: 'compliance-report',
  drag_mode: 'grunt',
  aim: {
    actor: { name: 'Chancery Canary' },
    input: { sources: [{ type: 'schedule', description: 'the canary’s own schedule' }] },
    mission: { objective: 'Show that governed decisions are made', success_criteria: ['a decision is made'] },
  },
  parameters: {},
  options: { mode: 'dry_run' },
} as const;
