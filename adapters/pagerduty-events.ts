/** PagerDuty's Events API v2 (developer.pagerduty.com, "Send an event"): 202 on success, duplicates by `dedup_key`. */

import type { Clock } from '../src/ports.ts';
import {
  answerOf,
  answerOfFailure,
  type Courier,
  type TargetAnswer,
} from '../src/watch/alerts/notify/courier.ts';

export const PAGERDUTY_EVENTS_URL = 'https://events.pagerduty.com/v2/enqueue';

export interface PagerDutyEvents {
  readonly url?: string;
  readonly routingKey: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeout_ms?: number;
}

/** Adds the routing key, which only this file sees, to the event. */
export function pagerdutyEvents(settings: PagerDutyEvents): Courier {
  const { url = PAGERDUTY_EVENTS_URL, routingKey, fetch, clock, timeout_ms = 10_000 } = settings;
  return {
    async send(body): Promise<TargetAnswer> {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ routing_key: routingKey, ...JSON.parse(body) }),
          redirect: 'error',
          signal: AbortSignal.timeout(timeout_ms),
        });
        const said = (await response.text()).slice(0, 200);
        return answerOf(response.status, response.headers.get('retry-after'), said, clock());
      } catch (error) {
        return answerOfFailure(error);
      }
    },
  };
}
