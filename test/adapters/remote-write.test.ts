import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { deserialize } from 'prometheus-remote-write';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteWriter } from '../../adapters/aws/remote-write.ts';
import { signer } from '../../adapters/aws/sigv4.ts';
import { samplesOf } from '../../src/watch/metrics/samples.ts';
import { decision, folded, NOW } from '../metrics/support.ts';

const snappy: { uncompress(bytes: Uint8Array): Uint8Array } = createRequire(import.meta.url)('snappyjs');

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly series: { labels: Record<string, string>; value: number; timestamp: number }[];
}
interface Answer {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

describe('remote write', () => {
  let server: Server;
  let url = '';
  let received: Received[] = [];
  let answers: Answer[] = [];
  let waited: number[] = [];
  let held: Promise<void> | undefined;

  beforeEach(async () => {
    received = [];
    answers = [];
    waited = [];
    held = undefined;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push({ headers: request.headers, series: await decode(Buffer.concat(chunks)) });
      await held;
      const { status, text = '', headers = {} } = answers.shift() ?? { status: 204 };
      response.writeHead(status, headers).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/remote_write`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const writer = (more: Partial<Parameters<typeof createRemoteWriter>[0]> = {}) =>
    createRemoteWriter({ url, fetch, clock: () => NOW, wait: async (ms) => void waited.push(ms), ...more });
  const samples = samplesOf(folded([{ record: decision(), bytes: 10, hash: 'f'.repeat(64) }]), []);

  it('sends every series with its value and the given time, labels sorted, as snappy protobuf 0.1.0', async () => {
    expect(await writer({ labels: { environment: 'dev' } }).push(samples, NOW)).toEqual({
      sent: samples.length,
      rejected: 0,
      abandoned: 0,
      retries: 0,
    });
    const [{ headers, series } = { headers: {}, series: [] }] = received;
    expect(headers['content-encoding']).toBe('snappy');
    expect(headers['content-type']).toBe('application/x-protobuf');
    expect(headers['x-prometheus-remote-write-version']).toBe('0.1.0');
    expect(series).toHaveLength(samples.length);
    const decisions = series.find(({ labels }) => labels.__name__ === 'chancery_decisions_total');
    expect(decisions).toMatchObject({
      value: 1,
      timestamp: NOW,
      labels: { outcome: 'allow', environment: 'dev' },
    });
    for (const { labels } of series) expect(Object.keys(labels)).toEqual([...Object.keys(labels)].sort());
    const bucket = series.find(
      ({ labels }) => labels.__name__ === 'chancery_decision_duration_seconds_bucket' && labels.le === '+Inf',
    );
    expect(bucket?.value).toBe(1);
  });

  it('tries again after 429 and 5xx, waits as long as it is told to, and no longer than it can', async () => {
    answers = [
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 503, headers: { 'retry-after': '600' } },
      { status: 500 },
    ];
    expect(await writer().push(samples, NOW)).toMatchObject({ sent: samples.length, retries: 3 });
    expect(waited).toEqual([2_000, 5_000, 1_000]);
    expect(new Set(received.map(({ series }) => JSON.stringify(series))).size).toBe(1);
  });

  it('gives up after four tries and leaves the rest to the next push, which carries newer values', async () => {
    answers = Array.from({ length: 4 }, () => ({ status: 503, text: 'busy' }));
    expect(await writer().push(samples, NOW)).toEqual({
      sent: 0,
      rejected: 0,
      abandoned: samples.length,
      retries: 3,
      reason: '503 busy',
    });
    expect(received).toHaveLength(4);
  });

  it('does not send again what was refused for good: late, out of order, malformed', async () => {
    answers = [{ status: 400, text: 'out of order sample' }];
    expect(await writer().push(samples, NOW)).toEqual({
      sent: 0,
      rejected: samples.length,
      abandoned: 0,
      retries: 0,
      reason: '400 out of order sample',
    });
    expect(received).toHaveLength(1);
  });

  it('abandons when nobody answers', async () => {
    const away = createRemoteWriter({
      url: 'http://127.0.0.1:9/x',
      fetch,
      clock: () => NOW,
      wait: async () => undefined,
    });
    expect(await away.push(samples, NOW)).toMatchObject({ sent: 0, abandoned: samples.length });
  });

  it('sends large snapshots in batches, and stops at the first that is abandoned', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => ({
      labels: [['__name__', `m${index}`]] as const,
      value: index,
    }));
    answers = [{ status: 200 }, ...Array.from({ length: 4 }, () => ({ status: 503 }))];
    expect(await writer().push(many, NOW)).toMatchObject({ sent: 1_000, abandoned: 1_500 });
    expect(received.map(({ series }) => series.length)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it('never queues: a push while one is under way is abandoned at once', async () => {
    let release: () => void = () => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    const busy = writer();
    const first = busy.push(samples, NOW);
    expect(await busy.push(samples, NOW)).toMatchObject({
      sent: 0,
      abandoned: samples.length,
      reason: 'a push is under way',
    });
    release();
    expect(await first).toMatchObject({ sent: samples.length });
  });

  it('signs for Managed Prometheus, encoding and version included', async () => {
    const sign = signer('aps', 'eu-central-1', async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'x',
    }));
    await writer({ sign }).push(samples, NOW);
    expect(received[0]?.headers.authorization).toMatch(
      /Credential=AKIDEXAMPLE\/20261121\/eu-central-1\/aps\/aws4_request, SignedHeaders=content-encoding;content-type;host;.*x-prometheus-remote-write-version/,
    );
    expect(received[0]?.headers['x-amz-date']).toBe('20261121T080000Z');
  });
});

async function decode(bytes: Buffer): Promise<Received['series']> {
  const plain = snappy.uncompress(new Uint8Array(bytes));
  const decoded = (await deserialize(plain as unknown as ArrayBufferLike)) as unknown as {
    timeseries: {
      labels: { name: string; value: string }[];
      samples: { value: number; timestamp: { toString(): string } }[];
    }[];
  };
  return decoded.timeseries.map(({ labels, samples: [sample] }) => ({
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    value: sample?.value ?? Number.NaN,
    timestamp: Number(sample?.timestamp.toString()),
  }));
}
