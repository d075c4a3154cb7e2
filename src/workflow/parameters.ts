/** Do a request's parameters satisfy the workflow's schema? */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { Reason } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { linear } from './linear.ts';
import type { Workflow } from './workflow.ts';

/** One validator per loaded workflow: it dereferences the schema once. */
const validators = new WeakMap<Workflow, Validator>();
const MOST_REASONS = 20;

/** Empty when they do. Reasons have code `schema_error` and a JSON Pointer into the request body. */
export function checkParameters(workflow: Workflow, parameters: JsonObject): Reason[] {
  let validator = validators.get(workflow);
  if (validator === undefined) {
    // Its author is trusted, and a form that is no slower for it is better than none.
    const schema = (linear(workflow.parameters) ?? workflow.parameters) as Schema;
    validator = new Validator(schema, '2020-12', false);
    validators.set(workflow, validator);
  }
  return unfit(validator, parameters, '/parameters');
}

/** What of a value does not satisfy a schema, each at its JSON Pointer below `at`. */
export function unfit(validator: Validator, value: JsonObject, at: string): Reason[] {
  return validator
    .validate(value)
    .errors.filter((unit) => !CONTAINERS.has(unit.keyword))
    .slice(0, MOST_REASONS)
    .map((unit) => ({
      code: 'schema_error',
      path: `${at}${unit.instanceLocation.slice(1)}`,
      message: unit.error,
      kind: 'invalid',
    }));
}

/** These only say that something below them is wrong, which has its own entry. */
const CONTAINERS: ReadonlySet<string> = new Set(['properties', 'items', 'allOf']);
