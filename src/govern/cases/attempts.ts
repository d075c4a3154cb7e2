/**
 * Governed collection of metrics: judge a sample, keep the case of a forbidden one, record the attempt. An attempt is
 * one record with its violation in it; the one that opens a case or raises it says so, and is what justifies the case.
 *
 * What is counted towards the ladder is one item per metric, source and principal, changed by conditional writes: a
 * source is a name that the caller gives, and nobody's attempts weigh on somebody else. In one process the attempts on
 * it are taken one after the other, those that wait together, so that a burst costs one write and no lost races.
 */

import { createHash } from 'node:crypto';
import type { Charter } from '../../charter/charter.ts';
import { isWithin, judgeSample, type SampleJudgement, severityOfAttempts } from '../../charter/collection.ts';
import { ChanceryError, type Reason } from '../../errors.ts';
import type { Marked } from '../../identity/person.ts';
import type { Json, JsonObject } from '../../json.ts';
import { openName, type Veil } from '../../ledger/people/names.ts';
import type { Ledger, NewRecord, Receipt } from '../../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../../ports.ts';
import type { Principal } from '../../terms.ts';
import { SEVERITIES, type Severity } from '../../terms.ts';
import type { Turns } from '../turns.ts';
import { isOpen } from './case.ts';
import type { CaseStore } from './case-store.ts';

export interface CollectionDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly cases: CaseStore;
  readonly marked: (principal: Principal) => Marked;
  /** Sources are names that callers give. */
  readonly veil: Veil;
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

export interface Submitted {
  readonly who: Principal;
  readonly trace: string;
  readonly meta?: NewRecord['meta'];
  /** Why nothing of theirs may be collected; attempts count all the same. */
  readonly sanctioned?: Reason;
}

export interface Collection {
  /** Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then the sample must not be collected. */
  submit(sample: Json, by: Submitted): Promise<Collected>;
}

interface Counted {
  readonly id: string;
  readonly severity: Severity;
  readonly attempts: number;
}

interface Moved {
  readonly move: CaseMove;
  readonly receipt?: Receipt;
}

type RecordOf = (move: CaseMove) => NewRecord;

interface Waiting {
  readonly charter: Charter;
  readonly who: Marked;
  readonly record: RecordOf;
  readonly resolve: (moved: Moved) => void;
  readonly reject: (error: unknown) => void;
}

const TRIES = 8;
/** For so long a process takes a case to be as it last saw it; then it looks whether the committee closed it. */
const SEEN_MS = 5_000;
const MOST_SEEN = 10_000;

export function createCollection(deps: CollectionDeps): Collection {
  const { table, ledger, clock, ids, nanos, cases, turns } = deps;
  /** Attempts that wait for those before them, by what they are counted under. */
  const queues = new Map<string, Waiting[]>();
  /** The severity at which each open case is on record. */
  const seen = new Map<string, { readonly severity: Severity; readonly until: number }>();

  /** Counts so many attempts, in one write. The case is the one that is open for them, or one to be opened. */
  async function count(
    charter: Charter,
    metric_name: string,
    sk: string,
    many: number,
    closed: string | undefined,
  ): Promise<readonly Counted[]> {
    const pk = `CASE#${metric_name}`;
    const now = clock();
    const { ladder, case_window } = charter.documents['metrics.yaml'];
    const keep = Math.max(1, ...ladder.steps.map(({ attempts }) => attempts));
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const stored = await table.get(pk, sk);
      const version = typeof stored?.version === 'number' ? stored.version : undefined;
      const open = openCase(stored, now, case_window);
      const before = open?.id === closed ? undefined : open;
      const id = before?.id ?? ids('vio');
      const counted: Counted[] = [];
      let times = timesOf(stored);
      let severity = before?.severity;
      for (let each = 1; each <= many; each += 1) {
        // Attempts run on across cases: a new hour does not forgive the last minute.
        if (closed === undefined) times = [...times, now].slice(-keep);
        const reached = severityOfAttempts(charter, times, now);
        severity = severity === undefined ? reached : worse(severity, reached);
        counted.push({ id, severity, attempts: (before?.attempts ?? 0) + each });
      }
      const item: Item = {
        pk,
        sk,
        case_id: id,
        metric_name,
        opened_at: before?.opened_at ?? now,
        severity: severity ?? 'WARNING',
        attempts: (before?.attempts ?? 0) + many,
        times: times.filter((time) => isWithin(time, now, ladder.window)),
        version: (version ?? 0) + 1,
        expires: Math.floor(now / 1000) + case_window + ladder.window,
      };
      const written = await table.put(item, version === undefined ? 'absent' : { version });
      if (written.stored) return counted;
    }
    throw new ChanceryError(
      'STORE_UNAVAILABLE',
      'The case of this metric is being changed by others; try again.',
    );
  }

  function see(id: string, severity: Severity): void {
    if (seen.size >= MOST_SEEN) seen.clear();
    seen.set(id, { severity, until: clock() + SEEN_MS });
  }

  /** What an attempt does to its case, with the record where it changes it. Undefined: the committee closed the case. */
  async function move(counted: Counted, who: Marked, record: RecordOf): Promise<Moved | undefined> {
    const known = seen.get(counted.id);
    if (known !== undefined && known.until > clock() && !isWorse(counted.severity, known.severity))
      return { move: { ...counted, severity: known.severity } };
    await cases.index(counted.id, who.by);
    return turns.take(`case ${counted.id}`, cases.settle, async (commit) => {
      const kase = await cases.get(counted.id);
      if (kase !== undefined && !isOpen(kase.status)) return undefined;
      if (kase !== undefined && !isWorse(counted.severity, kase.severity)) {
        see(counted.id, kase.severity);
        return { move: { ...counted, severity: kase.severity } };
      }
      const change: CaseMove =
        kase === undefined
          ? { ...counted, change: 'opened' }
          : { ...counted, change: 'raised', from: kase.severity };
      const receipt = await commit(record(change));
      see(counted.id, counted.severity);
      return { move: change, receipt };
    });
  }

  /** Those that wait are counted together: an array, or a burst, costs one write for all of them. */
  async function countWaiting(key: string, metric_name: string, sk: string, queue: Waiting[]): Promise<void> {
    let waiting: Waiting[] = [];
    let closed: string | undefined;
    try {
      // The rest of an array has not come in yet.
      await Promise.resolve();
      while (queue.length > 0 || waiting.length > 0) {
        waiting.push(...(closed === undefined ? queue.splice(0) : []));
        const [first] = waiting;
        if (first === undefined) break;
        const counted = await count(first.charter, metric_name, sk, waiting.length, closed);
        closed = undefined;
        for (const one of counted) {
          const [next] = waiting;
          const moved = next && (await move(one, next.who, next.record));
          if (moved === undefined) {
            // The committee closed it meanwhile: what goes on is another case.
            closed = one.id;
            break;
          }
          next?.resolve(moved);
          waiting = waiting.slice(1);
        }
      }
      queues.delete(key);
    } catch (error) {
      queues.delete(key);
      for (const { reject } of [...waiting, ...queue]) reject(error);
    }
  }

  /** A forbidden attempt: counted, and on record as what it does to its case. */
  async function attempt(charter: Charter, judged: SampleJudgement, by: Submitted, latency_ns: number) {
    const who = deps.marked(by.who);
    const { metric_name, source } = judged.sample;
    const sk = createHash('sha256').update(`${source}\0${who.by}`).digest('hex');
    const record: RecordOf = (changed) =>
      recordOf(deps.veil, judged, by, charter, latency_ns, { move: changed, accused: who });
    const { move: moved, receipt } = await new Promise<Moved>((resolve, reject) => {
      const one = { charter, who, record, resolve, reject };
      const key = `${metric_name}\0${sk}`;
      const queue = queues.get(key);
      if (queue !== undefined) queue.push(one);
      else {
        const own = [one];
        queues.set(key, own);
        void countWaiting(key, metric_name, sk, own);
      }
    });
    return { case: moved, receipt: receipt ?? (await ledger.append(record(moved))) };
  }

  return {
    async submit(sample, by) {
      const began = nanos();
      const charter = await deps.charter();
      const judged = withSanction(judgeSample(charter, sample, clock()), by.sanctioned);
      const latency_ns = Math.max(0, Math.round(nanos() - began));
      if (judged.reason === 'FORBIDDEN')
        return { ...judged, latency_ns, ...(await attempt(charter, judged, by, latency_ns)) };
      const receipt = await ledger.append(recordOf(deps.veil, judged, by, charter, latency_ns));
      return { ...judged, latency_ns, receipt };
    },
  };
}

/** What would be allowed is not, of whom may collect nothing. */
function withSanction(judged: SampleJudgement, sanctioned: Reason | undefined): SampleJudgement {
  if (sanctioned === undefined || !judged.allowed) return judged;
  return {
    ...judged,
    allowed: false,
    enforcement_action: 'BLOCK',
    reason: 'SANCTIONED',
    errors: [sanctioned.message],
  };
}

function recordOf(
  veil: Veil,
  judged: SampleJudgement,
  by: Submitted,
  charter: Charter,
  latency_ns: number,
  moved?: { readonly move: CaseMove; readonly accused: Marked },
): NewRecord {
  const { metric_name } = judged.sample;
  const source = openName(judged.sample.source, veil);
  const blocked: JsonObject =
    judged.enforcement_action === 'BLOCK' ? { status: STATUS[judged.reason] ?? 'blocked' } : {};
  const violation: JsonObject =
    moved === undefined
      ? {}
      : {
          violation_id: moved.move.id,
          violation: {
            severity: moved.move.severity,
            violation_type: 'silent_collection',
            node_or_service: source,
          },
          case: { ...moved.move },
          ...(moved.move.change === undefined ? {} : { accused: { ...moved.accused } }),
          ...(moved.move.change === 'opened' ? { investigation: { initiated_by: 'system' } } : {}),
          priority: judged.priority ?? 'high',
        };
  return {
    type: TYPES[judged.enforcement_action],
    trace: by.trace,
    who: by.who,
    meta: { charter: charter.digest, ...by.meta },
    ...(source === judged.sample.source ? {} : { personal: { source: judged.sample.source } }),
    data: { metric_name, source, reason: judged.reason, latency_ns, ...blocked, ...violation },
  };
}

/** What was no attempt on a forbidden metric, and blocked all the same. */
const STATUS: Readonly<Partial<Record<SampleJudgement['reason'], string>>> = {
  NOT_WHITELISTED: 'not_whitelisted',
  SANCTIONED: 'sanctioned',
};

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

const isWorse = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b);
const worse = (a: Severity, b: Severity): Severity => (isWorse(a, b) ? a : b);
