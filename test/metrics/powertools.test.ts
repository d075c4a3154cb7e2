/** What Powertools' metrics cannot do, and our own writer of the same format is therefore there for. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEmf } from '../../src/watch/metrics/emf.ts';

const lines: Record<string, unknown>[] = [];
const said = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(JSON.parse(line)));
beforeAll(() => {
  // Else it writes by a console of its own; and with it, it would write nothing.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
});
afterAll(() => {
  said.mockRestore();
  vi.unstubAllEnvs();
});

const RUNS = [
  ['data-export', 0.2],
  ['compliance-report', 0.3],
  ['data-export', 0.4],
] as const;

it('Powertools counts every run of an invocation for the workflow that ran last', () => {
  lines.length = 0;
  const metrics = new Metrics({ namespace: 'Chancery', serviceName: 'chancery' });
  for (const [workflow, seconds] of RUNS) {
    metrics.addDimension('WorkflowName', workflow);
    metrics.addMetric('WorkflowDuration', 'Seconds', seconds);
  }
  metrics.publishStoredMetrics();
  expect(lines).toMatchObject([{ WorkflowName: 'data-export', WorkflowDuration: [0.2, 0.3, 0.4] }]);
});

it('or writes a line for every single value', () => {
  lines.length = 0;
  const metrics = new Metrics({ namespace: 'Chancery', serviceName: 'chancery' });
  for (const [workflow, seconds] of RUNS) {
    const single = metrics.singleMetric();
    single.addDimension('WorkflowName', workflow);
    single.addMetric('WorkflowDuration', 'Seconds', seconds);
  }
  expect(lines).toHaveLength(RUNS.length);
});

it('ours gathers each combination by itself, and writes it once', () => {
  const written: Record<string, unknown>[] = [];
  const emf = createEmf({
    environment: 'dev',
    write: (line) => written.push(JSON.parse(line)),
    clock: () => 0,
  });
  for (const [workflow, seconds] of RUNS)
    emf.listener('workflow_duration_seconds', [workflow, 'success', 'execute'], seconds);
  emf.flush();
  expect(written).toMatchObject([
    { WorkflowName: 'data-export', WorkflowDuration: [0.2, 0.4] },
    { WorkflowName: 'compliance-report', WorkflowDuration: 0.3 },
  ]);
});
