/**
 * Notifications on their way. A job is durable before its sender is told that it was taken, and leaves this
 * state only as delivered or as a dead letter. Every change is a conditional write, so two pumps (two Lambdas,
 * or a restarted process) never send one job at the same time.
 *
 * The crash that matters: between a target's taking a message and our writing that it did. The claim is then
 * still on the job, and the next attempt knows that an earlier one may have arrived.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../json.ts';
import type { Clock, Item, Log, Meter, Table } from '../../../ports.ts';
import type { Courier, TargetAnswer } from './courier.ts';

export interface Job {
  /** Which courier takes it. */
  readonly courier: string;
  /** Jobs of one lane go out in order: a resolve never overtakes its trigger. */
  readonly lane: string;
  /** Its place in the lane, where two processes fill it at once; the time it came by default. */
  readonly order?: number;
  /** What it says; a job with the same courier, lane and content is the same job. */
  readonly content: string;
  readonly body: JsonObject;
}

interface Stored {
  readonly id: string;
  readonly version: number;
  readonly state: 'open' | 'sent' | 'dead';
  readonly courier: string;
  readonly lane: string;
  readonly order: number;
  readonly body: string;
  readonly created_at: number;
  readonly due_at: number;
  readonly attempts: number;
  /** An attempt had no clear answer. */
  readonly unclear: boolean;
  /** 0, or until when an attempt holds the job. */
  readonly claimed_until: number;
  readonly ended_at: number;
  readonly detail: string;
}

export interface DeadLetter {
  readonly id: string;
  readonly courier: string;
  readonly lane: string;
  readonly attempts: number;
  readonly detail: string;
  readonly since: string;
  readonly body: JsonObject;
}

export interface OutboxDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly couriers: ReadonlyMap<string, Courier>;
  readonly meter: Meter;
  readonly log: Log;
  /** How a courier's message says that it may be a duplicate; absent where the target tells duplicates itself. */
  readonly marks: ReadonlyMap<string, (body: JsonObject) => JsonObject>;
  readonly limits?: { readonly attempts: number; readonly first_ms: number; readonly longest_ms: number };
}

export interface Outbox {
  /** Durable on return. `suppressed`: the same was delivered within the hour; `absorbed`: it is on its way. */
  accept(job: Job): Promise<'queued' | 'absorbed' | 'suppressed'>;
  /** How far a job is; undefined for one that was never taken, or was delivered hours ago. */
  stateOf(id: string): Promise<'open' | 'sent' | 'dead' | undefined>;
  /** Sends what is due. Returns when the next job is due, if any waits. */
  pump(): Promise<{ readonly waiting: number; readonly next_due?: number }>;
  dead(): Promise<DeadLetter[]>;
  /** Gives dead letters (all, or one) another round of attempts; returns how many. */
  redrive(id?: string): Promise<number>;
}

const PARTITION = 'OUTBOX';
/** Alertmanager repeats after four hours on purpose, and retries within minutes by accident. */
const SAME_MS = 3_600_000;
/** Longer than any courier's time-out. */
const CLAIM_MS = 60_000;
const LIMITS = { attempts: 12, first_ms: 1_000, longest_ms: 600_000 };
const PARALLEL = 8;

/** The same for the same job. */
export const jobId = (job: Pick<Job, 'courier' | 'lane' | 'content'>): string =>
  createHash('sha256')
    .update(JSON.stringify([job.courier, job.lane, job.content]))
    .digest('hex');

const toItem = ({ id, ...rest }: Stored): Item => ({ pk: PARTITION, sk: id, ...rest });

function fromItem(item: Item): Stored {
  const text = (name: string): string => String(item[name] ?? '');
  const number = (name: string): number => Number(item[name] ?? 0);
  return {
    id: item.sk,
    version: number('version'),
    state: item.state === 'sent' || item.state === 'dead' ? item.state : 'open',
    courier: text('courier'),
    lane: text('lane'),
    order: number('order'),
    body: text('body'),
    created_at: number('created_at'),
    due_at: number('due_at'),
    attempts: number('attempts'),
    unclear: item.unclear === true,
    claimed_until: number('claimed_until'),
    ended_at: number('ended_at'),
    detail: text('detail'),
  };
}

/** `slack-violations` → `slack`, the metric's label. */
const channelLabel = (courier: string): string => courier.split('-')[0] ?? courier;

export function createOutbox(deps: OutboxDeps): Outbox {
  const { table, clock } = deps;
  const limits = deps.limits ?? LIMITS;
  const count = (courier: string, result: string): void =>
    deps.meter.count('notifications_total', { channel: channelLabel(courier), result });

  async function all(): Promise<Stored[]> {
    const found: Stored[] = [];
    let after: string | undefined;
    do {
      const page = await table.query(PARTITION, after === undefined ? {} : { after });
      found.push(...page.items.map(fromItem));
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  /** Undefined when somebody else changed the job meanwhile: it is theirs now. */
  async function change(job: Stored, to: Partial<Stored>): Promise<Stored | undefined> {
    const next: Stored = { ...job, ...to, version: job.version + 1 };
    const { stored } = await table.put(toItem(next), { version: job.version });
    return stored ? next : undefined;
  }

  let last = 0;
  function fresh(job: Job, id: string): Stored {
    const now = clock();
    // Orders the jobs of a lane even within one millisecond.
    last = Math.max(now, last + 1);
    return {
      id,
      version: 1,
      state: 'open',
      courier: job.courier,
      lane: job.lane,
      order: job.order ?? 0,
      body: JSON.stringify(job.body),
      created_at: last,
      due_at: now,
      attempts: 0,
      unclear: false,
      claimed_until: 0,
      ended_at: 0,
      detail: '',
    };
  }

  async function accept(job: Job): Promise<'queued' | 'absorbed' | 'suppressed'> {
    const id = jobId(job);
    const { stored } = await table.put(toItem(fresh(job, id)), 'absent');
    if (stored) return 'queued';
    const item = await table.get(PARTITION, id);
    // Swept between the two: then it is new again.
    if (item === undefined) return accept(job);
    const there = fromItem(item);
    if (there.state !== 'sent') return 'absorbed';
    if (clock() - there.ended_at < SAME_MS) {
      count(job.courier, 'suppressed');
      return 'suppressed';
    }
    const { version: _, ...again } = fresh(job, id);
    return (await change(there, again)) === undefined ? accept(job) : 'queued';
  }

  async function send(job: Stored): Promise<TargetAnswer> {
    const courier = deps.couriers.get(job.courier);
    if (courier === undefined) return { kind: 'refused', detail: `no courier ${job.courier}` };
    const mark = job.unclear ? deps.marks.get(job.courier) : undefined;
    return courier.send(mark === undefined ? job.body : JSON.stringify(mark(JSON.parse(job.body))));
  }

  async function finish(job: Stored, answer: TargetAnswer): Promise<Stored | undefined> {
    const now = clock();
    const free = { claimed_until: 0 };
    if (answer.kind === 'delivered') {
      count(job.courier, job.unclear && deps.marks.has(job.courier) ? 'duplicate' : 'delivered');
      deps.meter.observe('notification_duration_seconds', {}, (now - job.created_at) / 1000);
      if (job.attempts > 0) deps.meter.count('error_recoveries_total', { component: 'alerts' });
      return change(job, { ...free, state: 'sent', ended_at: now, detail: '' });
    }
    const attempts = job.attempts + 1;
    if (answer.kind === 'refused' || attempts >= limits.attempts) {
      count(job.courier, 'dead_letter');
      deps.log.write('error', 'alerts', 'a notification was given up on', {
        id: job.id,
        courier: job.courier,
        attempts,
        detail: answer.detail,
      });
      return change(job, { ...free, state: 'dead', attempts, ended_at: now, detail: answer.detail });
    }
    count(job.courier, 'retried');
    const backoff = Math.min(limits.longest_ms, limits.first_ms * 2 ** job.attempts);
    return change(job, {
      ...free,
      attempts,
      detail: answer.detail,
      unclear: job.unclear || answer.kind === 'unclear',
      due_at: now + Math.max(backoff, answer.retry_after_ms ?? 0),
    });
  }

  /** One attempt. Returns the job as it is after, or undefined when another pump has it. */
  async function attempt(job: Stored): Promise<Stored | undefined> {
    const now = clock();
    // A claim that ran out is an attempt that never came back: it may have arrived.
    const unclear = job.unclear || job.claimed_until > 0;
    const mine = await change(job, { unclear, claimed_until: now + CLAIM_MS });
    return mine === undefined ? undefined : finish(mine, await send(mine));
  }

  /** Sends a lane's jobs in order until one has to wait; says how many wait, and for the first of them when. */
  async function drain(lane: readonly Stored[]): Promise<{ waiting: number; next_due: number }> {
    const wait = (job: Stored, index: number) => ({
      waiting: lane.length - index,
      next_due: Math.max(job.due_at, job.claimed_until),
    });
    for (const [index, job] of lane.entries()) {
      if (job.due_at > clock() || job.claimed_until > clock()) return wait(job, index);
      const after = await attempt(job);
      if (after === undefined) return wait({ ...job, claimed_until: clock() + CLAIM_MS }, index);
      if (after.state === 'open') return wait(after, index);
    }
    return { waiting: 0, next_due: Number.POSITIVE_INFINITY };
  }

  async function sweep(jobs: readonly Stored[]): Promise<void> {
    const old = jobs.filter((job) => job.state === 'sent' && clock() - job.ended_at > 2 * SAME_MS);
    // Another process may have opened it again since it was read: then it is news that nobody was told yet.
    for (const { id, version } of old) await table.remove(PARTITION, id, { version });
  }

  return {
    accept,
    async stateOf(id) {
      const item = await table.get(PARTITION, id);
      return item && fromItem(item).state;
    },
    async pump() {
      const jobs = await all();
      await sweep(jobs);
      const open = jobs
        .filter((job) => job.state === 'open')
        .sort((a, b) => a.order - b.order || a.created_at - b.created_at);
      const lanes = [...Map.groupBy(open, (job) => `${job.courier} ${job.lane}`).values()];
      let waiting = 0;
      let next_due = Number.POSITIVE_INFINITY;
      const worker = async (): Promise<void> => {
        for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
          const left = await drain(lane);
          waiting += left.waiting;
          next_due = Math.min(next_due, left.next_due);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, worker));
      return waiting === 0 ? { waiting } : { waiting, next_due };
    },
    async dead() {
      return (await all())
        .filter((job) => job.state === 'dead')
        .map((job) => ({
          id: job.id,
          courier: job.courier,
          lane: job.lane,
          attempts: job.attempts,
          detail: job.detail,
          since: new Date(job.ended_at).toISOString(),
          body: JSON.parse(job.body),
        }));
    },
    async redrive(id) {
      const dead = (await all()).filter((job) => job.state === 'dead' && (id === undefined || job.id === id));
      const opened = await Promise.all(
        dead.map((job) => change(job, { state: 'open', attempts: 0, due_at: clock(), ended_at: 0 })),
      );
      return opened.filter((job) => job !== undefined).length;
    },
  };
}
