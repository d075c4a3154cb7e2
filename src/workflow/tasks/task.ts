/**
 * What a Task state of a shipped workflow runs. A task is one function of its input, with everything that it
 * touches handed to it, so the local engine calls it directly and on AWS a Lambda function is one task.
 */
import type * as z from 'zod';
import type { Json } from '../../json.ts';

export type Task = (input: Json, context: { readonly signal: AbortSignal }) => Promise<Json>;

/**
 * An error that a definition can name in Retry and Catch. The `name` is what counts there: Step Functions
 * reads a Lambda function's error name, the local engine reads it directly.
 */
export class TaskError extends Error {
  constructor(name: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
  }
}

/** A definition that hands a task the wrong input fails its run with `TaskInput`, which no Retry should name. */
export function readInput<S extends z.ZodType>(schema: S, input: Json): z.output<S> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const what = read.error.issues
    .map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`)
    .join('; ');
  throw new TaskError('TaskInput', what);
}
