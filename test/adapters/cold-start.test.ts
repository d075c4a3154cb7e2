import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { countColdStart } from '../../adapters/aws/cold-start.ts';
import { COLD_STARTS, NAMESPACE } from '../../src/watch/metrics/cloudwatch.ts';

let written = '';
beforeEach(() => {
  written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function start(initialisation: string | undefined): unknown[] {
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', initialisation);
  const failures: unknown[] = [];
  countColdStart({
    namespace: NAMESPACE,
    name: 'gate',
    environment: 'dev',
    failed: (error) => failures.push(error),
  });
  return failures;
}

describe('a cold start', () => {
  it('is one line of the metric that the dashboard and the bill know', () => {
    expect(start('on-demand')).toEqual([]);
    expect(JSON.parse(written)).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Chancery',
            Dimensions: [COLD_STARTS.dimensions],
            Metrics: [{ Name: COLD_STARTS.name, Unit: 'Count' }],
          },
        ],
      },
      service: 'chancery',
      function_name: 'gate',
      Environment: 'dev',
      [COLD_STARTS.name]: 1,
    });
  });

  it('is not counted where none happened', () => {
    start('provisioned-concurrency');
    start(undefined);
    expect(written).toBe('');
  });

  it('does not fail the start when it cannot be counted', () => {
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'neither yes nor no');
    expect(start('on-demand')).toEqual([expect.any(Error)]);
    expect(written).toBe('');
  });
});
