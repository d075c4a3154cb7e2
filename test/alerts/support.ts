/** Alerts, a ledger that remembers, couriers that answer as told. */
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Ledger, NewRecord } from '../../src/ledger/record.ts';
import type { Meter, Table } from '../../src/ports.ts';
import type { Courier, TargetAnswer } from '../../src/watch/alerts/notify/courier.ts';
import { PAGERDUTY, slackCourier } from '../../src/watch/alerts/notify/messages.ts';
import type { AlertInstance, Notice } from '../../src/watch/alerts/notify/notice.ts';
import { createNotifier, type NotifierDeps } from '../../src/watch/alerts/notify/notifier.ts';
import { createOutbox, type OutboxDeps } from '../../src/watch/alerts/notify/outbox.ts';
import { marked, type Proof } from '../../src/watch/alerts/notify/slack.ts';
import { CHANNELS } from '../../src/watch/alerts/rules/rule.ts';

export const START = Date.parse('2026-11-21T08:00:00Z');

export function alert(over: Partial<AlertInstance> = {}): AlertInstance {
  return {
    fingerprint: 'f00d',
    status: 'firing',
    labels: { alertname: 'CriticalViolation', severity: 'critical', group: 'charter', channel: 'violations' },
    annotations: {
      summary: 'CRIMINAL violation',
      description: 'One violation.',
      runbook_url: 'https://docs.chancery.example/runbook.md#criticalviolation',
    },
    starts_at: '2026-11-21T07:59:00.000Z',
    ...over,
  };
}

export const notice = (alerts: readonly AlertInstance[], group_key = 'g'): Notice => ({
  group_key,
  status: alerts.some((one) => one.status === 'firing') ? 'firing' : 'resolved',
  alerts,
  truncated: 0,
});

export interface Sent {
  readonly courier: string;
  readonly body: Record<string, unknown>;
}

export interface Desk {
  readonly table: Table;
  readonly records: NewRecord[];
  readonly sent: Sent[];
  readonly counts: Map<string, number>;
  now: number;
  /** The next answers of a courier; delivered when there are none. A function throws or crashes. */
  readonly answers: Map<string, (TargetAnswer | (() => TargetAnswer))[]>;
  readonly couriers: Map<string, Courier>;
  open(
    table?: Table,
    targets?: NotifierDeps['targets'],
  ): {
    notifier: ReturnType<typeof createNotifier>;
    outbox: ReturnType<typeof createOutbox>;
  };
}

export function desk(more: { cause?: Proof; limits?: OutboxDeps['limits'] } = {}): Desk {
  const table = openSqliteTable(':memory:');
  const records: NewRecord[] = [];
  const sent: Sent[] = [];
  const counts = new Map<string, number>();
  const answers: Desk['answers'] = new Map();
  const meter: Meter = {
    count: (metric, labels, by = 1) => {
      const key = `${metric} ${Object.values(labels).join(' ')}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    observe: () => {},
    set: () => {},
  };
  const ledger: Ledger = {
    append: async (record) => {
      records.push(record);
      const seq = records.length;
      return {
        id: `1.${seq}`,
        lane: 1,
        seq,
        record_hash: seq.toString(16).padStart(64, '0'),
        signature: '',
        certificate_hash: '',
        time: '2026-11-21T08:00:00.000Z',
        max_merge_delay_seconds: 60,
      };
    },
  };
  const courier = (name: string): Courier => ({
    send: async (body) => {
      const next = answers.get(name)?.shift() ?? { kind: 'delivered' };
      const answer = typeof next === 'function' ? next() : next;
      if (answer.kind === 'delivered' || answer.kind === 'unclear') {
        sent.push({ courier: name, body: JSON.parse(body) });
      }
      return answer;
    },
  });
  const names = [...CHANNELS.map(slackCourier), PAGERDUTY];
  const it: Desk = {
    table,
    records,
    sent,
    counts,
    now: START,
    answers,
    couriers: new Map(names.map((name) => [name, courier(name)])),
    open(store = table, targets = { slack: new Set(CHANNELS), pagerduty: true }) {
      const outbox = createOutbox({
        table: store,
        clock: () => it.now,
        couriers: it.couriers,
        meter,
        log: { write: () => {} },
        marks: new Map(CHANNELS.map((channel) => [slackCourier(channel), marked])),
        ...(more.limits === undefined ? {} : { limits: more.limits }),
      });
      const notifier = createNotifier({
        table: store,
        ledger,
        outbox,
        clock: () => it.now,
        wait: async (ms) => {
          it.now += ms;
          await new Promise((next) => setImmediate(next));
        },
        newTrace: () => 'a'.repeat(32),
        newest: async (types) => (types.length > 0 ? more.cause : undefined),
        targets,
      });
      return { notifier, outbox };
    },
  };
  return it;
}

/** Pumps until nothing waits, letting time pass as the outbox asks. */
export async function settle(desk: Desk, outbox: ReturnType<typeof createOutbox>): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    const { waiting, next_due } = await outbox.pump();
    if (waiting === 0) return;
    desk.now = Math.max(desk.now + 1, next_due ?? 0);
  }
  throw new Error('the outbox does not settle');
}
