/** The resources of an environment whose figures we read from CloudWatch and show beside our own. */
import type { Resources } from '../src/watch/metrics/published.ts';
import type { Environment } from './environments.ts';
import { FUNCTIONS } from './functions.ts';
import { nameIn } from './names.ts';

/** Of what runs and stores: tasks and watchers have alarms of their own, and each figure asked for is billed. */
export function publishedIn(environment: Environment['name']): Resources {
  const named = (parts: readonly string[]): string[] => parts.map((part) => nameIn(environment, part));
  const { authorizer, api, behind } = FUNCTIONS;
  return {
    functions: named([authorizer, ...api, ...behind].map(({ name }) => name)),
    streamed: named(['project', 'seal', 'sweep']),
    tables: named(['ledger', 'state', 'subject-keys']),
    queues: named(['dead-letters']),
    api: nameIn(environment, 'api'),
  };
}
