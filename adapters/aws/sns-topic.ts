/**
 * An SNS topic as a target (Amazon SNS API Reference, `Publish`, version 2010-03-31): who subscribes to it, by e-mail,
 * queue or telephone, is told. The body is `{subject, message, attributes}`; subscriptions filter by the attributes.
 */
import { parseJson } from '../../src/ledger/bytes.ts';
import { answerOf, answerOfFailure, type Courier } from '../../src/watch/alerts/notify/courier.ts';
import { topicMessage } from '../../src/watch/notices/letters.ts';
import { fetchSigned, type SignedFetch } from './signed-fetch.ts';

export interface SnsTopic extends SignedFetch {
  readonly topic: string;
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
}

const PATIENCE_MS = 10_000;
/** SNS says it with 429, KMS and the common errors with 400. */
const THROTTLED = /<Code>[A-Za-z]*Throttl/;

export function snsTopic(where: SnsTopic): Courier {
  const { topic, region, endpoint, clock } = where;
  const url = `${(endpoint ?? `https://sns.${region}.amazonaws.com`).replace(/\/$/, '')}/`;
  return {
    async send(text) {
      const parsed = topicMessage.safeParse(parseJson(Buffer.from(text)));
      if (!parsed.success) return { kind: 'refused', detail: 'it is no message for a topic' };
      const { subject, message, attributes } = parsed.data;
      const form = new URLSearchParams({
        Action: 'Publish',
        Version: '2010-03-31',
        TopicArn: topic,
        Subject: subject,
        Message: message,
      });
      Object.entries(attributes).forEach(([name, value], at) => {
        const entry = `MessageAttributes.entry.${at + 1}`;
        form.set(`${entry}.Name`, name);
        form.set(`${entry}.Value.DataType`, 'String');
        form.set(`${entry}.Value.StringValue`, value);
      });
      const body = form.toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const response = await fetchSigned(where, url, {
          method: 'POST',
          headers,
          body,
          redirect: 'error',
          signal,
        });
        const said = (await response.text()).slice(0, 400);
        const status = response.status === 400 && THROTTLED.test(said) ? 429 : response.status;
        return answerOf(status, response.headers.get('retry-after'), said, clock());
      } catch (error) {
        return answerOfFailure(error);
      }
    },
  };
}
