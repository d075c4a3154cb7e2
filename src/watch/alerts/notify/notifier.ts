/**
 * The story of an alert: it is heard, its step is written to the ledger, its messages are made and laid into the
 * outbox. Only then does the sender get its answer, so whoever crashes, the alert is told.
 */
import * as z from 'zod';
import { ChanceryError } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import type { Ledger, Receipt } from '../../../ledger/record.ts';
import type { Clock, Item, Table } from '../../../ports.ts';
import type { Channel } from '../rules/rule.ts';
import { alertNamed } from '../rules/rules.ts';
import { plain } from './clean.ts';
import type { AlertInstance, Notice } from './notice.ts';
import { channelFor, groupOf, nameOf, severityOf } from './notice.ts';
import type { Job, Outbox } from './outbox.ts';
import { dedupKey, follow, trigger } from './pagerduty.ts';
import { type Evidence, type Proof, slackAcknowledgement, slackMessage } from './slack.ts';
import { inTurn } from './turn.ts';

export interface NotifierDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** A new W3C trace id, for alerts that no record caused. */
  readonly newTrace: () => string;
  /** The newest record of these types; undefined if there is none. */
  readonly newest: (types: readonly string[]) => Promise<Proof | undefined>;
  /** Slack channels that have a webhook, and whether PagerDuty has a routing key. */
  readonly targets: { readonly slack: ReadonlySet<Channel>; readonly pagerduty: boolean };
}

export interface ActiveAlert {
  readonly fingerprint: string;
  readonly alert: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: string;
  readonly starts_at: string;
  readonly acknowledged_by?: string;
  readonly record_id: string;
}

export interface Notifier {
  /** Durable on return. Throws only when ledger or store cannot be written: the sender then sends again. */
  hear(notice: Notice): Promise<void>;
  /** Throws NOT_FOUND when no such alert fires. */
  acknowledge(fingerprint: string, by: { readonly sub: string; readonly name: string }): Promise<Receipt>;
  alerts(): Promise<ActiveAlert[]>;
}

/** A step that stands in the ledger and in the state; `order` counts the steps of one alert. */
interface Written {
  readonly evidence: Evidence;
  readonly order: number;
}

const PARTITION = 'ALERTS';
/** Resolved alerts are kept a week beside their records; where the store has expiry, it removes them then. */
const REMEMBERED_S = 7 * 86_400;
export const slackCourier = (channel: Channel): string => `slack-${channel}`;
export const PAGERDUTY = 'pagerduty';

/** Labels as the ledger keeps them: short, and without what cannot be seen. */
const labelsOf = (alert: AlertInstance): JsonObject =>
  Object.fromEntries(
    Object.entries(alert.labels)
      .slice(0, 30)
      .map(([name, value]) => [plain(name, 100), plain(value, 300)]),
  );

const text = (item: Item, name: string): string => String(item[name] ?? '');

function once(newest: NotifierDeps['newest']): NotifierDeps['newest'] {
  const known = new Map<string, ReturnType<typeof newest>>();
  return (types) => {
    const key = types.join();
    const found = known.get(key) ?? newest(types);
    known.set(key, found);
    return found;
  };
}

export function createNotifier(deps: NotifierDeps): Notifier {
  const { table, ledger, outbox } = deps;

  async function record(
    alert: AlertInstance,
    step: 'fired' | 'resolved' | 'acknowledged',
    trace: string,
    more: { sub?: string; cause?: string } = {},
  ): Promise<Receipt> {
    return ledger.append({
      type: `alert.${step}`,
      trace,
      ...(more.sub === undefined ? {} : { sub: more.sub }),
      data: {
        alert: plain(nameOf(alert), 100),
        group: groupOf(alert),
        severity: severityOf(alert),
        channel: channelFor(alert),
        fingerprint: alert.fingerprint,
        starts_at: alert.starts_at,
        ...(alert.ends_at === undefined ? {} : { ends_at: alert.ends_at }),
        labels: labelsOf(alert),
        ...(more.cause === undefined ? {} : { cause: more.cause }),
      },
    });
  }

  /** Couriers that tell of it. */
  const listeners = (alert: AlertInstance): string[] => [
    ...(deps.targets.pagerduty && severityOf(alert) === 'critical' ? [PAGERDUTY] : []),
    ...(deps.targets.slack.has(channelFor(alert)) ? [slackCourier(channelFor(alert))] : []),
  ];

  /** What resolves was caused by what fired; a new firing, by the newest record of the kinds that its rule watches. */
  async function causeOf(
    alert: AlertInstance,
    there: Item | undefined,
    newest: NotifierDeps['newest'],
  ): Promise<Proof | undefined> {
    if (alert.status === 'resolved' && there !== undefined) {
      const before: Evidence = JSON.parse(text(there, 'evidence'));
      return before.cause;
    }
    return newest(alertNamed(nameOf(alert))?.evidence ?? []);
  }

  /**
   * SNS keeps no order: the end of an earlier firing may come after the beginning of the next. It must not close
   * what fires now. A late beginning is told all the same: one incident too many is better than one too few.
   */
  const overtaken = (there: Item | undefined, alert: AlertInstance): boolean =>
    there?.state === 'firing' &&
    alert.status === 'resolved' &&
    alert.ends_at !== undefined &&
    Date.parse(alert.ends_at) < Date.parse(text(there, 'starts_at'));

  /** Undefined when a later step stands there already. */
  async function note(
    alert: AlertInstance,
    evidence: Evidence,
    seen: Item | undefined,
  ): Promise<Written | undefined> {
    for (let there = seen; ; there = await table.get(PARTITION, alert.fingerprint)) {
      if (overtaken(there, alert)) return undefined;
      const version = Number(there?.version ?? 0);
      const { stored } = await table.put(
        {
          pk: PARTITION,
          sk: alert.fingerprint,
          version: version + 1,
          state: alert.status,
          starts_at: alert.starts_at,
          alert: JSON.stringify(alert),
          evidence: JSON.stringify(evidence),
          told: JSON.stringify(listeners(alert)),
          changed_at: deps.clock(),
          ...(alert.status === 'resolved' ? { expires: Math.ceil(deps.clock() / 1000) + REMEMBERED_S } : {}),
        },
        there === undefined ? 'absent' : { version },
      );
      if (stored) return { evidence, order: version + 1 };
    }
  }

  /** What stands there of this alert: this very step, or another one. */
  async function writtenAs(alert: AlertInstance): Promise<{ there?: Item; written?: Written }> {
    const there = await table.get(PARTITION, alert.fingerprint);
    if (there === undefined) return {};
    const same = there.starts_at === alert.starts_at && there.state === alert.status;
    return same
      ? { written: { evidence: JSON.parse(text(there, 'evidence')), order: Number(there.version) } }
      : { there };
  }

  /**
   * Writes the step to the ledger, once per step: a notification that comes again finds it written. A crash
   * between record and note makes a second record of the same step, never a missing one. Undefined: the step was
   * overtaken, and is only recorded.
   */
  async function step(alert: AlertInstance, newest: NotifierDeps['newest']): Promise<Written | undefined> {
    const { written } = await writtenAs(alert);
    if (written !== undefined) return written;
    return inTurn(deps, `${alert.fingerprint} ${alert.status} ${alert.starts_at}`, () =>
      write(alert, newest),
    );
  }

  async function write(alert: AlertInstance, newest: NotifierDeps['newest']): Promise<Written | undefined> {
    const { written, there } = await writtenAs(alert);
    if (written !== undefined) return written;
    const cause = await causeOf(alert, there, newest);
    const trace = cause?.trace ?? deps.newTrace();
    const type = alert.status === 'firing' ? 'fired' : 'resolved';
    const receipt = await record(alert, type, trace, cause === undefined ? {} : { cause: cause.record_id });
    const evidence: Evidence = {
      own: { record_id: receipt.id, record_hash: receipt.record_hash, trace, type: `alert.${type}` },
      ...(cause === undefined ? {} : { cause }),
    };
    return note(alert, evidence, there);
  }

  const content = (alerts: readonly AlertInstance[]): string =>
    alerts
      .map((alert) => `${alert.fingerprint}:${alert.status}:${alert.starts_at}`)
      .sort()
      .join();

  function slackJobs(notice: Notice, steps: ReadonlyMap<string, Written>): Job[] {
    const evidence = new Map([...steps].map(([fingerprint, written]) => [fingerprint, written.evidence]));
    const channels = Map.groupBy(notice.alerts, channelFor);
    return [...channels].flatMap(([channel, alerts]) => {
      const courier = slackCourier(channel);
      if (!alerts.some((alert) => listeners(alert).includes(courier))) return [];
      const status = alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
      return [
        {
          courier,
          lane: notice.group_key,
          content: content(alerts),
          body: slackMessage({ ...notice, status, alerts }, evidence),
        },
      ];
    });
  }

  function pages(notice: Notice, steps: ReadonlyMap<string, Written>): Job[] {
    return notice.alerts
      .filter((alert) => listeners(alert).includes(PAGERDUTY))
      .map((alert) => ({
        courier: PAGERDUTY,
        lane: dedupKey(alert),
        order: steps.get(alert.fingerprint)?.order ?? 0,
        content: content([alert]),
        body:
          alert.status === 'firing'
            ? trigger(alert, steps.get(alert.fingerprint)?.evidence ?? {})
            : follow(alert, 'resolve'),
      }));
  }

  return {
    async hear(notice) {
      const steps = new Map<string, Written>();
      // A thousand alerts of one kind have one newest record: it is looked for once.
      const newest = once(deps.newest);
      for (const alert of notice.alerts) {
        const written = await step(alert, newest);
        if (written !== undefined) steps.set(alert.fingerprint, written);
      }
      const news = { ...notice, alerts: notice.alerts.filter((alert) => steps.has(alert.fingerprint)) };
      for (const job of [...pages(news, steps), ...slackJobs(news, steps)]) await outbox.accept(job);
    },

    async acknowledge(fingerprint, by) {
      const there = await table.get(PARTITION, fingerprint);
      if (there === undefined || there.state !== 'firing') {
        throw new ChanceryError('NOT_FOUND', 'No alert of this fingerprint is firing.');
      }
      const alert: AlertInstance = JSON.parse(text(there, 'alert'));
      const { own }: Evidence = JSON.parse(text(there, 'evidence'));
      const receipt = await record(alert, 'acknowledged', own?.trace ?? deps.newTrace(), {
        sub: by.sub,
        ...(own === undefined ? {} : { cause: own.record_id }),
      });
      const version = Number(there.version);
      await table.put({ ...there, version: version + 1, acknowledged_by: by.name }, { version });
      // Whoever was told that it fires: who takes it on may be at a process that has no targets of its own.
      const told = z.array(z.string()).parse(JSON.parse(text(there, 'told')));
      for (const courier of told) {
        const paged = courier === PAGERDUTY;
        await outbox.accept({
          courier,
          lane: paged ? dedupKey(alert) : fingerprint,
          order: version + 1,
          content: `${content([alert])}:acknowledged`,
          body: paged ? follow(alert, 'acknowledge') : slackAcknowledgement(alert, by.name),
        });
      }
      return receipt;
    },

    async alerts() {
      const page = await table.query(PARTITION, { limit: 1_000 });
      return page.items.map((item) => {
        const alert: AlertInstance = JSON.parse(text(item, 'alert'));
        const { own }: Evidence = JSON.parse(text(item, 'evidence'));
        return {
          fingerprint: item.sk,
          alert: plain(nameOf(alert), 100),
          state: item.state === 'firing' ? 'firing' : 'resolved',
          severity: severityOf(alert),
          starts_at: alert.starts_at,
          ...(typeof item.acknowledged_by === 'string' ? { acknowledged_by: item.acknowledged_by } : {}),
          record_id: own?.record_id ?? '',
        };
      });
    },
  };
}
