/** Does what goes to a tool, and what comes of it, satisfy the schemas that were reviewed? */
import { type Schema, Validator } from '@cfworker/json-schema';
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { linear } from '../workflow/linear.ts';
import { unfit } from '../workflow/parameters.ts';
import type { ToolDefinition } from './definition.ts';

const UNUSABLE: readonly Reason[] = [
  {
    code: 'schema_error',
    path: '/arguments',
    message: 'the schema of this tool cannot be read',
    kind: 'invalid',
  },
];
const inputs = new WeakMap<ToolDefinition, Validator | 'unusable'>();
const outputs = new WeakMap<ToolDefinition, Validator | 'unusable'>();

/** Empty when they do. A schema that no validator can read satisfies nothing: what cannot be checked is not forwarded. */
export function checkArguments(definition: ToolDefinition, given: JsonObject): readonly Reason[] {
  return check(inputs, definition, definition.said.inputSchema, given, '/arguments');
}

/** What is wrong with an answer (MCP 2026-07-28, server/tools, "Tool result"); undefined when nothing is. */
export function checkResult(definition: ToolDefinition, result: JsonObject): string | undefined {
  if (!Array.isArray(result.content)) return 'its answer has no content';
  const { outputSchema } = definition.said;
  const { structuredContent } = result;
  if (outputSchema === undefined || result.isError === true) return undefined;
  if (typeof structuredContent !== 'object' || structuredContent === null || Array.isArray(structuredContent))
    return 'its answer has no structured content, which its definition promises';
  const [first] = check(outputs, definition, outputSchema, structuredContent, '/structuredContent');
  return first && `its answer is not what its definition promises: ${first.path} ${first.message}`;
}

function check(
  validators: WeakMap<ToolDefinition, Validator | 'unusable'>,
  definition: ToolDefinition,
  schema: Json | undefined,
  value: JsonObject,
  at: string,
): readonly Reason[] {
  const validator = validators.get(definition) ?? prepare(schema);
  validators.set(definition, validator);
  if (validator === 'unusable') return UNUSABLE;
  try {
    return unfit(validator, value, at);
  } catch {
    // A reference that leads nowhere shows itself only when it is reached.
    validators.set(definition, 'unusable');
    return UNUSABLE;
  }
}

function prepare(schema: Json | undefined): Validator | 'unusable' {
  const form = linear(schema ?? null);
  if (form === undefined) return 'unusable';
  try {
    return new Validator(form as Schema, dialectOf(schema), false);
  } catch {
    // Whatever it is, it is no schema.
    return 'unusable';
  }
}

/** MCP: 2020-12 where `$schema` names no other. */
function dialectOf(schema: Json | undefined): '2020-12' | '2019-09' | '7' | '4' {
  const named =
    typeof schema === 'object' && schema !== null && '$schema' in schema ? String(schema.$schema) : '';
  if (named.includes('draft-07') || named.includes('draft-06')) return '7';
  if (named.includes('draft-04')) return '4';
  return named.includes('2019-09') ? '2019-09' : '2020-12';
}
