/**
 * What every deployed function has, whatever it may use: its settings, time, chance, a log and metrics. No client of
 * AWS: those come with what speaks through them (world.ts, keys.ts, blobs.ts), so that a function carries its own only.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { countColdStart } from '../../adapters/aws/cold-start.ts';
import { jsonLog } from '../../adapters/aws/json-log.ts';
import { type AwsSettings, readAwsSettings, traceHeader } from '../../adapters/aws/settings.ts';
import { type SpanTracerDeps, spanTracer } from '../../adapters/traces/span-tracer.ts';
import { lambdaSpan, spansToXray } from '../../adapters/traces/to-xray.ts';
import { createIds } from '../../src/basics/ids.ts';
import type { WrittenRecord } from '../../src/ledger/lane/writer.ts';
import type { Clock, Ids, Log, Random, Tracer } from '../../src/ports.ts';
import { NAMESPACE } from '../../src/watch/metrics/cloudwatch.ts';
import { withoutDetail } from '../../src/watch/metrics/detail.ts';
import { createEmf } from '../../src/watch/metrics/emf.ts';
import { createMeter, type ProcessMeter } from '../../src/watch/metrics/meter.ts';
import { logFields } from '../../src/watch/ops/log-line.ts';
import { createRedactor } from '../../src/watch/ops/redact.ts';

export interface AwsProcess {
  readonly settings: AwsSettings;
  readonly clock: Clock;
  readonly micros: () => number;
  readonly ids: Ids;
  readonly random: Random;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Log;
  /** One line of the function's log, as it is. */
  readonly write: (line: string) => void;
  readonly meter: ProcessMeter;
  /** Durable records go out as EMF too: the lane tells of them. */
  readonly appended: (entries: readonly WrittenRecord[]) => void;
  /** Writes what the meter and the lane gathered as EMF. At the end of an invocation. */
  readonly flushMetrics: () => void;
  readonly tracer: Tracer;
}

/** `soon` runs the flush of metrics that a function does not flush by itself at the end of an invocation. */
export function awsProcess(
  settings: AwsSettings = readAwsSettings(),
  soon: (flush: () => void) => unknown = setImmediate,
): AwsProcess {
  const clock = Date.now;
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const emf = createEmf({
    environment: settings.CHANCERY_ENVIRONMENT,
    only: settings.CLOUDWATCH,
    write,
    clock,
    soon,
  });
  const measured = createMeter(clock, emf.listener);
  const redact = createRedactor();
  const log = jsonLog(
    logFields(
      { level: settings.LOG_LEVEL, levels: settings.LOG_LEVELS, samples: settings.LOG_SAMPLES },
      redact,
      clock,
    ),
  );
  if (settings.CLOUDWATCH === 'all')
    countColdStart({
      namespace: NAMESPACE,
      name: settings.CHANCERY_FUNCTION,
      environment: settings.CHANCERY_ENVIRONMENT,
      failed: (error) =>
        log.write('warn', 'start', 'the cold start was not counted', { causes: causesOf(error) }),
    });
  const micros = () => Math.round(performance.now() * 1_000);
  const chance = (length: number) => new Uint8Array(randomBytes(length));
  return {
    settings,
    clock,
    micros,
    ids: createIds(clock, chance),
    random: chance,
    wait: (ms) => (ms === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(ms)),
    write,
    log,
    meter: settings.DETAILED_METRICS ? measured : withoutDetail(measured),
    appended: (entries) => emf.appended(entries.map(({ record }) => record)),
    flushMetrics: emf.flush,
    tracer: tracerOf(settings, { clock, micros, random: chance, redact }),
  };
}

/** What the edge chose to trace is traced whole; what it did not is not, whatever becomes of it. */
function tracerOf(
  settings: AwsSettings,
  deps: Pick<SpanTracerDeps, 'clock' | 'micros' | 'random' | 'redact'>,
): Tracer {
  const { AWS_XRAY_DAEMON_ADDRESS: daemon, CHANCERY_ENVIRONMENT: environment } = settings;
  const around = () => lambdaSpan(traceHeader());
  return spanTracer({
    ...deps,
    around,
    sampled: () => daemon !== undefined && around()?.sampled === true,
    keepsFailures: false,
    written:
      daemon === undefined
        ? () => undefined
        : spansToXray({
            daemon,
            resource: {
              'service.name': `chancery-${environment}-${settings.CHANCERY_FUNCTION}`,
              'service.version': settings.CODE_VERSION,
              'deployment.environment.name': environment,
              'cloud.provider': 'aws',
              'cloud.platform': 'aws_lambda',
              'cloud.region': settings.AWS_REGION,
            },
          }),
  });
}

/** Where AWS is: the function's region, and a stand-in if the settings name one. */
export const whereOf = ({ AWS_REGION: region, AWS_ENDPOINT_URL: endpoint }: AwsSettings) => ({
  region,
  ...(endpoint ? { endpoint } : {}),
});

/** One client for each process, made when it is first asked for. */
export function onceFor<T>(make: (process: AwsProcess) => T): (process: AwsProcess) => T {
  const made = new WeakMap<AwsSettings, { readonly value: T }>();
  return (process) => {
    const found = made.get(process.settings) ?? { value: make(process) };
    made.set(process.settings, found);
    return found.value;
  };
}

/**
 * Runs the start of a function. Lambda shows the message of an error that ends it and nothing below: an operator
 * needs the cause (which key, which right), so it is logged first.
 */
export async function starting<T>({ log }: AwsProcess, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    log.write('error', 'start', 'the function cannot start', { causes: causesOf(error) });
    throw error;
  }
}

/** An error and what is below it, one line each. */
export function causesOf(error: unknown): string[] {
  const chain: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) chain.push(`${at.name}: ${at.message}`);
  return chain.length > 0 ? chain : [String(error)];
}
