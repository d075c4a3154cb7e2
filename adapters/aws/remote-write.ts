/**
 * Prometheus remote write 1.0: the counters as they are, pushed to Managed Prometheus (which cannot scrape a
 * Lambda) or to any receiver. Every series is sent every time: a push that is lost is healed by the next,
 * because counters are cumulative, and a series that stopped coming would go stale after five minutes.
 */
import { pushTimeseries } from 'prometheus-remote-write';
import type { Clock } from '../../src/ports.ts';
import type { Sample } from '../../src/watch/metrics/samples.ts';
import { fetchSigned } from './signed-fetch.ts';
import type { Sign } from './sigv4.ts';

export interface RemoteWriteDeps {
  readonly url: string;
  /** Absent for a receiver that asks for no signature. */
  readonly sign?: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** Added to every series, as `environment`. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Pushed {
  /** Series that the receiver took. */
  readonly sent: number;
  /** Series in batches that it refused for good: too old, out of order, malformed. */
  readonly rejected: number;
  /** Series that were given up after all tries; the next push carries newer values of them. */
  readonly abandoned: number;
  readonly retries: number;
  /** What the receiver said of the last batch that it did not take. */
  readonly reason?: string;
}

export interface RemoteWriter {
  /**
   * @param at milliseconds; the same samples under the same time may be sent again, which changes nothing.
   * While a push is under way, another answers at once that everything was abandoned: back-pressure is fewer
   * pushes, never a queue.
   */
  push(samples: readonly Sample[], at: number): Promise<Pushed>;
}

const BATCH = 1_000;
const TRIES = 4;
const FIRST_WAIT_MS = 250;
/** A receiver may ask for more patience than a function has. */
const LONGEST_WAIT_MS = 5_000;

export function createRemoteWriter(deps: RemoteWriteDeps): RemoteWriter {
  let busy = false;

  async function push(samples: readonly Sample[], at: number): Promise<Pushed> {
    let total: Pushed = { sent: 0, rejected: 0, abandoned: 0, retries: 0 };
    for (let from = 0; from < samples.length; from += BATCH) {
      const batch = samples.slice(from, from + BATCH);
      const { outcome, retries, reason } = await send(deps, batch, at);
      total = {
        ...total,
        [outcome]: total[outcome] + batch.length,
        retries: total.retries + retries,
        ...(reason ? { reason } : {}),
      };
      // A receiver that is away for one batch is away for the rest.
      if (outcome === 'abandoned')
        return { ...total, abandoned: total.abandoned + Math.max(0, samples.length - from - BATCH) };
    }
    return total;
  }

  return {
    async push(samples, at) {
      if (busy)
        return { sent: 0, rejected: 0, abandoned: samples.length, retries: 0, reason: 'a push is under way' };
      busy = true;
      try {
        return await push(samples, at);
      } finally {
        busy = false;
      }
    },
  };
}

interface Sent {
  readonly outcome: 'sent' | 'rejected' | 'abandoned';
  readonly retries: number;
  readonly reason?: string;
}

async function send(deps: RemoteWriteDeps, batch: readonly Sample[], at: number): Promise<Sent> {
  let reason = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await attempt(deps, batch, at);
    if (answer.status >= 200 && answer.status < 300) return { outcome: 'sent', retries: tries };
    reason = `${answer.status} ${answer.text}`.slice(0, 300);
    if (answer.status !== 429 && answer.status < 500 && answer.status !== 0)
      return { outcome: 'rejected', retries: tries, reason };
    if (tries + 1 < TRIES)
      await deps.wait(Math.min(LONGEST_WAIT_MS, answer.retry_after_ms ?? FIRST_WAIT_MS * 2 ** tries));
  }
  return { outcome: 'abandoned', retries: TRIES - 1, reason };
}

interface Answer {
  /** 0: no answer. */
  readonly status: number;
  readonly text: string;
  readonly retry_after_ms?: number;
}

/** The library encodes and compresses; what it leaves out of the headers is added before anything is signed. */
async function attempt(deps: RemoteWriteDeps, batch: readonly Sample[], at: number): Promise<Answer> {
  let answer: Answer = { status: 0, text: 'no answer' };
  const series = batch.map(({ labels, value }) => ({
    labels: { __name__: '', ...Object.fromEntries(withLabels(labels, deps.labels)) },
    samples: [{ value, timestamp: at }],
  }));
  try {
    await pushTimeseries(series, {
      url: deps.url,
      fetch: async (url, request) => {
        const response = await post(
          deps,
          url,
          Uint8Array.from(new Uint8Array(request?.body ?? new ArrayBuffer(0))),
        );
        const text = await response.text();
        const after = Number(response.headers.get('retry-after'));
        answer = { status: response.status, text, ...(after > 0 ? { retry_after_ms: after * 1_000 } : {}) };
        return { status: response.status, statusText: response.statusText, text: async () => text };
      },
    });
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : String(error) };
  }
  return answer;
}

async function post(deps: RemoteWriteDeps, url: string, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'user-agent': 'chancery',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  if (deps.sign === undefined) return deps.fetch(url, { method: 'POST', headers, body });
  return fetchSigned({ ...deps, sign: deps.sign }, url, { method: 'POST', headers, body });
}

function withLabels(
  own: Sample['labels'],
  more: Readonly<Record<string, string>> | undefined,
): (readonly [string, string])[] {
  if (more === undefined) return [...own];
  return [...own, ...Object.entries(more)].sort(([left], [right]) => (left < right ? -1 : 1));
}
