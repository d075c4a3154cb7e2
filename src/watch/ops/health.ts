/**
 * Health: named checks, each with a deadline, run together. A check that throws or is late is unhealthy; it
 * never takes the answer down with it. Liveness depends on nothing at all, by not being here.
 */
import type { Clock } from '../../ports.ts';

/** The better first. */
export const HEALTH_STATES = ['healthy', 'degraded', 'unhealthy'] as const;
export type Status = (typeof HEALTH_STATES)[number];
export type Details = Readonly<Record<string, string | number | boolean | null>>;

export interface HealthFinding {
  readonly status: Status;
  readonly details: Details;
}

export interface HealthCheck {
  readonly name: string;
  /** Without it no request can be governed: unhealthy here means not ready. Else it degrades at most. */
  readonly required: boolean;
  run(): Promise<HealthFinding>;
}

export interface CheckReport {
  readonly name: string;
  readonly status: Status;
  readonly details: Details & { readonly latency_ms: number };
}

export interface HealthReport {
  readonly status: Status;
  /** RFC 3339 UTC. */
  readonly timestamp: string;
  readonly checks: readonly CheckReport[];
}

export interface HealthDeps {
  readonly checks: readonly HealthCheck[];
  readonly clock: Clock;
  /** Resolves after so many milliseconds: the deadline of a check. */
  readonly after: (ms: number) => Promise<void>;
  readonly deadline_ms?: number;
  /** Answers are kept this long, so that anonymous callers cannot load the store through /health. */
  readonly keep_ms?: number;
}

export interface Health {
  /** All checks. */
  report(): Promise<HealthReport>;
  /** The required ones: may traffic come? */
  ready(): Promise<HealthReport>;
}

export function createHealth(deps: HealthDeps): Health {
  const { clock, checks } = deps;
  const keep = deps.keep_ms ?? 1_000;

  const run = async (selected: readonly HealthCheck[]): Promise<HealthReport> => {
    const reports = await Promise.all(selected.map((check) => runCheck(deps, check)));
    return { status: worst(reports), timestamp: new Date(clock()).toISOString(), checks: reports };
  };
  return {
    report: kept(() => run(checks), keep, clock),
    ready: kept(() => run(checks.filter((check) => check.required)), keep, clock),
  };
}

async function runCheck(deps: HealthDeps, check: HealthCheck): Promise<CheckReport> {
  const deadline = deps.deadline_ms ?? 2_000;
  const began = deps.clock();
  const late = deps
    .after(deadline)
    .then(
      (): HealthFinding => ({ status: 'unhealthy', details: { error: `no answer within ${deadline} ms` } }),
    );
  const finding = await Promise.race([attempt(check), late]);
  const status = finding.status === 'unhealthy' && !check.required ? 'degraded' : finding.status;
  return {
    name: check.name,
    status,
    details: { latency_ms: Math.max(0, deps.clock() - began), ...finding.details },
  };
}

/** The message of an error stays inside: it may name hosts, paths or keys, and /health is public. */
async function attempt(check: HealthCheck): Promise<HealthFinding> {
  try {
    return await check.run();
  } catch (error) {
    return { status: 'unhealthy', details: { error: error instanceof Error ? error.name : 'unknown' } };
  }
}

const worst = (reports: readonly CheckReport[]): Status =>
  reports.reduce<Status>(
    (status, report) =>
      HEALTH_STATES.indexOf(report.status) > HEALTH_STATES.indexOf(status) ? report.status : status,
    'healthy',
  );

/** One run serves everyone who asks while it runs and shortly after. */
function kept<T>(work: () => Promise<T>, keep: number, clock: Clock): () => Promise<T> {
  let held: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (held === undefined || clock() - held.at >= keep) held = { at: clock(), value: work() };
    return held.value;
  };
}
