/** Slack and PagerDuty on a port of their own: they take what their documentation says, and fail as told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pagerDutySchema, slackSchema } from './targets.ts';

export interface Arrived {
  /** `violations`, `performance`, `debug` or `pagerduty`. */
  readonly at: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads freely; the schema has checked them.
  readonly body: any;
}

export interface StandIn {
  readonly url: string;
  readonly arrived: Arrived[];
  /** Payloads that the documented schema refuses; must stay empty. */
  readonly malformed: string[];
  /** The next requests get these statuses; a status of 0 takes the message and cuts the connection. */
  readonly failures: number[];
  /** Only requests that contain this text fail. */
  only: string;
  stop(): Promise<void>;
}

export const ROUTING_KEY = 'R'.repeat(32);

export async function startStandIn(): Promise<StandIn> {
  const arrived: Arrived[] = [];
  const malformed: string[] = [];
  const failures: number[] = [];
  const standIn: StandIn & { url: string } = {
    url: '',
    arrived,
    malformed,
    failures,
    only: '',
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const pagerduty = request.url === '/v2/enqueue';
    const failure = text.includes(standIn.only) ? failures.shift() : undefined;
    if (failure !== undefined && failure !== 0) {
      response.writeHead(failure, { 'retry-after': '0' }).end('failed as told');
      return;
    }
    const parsed = (pagerduty ? pagerDutySchema : slackSchema).safeParse(JSON.parse(text));
    if (!parsed.success) {
      malformed.push(`${request.url} ${parsed.error.message} ${text.slice(0, 500)}`);
      response.writeHead(400).end(pagerduty ? '{"status":"invalid event"}' : 'invalid_blocks');
      return;
    }
    arrived.push({
      at: pagerduty ? 'pagerduty' : (request.url ?? '').slice('/services/'.length),
      body: parsed.data,
    });
    if (failure === 0) {
      request.socket.destroy();
      return;
    }
    response.writeHead(pagerduty ? 202 : 200).end(pagerduty ? '{"status":"success"}' : 'ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  standIn.url = `http://127.0.0.1:${port}`;
  return standIn;
}

/** The runtime's settings that point at it. */
export const notifyAt = (url: string) => ({
  slack: {
    violations: `${url}/services/violations`,
    performance: `${url}/services/performance`,
    debug: `${url}/services/debug`,
  },
  pagerduty: { routingKey: ROUTING_KEY, url: `${url}/v2/enqueue` },
});
