/** The checks of health, each from the one question that it asks of its dependency. */
import type { Clock } from '../../ports.ts';
import type { Details, HealthCheck, HealthFinding, Status } from './health.ts';

const found = (status: Status, details: Details = {}): HealthFinding => ({ status, details });
const check = (name: string, required: boolean, run: () => Promise<HealthFinding>): HealthCheck => ({
  name,
  required,
  run,
});

/** `probe` goes all the way to the store, and where a disk can be full it writes: that can often still be read. */
export const storeCheck = (probe: () => Promise<unknown>): HealthCheck =>
  check('store', true, async () => {
    await probe();
    return found('healthy');
  });

interface Head {
  readonly lane: number;
  readonly seq: number;
  /** When appends began to fail; null while they work. */
  readonly failing_since: number | null;
  /** What stands against appending: a finding of the start check, of sealing, of the patrol. */
  readonly finding: string | undefined;
}

export const ledgerCheck = (head: () => Head | Promise<Head>): HealthCheck =>
  check('ledger', true, async () => {
    const { lane, seq, failing_since, finding } = await head();
    const details = { lane, seq, verified: finding === undefined };
    if (finding !== undefined) return found('unhealthy', { ...details, finding });
    return failing_since === null
      ? found('healthy', details)
      : found('unhealthy', { ...details, reason: 'appends are failing' });
  });

/** Age of the newest checkpoint; a ledger with nothing to seal needs none, and a new one comes to its first by and by. */
export const checkpointCheck = (
  newest: () => Promise<{ age_seconds: number; tree_size: number; unsealed: number } | undefined>,
  clock: Clock,
  limit_seconds = 60,
): HealthCheck => {
  const began = clock();
  return check('checkpoint', false, async () => {
    const state = await newest();
    if (state === undefined) {
      const late = clock() - began > limit_seconds * 1_000;
      return found(late ? 'degraded' : 'healthy', { reason: 'no checkpoint yet' });
    }
    const late = state.unsealed > 0 && state.age_seconds > limit_seconds;
    return found(late ? 'degraded' : 'healthy', { ...state });
  });
};

interface Charter {
  readonly version: string;
  readonly digest: string;
  readonly policies_loaded: number;
  /** When it was last compared with the store; undefined before the first time. */
  readonly checked_at: number | undefined;
  /** Whether there is a policy engine that answers. */
  readonly engine: boolean;
}

export const charterCheck = (charter: () => Promise<Charter | undefined>, clock: Clock): HealthCheck =>
  check('charter', true, async () => {
    const active = await charter();
    if (active === undefined)
      return found('unhealthy', { policies_loaded: 0, reason: 'no charter is in force' });
    const { version, digest, policies_loaded, checked_at, engine } = active;
    const age_seconds = checked_at === undefined ? 0 : Math.max(0, Math.round((clock() - checked_at) / 1000));
    const details = { version, digest, policies_loaded, age_seconds };
    if (!engine) return found('unhealthy', { ...details, reason: 'the policy engine ended' });
    return age_seconds > 86_400
      ? found('degraded', { ...details, reason: 'not checked for a day' })
      : found('healthy', details);
  });

export const engineCheck = (probe: () => Promise<{ workflows: number }>): HealthCheck =>
  check('workflow_engine', true, async () => {
    const { workflows } = await probe();
    return found(workflows > 0 ? 'healthy' : 'unhealthy', { workflows });
  });

/** `issuers` without a usable key cannot be authenticated against. */
export const jwksCheck = (keys: () => Promise<{ issuers: number; usable: number }>): HealthCheck =>
  check('jwks', true, async () => {
    const { issuers, usable } = await keys();
    const status = usable === issuers && issuers > 0 ? 'healthy' : usable > 0 ? 'degraded' : 'unhealthy';
    return found(status, { issuers, usable });
  });

/** So many look-ups tell of a cache that is too small; fewer may be a cold one, or a day on which everybody asked once. */
const CACHES_WARM_LOOKUPS = 10_000;

/** A cache that misses most of the time costs, but harms nobody; the alert on the hit rate looks at ten minutes. */
export const cachesCheck = (figures: () => { hits: number; misses: number }): HealthCheck =>
  check('caches', false, async () => {
    const { hits, misses } = figures();
    const lookups = hits + misses;
    const hit_rate = lookups === 0 ? 1 : Math.round((hits / lookups) * 1000) / 1000;
    return found(lookups >= CACHES_WARM_LOOKUPS && hit_rate < 0.5 ? 'degraded' : 'healthy', {
      hit_rate,
      lookups,
    });
  });

/** An optional part: off is healthy, on must work. */
export const optionalCheck = (
  name: 'siem_export' | 'notifier',
  probe: () => Promise<{ enabled: boolean; failing: boolean; lag_seconds?: number }>,
): HealthCheck =>
  check(name, false, async () => {
    const { enabled, failing, lag_seconds } = await probe();
    const details = { enabled, ...(lag_seconds === undefined ? {} : { lag_seconds }) };
    return found(enabled && failing ? 'degraded' : 'healthy', details);
  });

export const projectionCheck = (lag: () => Promise<number>, limit_seconds = 30): HealthCheck =>
  check('projection', false, async () => {
    const lag_seconds = await lag();
    return found(lag_seconds > limit_seconds ? 'degraded' : 'healthy', { lag_seconds });
  });
