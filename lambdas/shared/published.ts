/** What AWS publishes of this environment's resources, as gauges beside our own metrics. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { createCloudWatchReader } from '../../adapters/aws/cloudwatch-metrics.ts';
import { need } from '../../adapters/aws/settings.ts';
import { publishedReading, wantedOf } from '../../src/watch/metrics/published.ts';
import type { Reading } from '../../src/watch/metrics/render.ts';
import { causesOf } from './process.ts';
import type { AwsWorld } from './world.ts';

/** Metrics that one process may ask for in a day: what it asks for anyhow, and a tenth more for its restarts. */
const MOST_A_DAY = 20_000;

/** Gives none, and says why in the log, when CloudWatch does not answer: a scrape must not fail with it. */
export function publishedOf({ settings, clock, log, meter, tracer }: AwsWorld): () => Promise<Reading[]> {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
  const reader = createCloudWatchReader({
    client: spanned(
      new CloudWatchClient({ region, ...(endpoint ? { endpoint } : {}), maxAttempts: 2 }),
      tracer,
    ),
    clock,
    most_a_day: MOST_A_DAY,
  });
  const wanted = wantedOf(need(settings, 'PUBLISHED'));
  let failed = false;
  return async () => {
    try {
      const published = await reader.read(wanted);
      if (failed) meter.count('error_recoveries_total', { component: 'metrics' });
      failed = false;
      return published.map((each) => publishedReading(each.wanted, each.value));
    } catch (error) {
      failed = true;
      meter.count('errors_total', { error_type: 'other', severity: 'warning', component: 'metrics' });
      log.write('warn', 'metrics', 'CloudWatch did not say what it publishes', { causes: causesOf(error) });
      return [];
    }
  };
}
