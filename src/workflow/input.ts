/**
 * What a run is given. Step Functions takes at most 256 KB of input, so larger parameters go as a document,
 * and `parameters` then only says where it is.
 */

import type { Json, JsonObject } from '../json.ts';
import type { Blobs } from '../ports.ts';
import type { DragMode } from '../terms.ts';
import { TaskError } from './tasks/task.ts';

export interface RunFacts {
  readonly execution_id: string;
  readonly decision_id: string;
  readonly trace_id: string;
  /** The caller's, for what the run calls; empty where there is none. */
  readonly tracestate: string;
  readonly drag_mode: DragMode;
  readonly workflow: string;
}

/** Bytes of JSON; what else stands in an input is far below the rest of 256 KB. */
export const LARGEST_PARAMETERS = 200_000;

/** Stores the parameters when they are too large to go along. */
export async function executionInput(
  documents: Pick<Blobs, 'put'>,
  facts: RunFacts,
  parameters: JsonObject,
): Promise<JsonObject> {
  const bytes = new TextEncoder().encode(JSON.stringify(parameters));
  if (bytes.byteLength <= LARGEST_PARAMETERS) return { ...facts, parameters };
  const parameters_ref = parametersName(facts.execution_id);
  await documents.put(parameters_ref, bytes);
  return { ...facts, parameters: { parameters_ref } };
}

/**
 * The parameters that a task was handed, fetched when they went as a document. Only this run's own document is
 * ever fetched: a caller who writes a reference into their parameters gets nobody else's.
 */
export async function fullParameters(
  documents: Pick<Blobs, 'get'>,
  execution_id: string,
  given: Json,
): Promise<Json> {
  const name = parametersName(execution_id);
  const isReference =
    given !== null && typeof given === 'object' && !Array.isArray(given) && given.parameters_ref === name;
  if (!isReference) return given;
  const bytes = await documents.get(name);
  if (bytes === undefined) throw new TaskError('TaskInput', `The parameters at ${name} are gone.`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

export const parametersName = (execution_id: string): string => `executions/${execution_id}/parameters.json`;
