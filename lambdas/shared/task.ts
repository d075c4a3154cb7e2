/** A workflow's task as a function of its own, with its own rights. Step Functions reads the thrown error's name. */

import type { Json } from '../../src/json.ts';
import type { Log } from '../../src/ports.ts';
import type { Task } from '../../src/workflow/tasks/task.ts';
import { causesOf } from './process.ts';

export type TaskHandler = (input: Json, context: { getRemainingTimeInMillis(): number }) => Promise<Json>;

/** The task is told to stop a second before the function is. Its errors are logged with what is below them. */
export function asFunction(task: Task, log: Log): TaskHandler {
  return async (input, context) => {
    const left = Math.max(1, context.getRemainingTimeInMillis() - 1_000);
    try {
      return await task(input, { signal: AbortSignal.timeout(left) });
    } catch (error) {
      log.write('error', 'task', 'the task failed', { causes: causesOf(error) });
      throw error;
    }
  };
}
