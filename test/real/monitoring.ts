/** Debian's Prometheus and Alertmanager with our generated configuration, at a quicker pace, on ports of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alertmanagerYaml } from '../../src/watch/alerts/publish/alertmanager.ts';
import { prometheusYaml } from '../../src/watch/alerts/publish/setup.ts';
import { freePort } from '../support/free-port.ts';
import { debianTool } from './debian.ts';

const RULES = join(import.meta.dirname, '../../monitoring/prometheus/rules');

export interface Monitoring {
  readonly prometheus: string;
  readonly alertmanager: string;
  query(expr: string, at?: number): Promise<Series[]>;
  range(expr: string, from: number, to: number, step: number): Promise<Series[]>;
  stop(): Promise<void>;
}
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds and value; one pair for an instant query. */
  readonly values: readonly (readonly [number, number])[];
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`it ended: ${output()}`);
    const up = await fetch(`${url}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    await sleep(50);
  }
  throw new Error(`${url} is not ready: ${output()}`);
}

export async function runProgram(program: string, args: readonly string[], url: string) {
  let text = '';
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => (text = `${text}${chunk}`.slice(-4000)));
  await ready(url, child, () => text);
  return async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  };
}

interface Answer {
  readonly data: {
    readonly resultType: string;
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: [number, string];
      readonly values?: [number, string][];
    }[];
  };
}

/** `tokens`: for `metrics:read` and `alerts:notify`. `ruleFiles` overrides our rules, for tests of the way alone. */
export async function startMonitoring(options: {
  readonly runtime: string;
  readonly tokens: { readonly metrics: string; readonly notify: string };
  readonly interval?: string;
  readonly ruleFiles?: string;
}): Promise<Monitoring> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-monitoring-'));
  const [port, alertPort] = [await freePort(), await freePort()];
  const path = (name: string): string => join(folder, name);
  await writeFile(path('metrics.token'), options.tokens.metrics);
  await writeFile(path('notify.token'), options.tokens.notify);
  await writeFile(
    path('prometheus.yml'),
    prometheusYaml({
      runtime: new URL(options.runtime).host,
      alertmanager: `127.0.0.1:${alertPort}`,
      tokenFile: path('metrics.token'),
      ruleFiles: options.ruleFiles ?? `${RULES}/*.yaml`,
      interval: options.interval ?? '1s',
    }),
  );
  await writeFile(
    path('alertmanager.yml'),
    alertmanagerYaml(
      { url: `${options.runtime}/notify/alertmanager`, tokenFile: path('notify.token') },
      { group_wait: '1s', group_interval: '2s', repeat_interval: '4h' },
    ),
  );
  const [alertmanager, prometheus] = [`http://127.0.0.1:${alertPort}`, `http://127.0.0.1:${port}`];
  const stopAlertmanager = await runProgram(
    await debianTool('prometheus-alertmanager', 'prometheus-alertmanager'),
    [
      `--config.file=${path('alertmanager.yml')}`,
      `--storage.path=${path('alerts')}`,
      `--web.listen-address=127.0.0.1:${alertPort}`,
      '--cluster.listen-address=',
    ],
    alertmanager,
  );
  const stopPrometheus = await runProgram(
    await debianTool('prometheus', 'prometheus'),
    [
      `--config.file=${path('prometheus.yml')}`,
      `--storage.tsdb.path=${path('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    prometheus,
  );
  const ask = async (route: string, parameters: Record<string, string>): Promise<Series[]> => {
    const response = await fetch(`${prometheus}/api/v1/${route}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    if (!response.ok) throw new Error(`${parameters.query}: ${await response.text()}`);
    const { data } = (await response.json()) as Answer;
    return data.result.map(({ metric, value, values }) => ({
      metric,
      values: (values ?? (value === undefined ? [] : [value])).map(
        ([time, text]) => [time, Number(text)] as const,
      ),
    }));
  };
  return {
    prometheus,
    alertmanager,
    query: (query, at) => ask('query', { query, ...(at === undefined ? {} : { time: String(at) }) }),
    range: (query, from, to, step) =>
      ask('query_range', { query, start: String(from), end: String(to), step: String(step) }),
    async stop() {
      await stopPrometheus();
      await stopAlertmanager();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
