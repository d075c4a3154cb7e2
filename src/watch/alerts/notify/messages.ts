/** Which messages a notice makes: one to Slack for each channel, one to PagerDuty for each critical alert. */
import type { Channel } from '../rules/rule.ts';
import type { AlertInstance, Notice } from './notice.ts';
import { channelFor, severityOf } from './notice.ts';
import type { Job } from './outbox.ts';
import { dedupKey, follow, trigger } from './pagerduty.ts';
import { slackAcknowledgement, slackMessage } from './slack.ts';
import type { StepOnRecord } from './standing.ts';

/** Slack channels that have a webhook, and whether PagerDuty has a routing key. */
export interface Targets {
  readonly slack: ReadonlySet<Channel>;
  readonly pagerduty: boolean;
}

export const slackCourier = (channel: Channel): string => `slack-${channel}`;
export const PAGERDUTY = 'pagerduty';

/** Couriers that tell of it. */
export const listeners = (alert: AlertInstance, targets: Targets): string[] => [
  ...(targets.pagerduty && severityOf(alert) === 'critical' ? [PAGERDUTY] : []),
  ...(targets.slack.has(channelFor(alert)) ? [slackCourier(channelFor(alert))] : []),
];

/** By the records of the steps that it tells of: an alert that fires anew since the same time is other news. */
const content = (alerts: readonly AlertInstance[], steps: ReadonlyMap<string, StepOnRecord>): string =>
  alerts
    .map(({ fingerprint, status }) => contentOf(fingerprint, status, steps.get(fingerprint)))
    .sort()
    .join();

const contentOf = (fingerprint: string, status: string, step: StepOnRecord | undefined): string =>
  `${fingerprint}:${status}:${step?.evidence.own?.record_id ?? ''}`;

/** @param steps what was written of each alert, by fingerprint; who is not there is not told of */
export function messagesOf(
  notice: Notice,
  steps: ReadonlyMap<string, StepOnRecord>,
  targets: Targets,
): Job[] {
  const news = { ...notice, alerts: notice.alerts.filter((alert) => steps.has(alert.fingerprint)) };
  return [...pages(news, steps, targets), ...slackJobs(news, steps, targets)];
}

function slackJobs(notice: Notice, steps: ReadonlyMap<string, StepOnRecord>, targets: Targets): Job[] {
  const evidence = new Map([...steps].map(([fingerprint, written]) => [fingerprint, written.evidence]));
  const channels = Map.groupBy(notice.alerts, channelFor);
  return [...channels].flatMap(([channel, alerts]) => {
    const courier = slackCourier(channel);
    if (!alerts.some((alert) => listeners(alert, targets).includes(courier))) return [];
    const status = alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
    return [
      {
        courier,
        lane: notice.group_key,
        content: content(alerts, steps),
        body: slackMessage({ ...notice, status, alerts }, evidence),
      },
    ];
  });
}

function pages(notice: Notice, steps: ReadonlyMap<string, StepOnRecord>, targets: Targets): Job[] {
  return notice.alerts
    .filter((alert) => listeners(alert, targets).includes(PAGERDUTY))
    .map((alert) => ({
      courier: PAGERDUTY,
      lane: dedupKey(alert),
      order: steps.get(alert.fingerprint)?.order ?? 0,
      content: content([alert], steps),
      body:
        alert.status === 'firing'
          ? trigger(alert, steps.get(alert.fingerprint)?.evidence ?? {})
          : follow(alert, 'resolve'),
    }));
}

/** @param courier one that was told that it fires */
export function acknowledgement(alert: AlertInstance, step: StepOnRecord, courier: string, by: string): Job {
  const paged = courier === PAGERDUTY;
  return {
    courier,
    lane: paged ? dedupKey(alert) : alert.fingerprint,
    order: step.order,
    content: contentOf(alert.fingerprint, 'acknowledged', step),
    body: paged ? follow(alert, 'acknowledge') : slackAcknowledgement(alert, by),
  };
}
