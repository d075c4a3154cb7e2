/** Debian's Prometheus with one scrape target and the remote-write receiver, on a port of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { debianTool } from './debian.ts';

export interface PrometheusServer {
  readonly url: string;
  /** Value of the only series that the query gives; undefined when it gives none. */
  value(query: string): Promise<number | undefined>;
  series(query: string): Promise<{ metric: Record<string, string>; value: number }[]>;
  exemplars(query: string): Promise<{ labels: Record<string, string>; value: string }[]>;
  stop(): Promise<void>;
}

/** `target`: host:port to scrape every second with the bearer token. */
export async function startPrometheus(target?: {
  readonly host: string;
  readonly token: string;
}): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'token'), target?.token ?? '');
  await writeFile(join(folder, 'prometheus.yml'), config(folder, target?.host));
  const child = spawn(
    await debianTool('prometheus', 'prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=exemplar-storage',
    ],
    { stdio: 'ignore' },
  );
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    if (tries > 200 || child.exitCode !== null) throw new Error('Prometheus is not ready');
    await sleep(50);
  }
  const ask = async (path: string, query: string): Promise<unknown> => {
    const now = Date.now() / 1000;
    const parameters = { query, start: String(now - 300), end: String(now + 1) };
    const answer = await fetch(
      `${url}/api/v1/${path}?${new URLSearchParams(path === 'query' ? { query } : parameters)}`,
    );
    if (!answer.ok) throw new Error(`${query}: ${await answer.text()}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
  const series: PrometheusServer['series'] = async (query) => {
    const data = (await ask('query', query)) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  return {
    url,
    series,
    value: async (query) => (await series(query))[0]?.value,
    exemplars: async (query) => {
      const data = (await ask('query_exemplars', query)) as {
        exemplars: { labels: Record<string, string>; value: string }[];
      }[];
      return data.flatMap(({ exemplars }) => exemplars);
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const config = (folder: string, host: string | undefined): string =>
  host === undefined
    ? 'global: { scrape_interval: 1s }\n'
    : `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: chancery
    authorization: { credentials_file: ${join(folder, 'token')} }
    static_configs: [{ targets: ['${host}'] }]
`;
