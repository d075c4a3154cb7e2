/** Slack and PagerDuty as the settings name them. */
import { pagerdutyEvents } from '../adapters/pagerduty-events.ts';
import { slackWebhook } from '../adapters/slack-webhook.ts';
import type { Courier } from '../src/alerts/answer.ts';
import { PAGERDUTY, slackCourier } from '../src/alerts/notifier.ts';
import { CHANNELS } from '../src/alerts/rule.ts';
import type { Clock } from '../src/ports.ts';
import type { NotifySettings } from './settings.ts';

export function couriersOf(
  { slack, pagerduty }: NotifySettings,
  world: { readonly fetch: typeof fetch; readonly clock: Clock },
): ReadonlyMap<string, Courier> {
  const couriers = new Map<string, Courier>();
  for (const channel of CHANNELS) {
    const url = slack[channel];
    if (url !== undefined) couriers.set(slackCourier(channel), slackWebhook({ url, ...world }));
  }
  if (pagerduty !== undefined) couriers.set(PAGERDUTY, pagerdutyEvents({ ...pagerduty, ...world }));
  return couriers;
}
