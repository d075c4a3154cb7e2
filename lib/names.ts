/**
 * Names of deployed things. They are fixed, not generated: a role can be named in a key policy before it
 * exists, an operator can type them, and CloudFormation refuses to replace a stateful thing that has one.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Environment, EnvironmentName } from './environments.ts';

/** `chancery-dev-gate` for a function, its role, its log group's last part. */
export const nameIn = (environment: EnvironmentName, part: string): string =>
  `chancery-${environment}-${part}`;

/** State machines: `chancery-dev-data-export-express` answers within the request, `-standard` does not. */
export const stateMachineName = (
  environment: EnvironmentName,
  workflow: string,
  kind: 'express' | 'standard',
): string => nameIn(environment, `${workflow}-${kind}`);

/** CloudWatch keeps logs for certain numbers of days only. */
export const RETENTION: Readonly<Record<Environment['logDays'], RetentionDays>> = {
  7: RetentionDays.ONE_WEEK,
  30: RetentionDays.ONE_MONTH,
  365: RetentionDays.ONE_YEAR,
};
