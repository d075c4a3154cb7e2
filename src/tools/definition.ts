/**
 * A tool's definition: what a model reads and believes of it. It is pinned by digest when it is reviewed, because a server that changes
 * a description after it was looked at changes what the model does with it.
 */
import * as z from 'zod';
import { digestJson } from '../basics/digest.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Sensitivity } from '../terms.ts';

export interface ToolDefinition {
  /** As its server calls it, without the server's name. */
  readonly name: string;
  /** Name, title, description, schemas and annotations: everything of it that a model or a client acts on. */
  readonly said: JsonObject;
  /** Hex SHA-256 of `said` in RFC 8785 form. */
  readonly digest: string;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = z.custom<JsonObject>(isObject, 'must be an object');

/** MCP 2026-07-28, server/tools, "Tool names". */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** Of one definition, in bytes of JSON. */
const MOST_BYTES = 64_000;

const listed = z.looseObject({
  name: z.string().regex(NAME),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: object,
  outputSchema: object.optional(),
  annotations: object.optional(),
});

export type ReadDefinition =
  | { readonly ok: true; readonly definition: ToolDefinition }
  | { readonly ok: false; readonly name: string; readonly why: string };

/** One entry of a server's `tools/list`. */
export function readDefinition(entry: Json): ReadDefinition {
  const named = isObject(entry) && typeof entry.name === 'string' ? entry.name.slice(0, 128) : 'unnamed';
  const parsed = listed.safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, name: named, why: `${issue?.path.join('.')}: ${issue?.message}` };
  }
  const { name, title, description, inputSchema, outputSchema, annotations } = parsed.data;
  const said: JsonObject = {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  if (Buffer.byteLength(JSON.stringify(said), 'utf8') > MOST_BYTES)
    return { ok: false, name: named, why: `its definition is larger than ${MOST_BYTES} bytes` };
  return { ok: true, definition: { name, said, digest: digestJson(said) } };
}

/**
 * What its annotations say of the harm that a tool can do. They are the server's own word: what they say may raise what the tool is taken
 * for, and `readOnlyHint` lowers nothing, beside a `destructiveHint` neither.
 */
export function declaredHarm({ said }: ToolDefinition): {
  readonly sensitivity?: Sensitivity;
  readonly writes?: true;
} {
  const { annotations } = said;
  return isObject(annotations) && annotations.destructiveHint === true
    ? { sensitivity: 'high', writes: true }
    : {};
}

/** The name by which callers and the charter know a tool: `server.tool`. */
export const toolId = (server: string, name: string): string => `${server}.${name}`;
