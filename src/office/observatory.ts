/** What watches the office: the projector that folds its records, what a scrape sees, and the health checks. */
import { isCedarWorking } from '../charter/cedar.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Blobs, Clock, Table } from '../ports.ts';
import {
  createExposition,
  type Exposition,
  type ExpositionDeps,
  reading,
} from '../watch/metrics/exposition.ts';
import { createProjector, type Projector } from '../watch/metrics/project.ts';
import type { Reading } from '../watch/metrics/render.ts';
import { type Tail, tailOf } from '../watch/metrics/tail.ts';
import { unprunedTail } from '../watch/metrics/unpruned.ts';
import { createDriftCheck } from '../watch/metrics/verify.ts';
import { createObjectives, figuresOf, type Objectives } from '../watch/objectives.ts';
import {
  cachesCheck,
  charterCheck,
  checkpointCheck,
  engineCheck,
  jwksCheck,
  ledgerCheck,
  projectionCheck,
  storeCheck,
} from '../watch/ops/checks.ts';
import { createHealth, type Health, type HealthCheck } from '../watch/ops/health.ts';
import { createHistory } from '../watch/slo/history.ts';
import type { OpenOffice } from './office.ts';

export interface ObservatoryDeps {
  readonly office: Pick<OpenOffice, 'lane' | 'charterWatch' | 'workflows'>;
  readonly authenticator: Authenticator;
  readonly ledgerTable: Table;
  /** How what is counted is read; by default from the table. */
  readonly tail?: Tail;
  /** Where the log is published: records that were pruned from the table are replayed from there. */
  readonly log?: Pick<Blobs, 'get'>;
  readonly state: Table;
  readonly clock: Clock;
  readonly after: (ms: number) => Promise<void>;
  readonly mode: ExpositionDeps['mode'];
  readonly readings: () => Promise<readonly Reading[]>;
  /** Proves that the store would take a write; throws when it would not. */
  readonly probe: () => Promise<unknown>;
  /** What stands against appending, in words. */
  readonly finding: () => string | undefined | Promise<string | undefined>;
  readonly further: readonly HealthCheck[];
  /** The newest checkpoint as a signed note, once sealing runs. */
  readonly checkpoint?: () => Promise<string | undefined>;
}

export interface Observatory {
  readonly projector: Projector;
  readonly exposition: Exposition;
  readonly objectives: Objectives;
  readonly health: Health;
  /**
   * Replays the ledger, compares, and shows the result as `metrics_ledger_drift` from then on. In bites, so that a
   * long ledger costs an idle process little: to be called every few seconds.
   */
  checkDrift(): Promise<void>;
}

/** A comparison holds so long. */
const DRIFT_MS = 300_000;
/** Records that are replayed in one bite, of each ten seconds: a third of a hundredth of a processor. */
const DRIFT_RECORDS = 1_500;

export function openObservatory(deps: ObservatoryDeps): Observatory {
  const { office, clock } = deps;
  const projector = createProjector({
    table: deps.state,
    tail: deps.tail ?? tailOf(deps.ledgerTable),
    clock,
    wait: deps.after,
    breathe: () => deps.after(0),
  });
  const health = createHealth({
    clock,
    after: deps.after,
    checks: [
      storeCheck(deps.probe),
      ledgerCheck(async () => ({ ...office.lane.head(), finding: await deps.finding() })),
      charterCheck(async () => {
        const { version, digest, policies } = office.charterWatch.last();
        return {
          version,
          digest,
          policies_loaded: policies.length,
          checked_at: office.charterWatch.checkedAt(),
          engine: isCedarWorking(),
        };
      }, clock),
      engineCheck(async () => ({ workflows: office.workflows.all.length })),
      jwksCheck(async () => {
        return { issuers: deps.authenticator.keyAges().length, usable: usableKeys() };
      }),
      cachesCheck(() => caches()),
      projectionCheck(async () => projector.lag()),
      checkpointCheck(() => newestCheckpoint(), clock),
      ...deps.further,
    ],
  });
  /** Unknown until it was looked for: nought would claim that somebody did. */
  let drift: number | undefined;
  const exposition = createExposition({
    projector,
    clock,
    readings: async () => [
      ...(await deps.readings()),
      ...(drift === undefined ? [] : [reading('metrics_ledger_drift', {}, drift)]),
    ],
    mode: deps.mode,
  });

  function usableKeys(): number {
    return deps.authenticator.keyAges().filter(({ age_ms }) => age_ms !== undefined).length;
  }

  function caches(): { hits: number; misses: number } {
    const figures = figuresOf(projector.state());
    return {
      hits: figures.counter('cache_hits_total', {}),
      misses: figures.counter('cache_misses_total', {}),
    };
  }

  async function newestCheckpoint() {
    const { state, readings } = await exposition.snapshot();
    const figures = figuresOf(state, readings);
    const at = figures.gauge('ledger_checkpoint_timestamp_seconds');
    if (at === undefined) return undefined;
    return {
      age_seconds: Math.max(0, Math.round(clock() / 1000 - at)),
      tree_size: figures.gauge('ledger_tree_size') ?? 0,
      unsealed: figures.gauge('ledger_unsealed_entries') ?? 0,
    };
  }

  const driftCheck = createDriftCheck({
    table: deps.state,
    tail: deps.log === undefined ? tailOf(deps.ledgerTable) : unprunedTail(deps.ledgerTable, deps.log),
    breathe: () => deps.after(0),
  });
  let checkedAt = Number.NEGATIVE_INFINITY;
  let head = { lane: 0, seq: 0 };

  /** What this process wrote since it was last asked: a replay that is slower than it would never come to an end. */
  function written(): number {
    const now = office.lane.head();
    const since = now.seq - (now.lane === head.lane ? head.seq : 0);
    head = now;
    return since;
  }

  async function checkDrift(): Promise<void> {
    if (clock() - checkedAt < DRIFT_MS) return;
    const verdict = await driftCheck.check(DRIFT_RECORDS + 2 * written());
    if (verdict === undefined) return;
    [drift, checkedAt] = [verdict.drift, clock()];
  }

  const objectives = createObjectives({
    exposition,
    history: createHistory(deps.state),
    clock,
    checkpoint: deps.checkpoint ?? (async () => undefined),
  });
  return { projector, exposition, objectives, health, checkDrift };
}
