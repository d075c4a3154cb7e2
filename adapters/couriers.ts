/** Slack and PagerDuty as the settings name them: locally from the environment, on AWS from a secret. */

import type { Clock } from '../src/ports.ts';
import type { Courier } from '../src/watch/alerts/notify/courier.ts';
import { PAGERDUTY, slackCourier } from '../src/watch/alerts/notify/messages.ts';
import { CHANNELS, type Channel } from '../src/watch/alerts/rules/rule.ts';
import { pagerdutyEvents } from './pagerduty-events.ts';
import { slackWebhook } from './slack-webhook.ts';

export interface Targets {
  readonly slack: Readonly<Partial<Record<Channel, string | undefined>>>;
  readonly pagerduty?: { readonly routingKey: string; readonly url?: string | undefined } | undefined;
}

/** What is not named has no courier, and what has none is only recorded. */
export function couriersOf(
  { slack, pagerduty }: Targets,
  world: { readonly fetch: typeof fetch; readonly clock: Clock },
): ReadonlyMap<string, Courier> {
  const couriers = new Map<string, Courier>();
  for (const channel of CHANNELS) {
    const url = slack[channel];
    if (url !== undefined) couriers.set(slackCourier(channel), slackWebhook({ url, ...world }));
  }
  if (pagerduty !== undefined) {
    const { routingKey, url } = pagerduty;
    couriers.set(PAGERDUTY, pagerdutyEvents({ routingKey, ...(url === undefined ? {} : { url }), ...world }));
  }
  return couriers;
}
