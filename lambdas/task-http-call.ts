/** Calls a configured endpoint for a workflow. It has no right to anything of ours. */

import { httpCall } from '../src/workflow/tasks/http-call.ts';
import { asFunction } from './shared/task.ts';
import { awsWorld } from './shared/world.ts';

const { settings, log } = awsWorld();

export const handler = asFunction(
  httpCall({ fetch, endpoints: { DEPLOY_ENDPOINT: settings.DEPLOY_ENDPOINT } }),
  log,
);
