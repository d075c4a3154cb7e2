/** The logs of a deployed environment as the operator reads them, with their own AWS credentials. */
import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { openLogsInsights } from '../adapters/aws/logs-insights.ts';
import { operatorWhere } from '../adapters/aws/settings.ts';

export const logsOfOperator = (region?: string) =>
  openLogsInsights({ client: new CloudWatchLogsClient(operatorWhere(region)), wait: (ms) => wait(ms) });
