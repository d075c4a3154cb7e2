/** Slack's incoming webhooks (docs.slack.dev, "Sending messages using incoming webhooks"). */

import type { Clock } from '../src/ports.ts';
import {
  answerOf,
  answerOfFailure,
  type Courier,
  type TargetAnswer,
} from '../src/watch/alerts/notify/courier.ts';

export interface SlackWebhook {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeout_ms?: number;
}

/** The address is the secret: it stands in no answer and no log. */
export function slackWebhook({ url, fetch, clock, timeout_ms = 10_000 }: SlackWebhook): Courier {
  return {
    async send(body): Promise<TargetAnswer> {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body,
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
