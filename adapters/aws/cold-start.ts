/**
 * Counts cold starts, through Powertools' metrics: one line in the embedded metric format when a function comes
 * up on demand, written at once. All other figures go out through src/watch/metrics/emf.ts.
 */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ENVIRONMENT } from '../../src/watch/metrics/cloudwatch.ts';

export interface ColdStart {
  readonly namespace: string;
  /** The function's name, the dimension. */
  readonly name: string;
  readonly environment: string;
  /** A start must not fail because it could not be counted; what went wrong is told here. */
  readonly failed: (error: unknown) => void;
}

/** Once per process, at its start. Outside Lambda, and with provisioned concurrency, nothing is written. */
export function countColdStart({ namespace, name, environment, failed }: ColdStart): void {
  try {
    new Metrics({
      namespace,
      serviceName: 'chancery',
      functionName: name,
      defaultDimensions: { [ENVIRONMENT]: environment },
    }).captureColdStartMetric();
  } catch (error) {
    failed(error);
  }
}
