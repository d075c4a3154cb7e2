/**
 * Whether a task changes or discloses something. Read from the definition and never declared: a manifest that
 * called a deployment harmless would be believed by draft, research and analysis, which start nothing that has
 * effects. What is not known to be harmless has effects, a task of somebody else's above all.
 */
import type { TaskName } from './tasks/names.ts';

const HARMLESS: Readonly<Record<TaskName, (parameters: Readonly<Record<string, unknown>>) => boolean>> = {
  http_call: isPlainGet,
  // Counts of records for whoever may run it; the document that it writes is its own answer.
  ledger_report: () => true,
  subject_export: () => false,
};

/**
 * @param task Chancery's own task that a Task state names; undefined for any other resource
 * @param parameters the state's `Parameters`, as the definition has them
 */
export function hasEffects(task: string | undefined, parameters: unknown): boolean {
  const known = Object.entries(HARMLESS).find(([name]) => name === task)?.[1];
  return known === undefined || !known(isRecord(parameters) ? parameters : {});
}

/** Everything literal: `method.$` is whatever a caller's parameters make of it, and a body carries something out. */
function isPlainGet({ method, endpoint, path, ...rest }: Readonly<Record<string, unknown>>): boolean {
  const literal = typeof endpoint === 'string' && typeof path === 'string';
  const carriesNothing = Object.keys(rest).every((name) => TRACE.has(name));
  return method === 'GET' && literal && carriesNothing;
}

/** Which run calls: nothing of the caller's. */
const TRACE: ReadonlySet<string> = new Set(
  ['execution_id', 'trace_id', 'tracestate'].flatMap((name) => [name, `${name}.$`]),
);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
