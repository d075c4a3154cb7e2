/**
 * Names of deployed things. They are fixed, not generated: a role can be named in a key policy before it
 * exists, an operator can type them, and CloudFormation refuses to replace a stateful thing that has one.
 */
import { createHash } from 'node:crypto';
import type { Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Environment, EnvironmentName } from './environments.ts';

/** `chancery-dev-gate` for a function, an alarm, a topic: what is one in an account and region. */
export const nameIn = (environment: EnvironmentName, part: string): string =>
  `chancery-${environment}-${part}`;

/** Of an IAM role's name, by IAM. */
const MOST_OF_A_ROLE = 64;
/** The longest name of a region, `ap-northeast-1`, for where it is not known before the deployment. */
const A_REGION = 14;

/**
 * Names that are one in an account over all its regions (IAM's roles, CloudWatch's dashboards): with the region in
 * them, an environment can stand in two. A part that is too long is cut and told apart by its digest.
 */
export function nameInAccount(stack: Stack, environment: EnvironmentName, part: string): string {
  const prefix = nameIn(environment, '');
  const most = MOST_OF_A_ROLE - prefix.length - A_REGION - 1;
  const fitted =
    part.length <= most
      ? part
      : `${part.slice(0, most - 9)}-${createHash('sha256').update(part).digest('hex').slice(0, 8)}`;
  return `${prefix}${stack.region}-${fitted}`;
}

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
