/** Pushes the counters to Managed Prometheus, which cannot scrape a function. Every 30 s (lib/watch-stack.ts). */
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { createRemoteWriter } from '../adapters/aws/remote-write.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { charterReadings, readingsOf } from '../src/office/readings.ts';
import { createExposition } from '../src/watch/metrics/exposition.ts';
import { createProjector } from '../src/watch/metrics/project.ts';
import { samplesOf } from '../src/watch/metrics/samples.ts';
import { tailOf } from '../src/watch/metrics/tail.ts';
import { createObjectives } from '../src/watch/objectives.ts';
import { createHistory } from '../src/watch/slo/history.ts';
import { aboutOf } from './shared/about.ts';
import { openCharterWatch } from './shared/charter.ts';
import { publishedOf } from './shared/published.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const { settings, clock, wait, log } = world;
const writer = createRemoteWriter({
  url: need(settings, 'PROMETHEUS_URL'),
  sign: signer('aps', settings.AWS_REGION, defaultProvider()),
  fetch,
  clock,
  wait,
  labels: { environment: settings.CHANCERY_ENVIRONMENT },
});
const about = aboutOf(world);
const published = publishedOf(world);
const state = world.table('STATE_TABLE');
const charter = openCharterWatch(world);
const exposition = createExposition({
  projector: createProjector({
    table: state,
    tail: tailOf(world.table('LEDGER_TABLE')),
    clock,
    wait,
  }),
  clock,
  readings: async () => [
    ...readingsOf(charter, about),
    ...(await charterReadings({ ...charter, table: state, clock })),
    ...(await published()),
  ],
  mode: { kind: 'stored', max_age_ms: 0 },
});

// Service levels look back over weeks: what they had counted is kept, at most once in five minutes.
const objectives = createObjectives({
  exposition,
  history: createHistory(state),
  clock,
  checkpoint: async () => undefined,
});

async function push(): Promise<void> {
  await charter.charterWatch.current();
  const { state, readings } = await exposition.snapshot();
  const pushed = await writer.push(samplesOf(state, readings), clock());
  if (pushed.rejected + pushed.abandoned > 0) {
    log.write('warn', 'push', 'Managed Prometheus did not take everything', { ...pushed });
  }
}

export async function handler(): Promise<void> {
  await push();
  await objectives.remember();
}
