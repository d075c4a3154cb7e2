/** Calls a configured endpoint for a workflow. It has no right to anything of ours. */

import { httpCall } from '../src/workflow/tasks/http-call.ts';
import { awsProcess } from './shared/process.ts';
import { asFunction } from './shared/task.ts';

const { settings, log, tracer } = awsProcess();

export const handler = asFunction(
  httpCall({ fetch, endpoints: { DEPLOY_ENDPOINT: settings.DEPLOY_ENDPOINT }, tracer }),
  log,
);
