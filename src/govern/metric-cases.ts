/**
 * Governed collection of metrics: judge a sample, keep the case of a forbidden one, record the attempt. One
 * record an attempt, with its violation in it.
 *
 * A case is one item per metric and source, changed by conditional writes; in one process the attempts on it are
 * taken one after the other, so that a burst costs one write each and no lost races.
 */

import { createHash } from 'node:crypto';
import type { Charter } from '../charter/charter.ts';
import { isWithin, judgeSample, type SampleJudgement, severityOfAttempts } from '../charter/collection.ts';
import { ChanceryError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';
import { SEVERITIES, type Severity } from '../terms.ts';

export interface CollectionDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly charter: () => Promise<Charter>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Monotonic nanoseconds. */
  readonly nanos: () => number;
}

export interface CaseMove {
  readonly id: string;
  readonly severity: Severity;
  readonly attempts: number;
  readonly change?: 'opened' | 'raised';
  readonly from?: Severity;
}

export interface Collected extends SampleJudgement {
  readonly latency_ns: number;
  readonly case?: CaseMove;
  readonly receipt: Receipt;
}

export interface Collection {
  /** Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then the sample must not be collected. */
  submit(
    sample: Json,
    by: { readonly who: PrincipalId; readonly trace: string; readonly meta?: NewRecord['meta'] },
  ): Promise<Collected>;
}

const TRIES = 8;

export function createCollection(deps: CollectionDeps): Collection {
  const { table, ledger, clock, ids, nanos } = deps;
  /** The end of the queue of each case that is being changed. */
  const queues = new Map<string, Promise<unknown>>();

  /** One after the other per key; a failure does not stop those behind it. */
  function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    queues.set(key, mine);
    const done = () => {
      if (queues.get(key) === mine) queues.delete(key);
    };
    mine.then(done, done);
    return mine;
  }

  async function move(
    charter: Charter,
    { metric_name, source }: SampleJudgement['sample'],
    now: number,
  ): Promise<CaseMove> {
    const pk = `CASE#${metric_name}`;
    const sk = createHash('sha256').update(source).digest('hex');
    const { ladder, case_window } = charter.documents['metrics.yaml'];
    const keep = Math.max(1, ...ladder.steps.map(({ attempts }) => attempts));
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const stored = await table.get(pk, sk);
      const version = typeof stored?.version === 'number' ? stored.version : undefined;
      const before = openCase(stored, now, case_window);
      // Attempts run on across cases: a new hour does not forgive the last minute.
      const times = [...timesOf(stored), now].slice(-keep);
      const reached = severityOfAttempts(charter, times, now);
      const severity = before === undefined ? reached : worse(before.severity, reached);
      const id = before?.id ?? ids('vio');
      const attempts = (before?.attempts ?? 0) + 1;
      const item: Item = {
        pk,
        sk,
        case_id: id,
        metric_name,
        opened_at: before?.opened_at ?? now,
        severity,
        attempts,
        times: times.filter((time) => isWithin(time, now, ladder.window)),
        version: (version ?? 0) + 1,
        expires: Math.floor(now / 1000) + case_window + ladder.window,
      };
      const written = await table.put(item, version === undefined ? 'absent' : { version });
      if (!written.stored) continue;
      if (before === undefined) return { id, severity, attempts, change: 'opened' };
      return severity === before.severity
        ? { id, severity, attempts }
        : { id, severity, attempts, change: 'raised', from: before.severity };
    }
    throw new ChanceryError(
      'STORE_UNAVAILABLE',
      'The case of this metric is being changed by others; try again.',
    );
  }

  return {
    async submit(sample, by) {
      const began = nanos();
      const charter = await deps.charter();
      const now = clock();
      const judged = judgeSample(charter, sample, now);
      const forbidden = judged.reason === 'FORBIDDEN';
      const key = `${judged.sample.metric_name}\0${judged.sample.source}`;
      const latency_ns = Math.max(0, Math.round(nanos() - began));
      const moved = forbidden ? await inTurn(key, () => move(charter, judged.sample, clock())) : undefined;
      const receipt = await ledger.append(recordOf(judged, by, charter, latency_ns, moved));
      return { ...judged, latency_ns, receipt, ...(moved ? { case: moved } : {}) };
    },
  };
}

function recordOf(
  judged: SampleJudgement,
  by: { readonly who: PrincipalId; readonly trace: string; readonly meta?: NewRecord['meta'] },
  charter: Charter,
  latency_ns: number,
  moved: CaseMove | undefined,
): NewRecord {
  const { metric_name, source } = judged.sample;
  const blocked: JsonObject =
    judged.enforcement_action === 'BLOCK'
      ? { status: moved === undefined ? 'not_whitelisted' : 'blocked' }
      : {};
  const violation: JsonObject =
    moved === undefined
      ? {}
      : {
          violation_id: moved.id,
          violation: {
            severity: moved.severity,
            violation_type: 'silent_collection',
            node_or_service: source,
          },
          case: { ...moved },
          priority: judged.priority ?? 'high',
        };
  return {
    type: TYPES[judged.enforcement_action],
    trace: by.trace,
    who: by.who,
    meta: { charter: charter.digest, ...by.meta },
    data: { metric_name, source, reason: judged.reason, latency_ns, ...blocked, ...violation },
  };
}

const TYPES = { ALLOW: 'metric.allowed', REJECT: 'metric.rejected', BLOCK: 'metric.blocked' } as const;

interface OpenCase {
  readonly id: string;
  readonly severity: Severity;
  readonly opened_at: number;
  readonly attempts: number;
}

/** The case that is open now: opened less than a case window ago. */
function openCase(stored: Item | undefined, now: number, window: number): OpenCase | undefined {
  if (stored === undefined) return undefined;
  const { case_id, opened_at, attempts } = stored;
  const severity = SEVERITIES.find((known) => known === stored.severity);
  if (
    typeof case_id !== 'string' ||
    typeof opened_at !== 'number' ||
    typeof attempts !== 'number' ||
    severity === undefined
  ) {
    return undefined;
  }
  return now - opened_at < window * 1000 ? { id: case_id, severity, opened_at, attempts } : undefined;
}

function timesOf(stored: Item | undefined): number[] {
  return Array.isArray(stored?.times) ? stored.times.filter((time) => typeof time === 'number') : [];
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b;
}
