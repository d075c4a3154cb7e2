/**
 * A JSON Schema in a form that is checked in a time that grows with the value, whatever a caller writes. Its validator
 * hands patterns to JavaScript's own engine, which takes exponential time on `^(a+)+$`, has such a pattern of its own for
 * the format `url`, and compares each pair of a list whose items must differ.
 */
import { format } from '@cfworker/json-schema';
import type { Json, JsonObject } from '../json.ts';
import { compilePattern, isFound } from './pattern.ts';

/** Steps for one text (about 50 ns each): a text that takes more is none that the pattern matches. */
const MOST_STEPS = 4_000_000;
/** Items that must differ are compared pair by pair. */
const MOST_UNIQUE = 1_000;

/**
 * Formats that are checked. Another is a remark and no rule (JSON Schema 2020-12, Validation, section 7.2.1), and for
 * `url`, which JSON Schema does not know, `uri` is meant.
 */
const FORMATS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...[
        'date',
        'time',
        'date-time',
        'duration',
        'email',
        'hostname',
        'ipv4',
        'ipv6',
        'uri',
        'uri-reference',
      ],
      ...['uuid', 'json-pointer', 'relative-json-pointer'],
    ].map((name) => [name, name]),
  ),
  url: 'uri',
};

/** Keywords whose value is no schema: what stands in it is data. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);
/** Keywords whose members are named by the author, not by JSON Schema. */
const NAMED: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'],
]);

/** Thrown within, for what cannot be given such a form. */
class NotLinear extends Error {}

/** Undefined where it has a pattern for which no linear form is known. */
export function linear(schema: Json): Json | undefined {
  try {
    return schemaOf(schema);
  } catch (error) {
    if (error instanceof NotLinear) return undefined;
    throw error;
  }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function schemaOf(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(schemaOf);
  if (!isObject(schema)) return schema;
  const { pattern, format: form, uniqueItems, ...rest } = schema;
  const parts = mapped(rest, partOf);
  const also: Json[] = Array.isArray(parts.allOf) ? [...parts.allOf] : [];
  if (uniqueItems === true)
    also.push({ maxItems: MOST_UNIQUE, if: { minItems: MOST_UNIQUE + 1 }, else: { uniqueItems: true } });
  const checked = typeof form === 'string' ? FORMATS[form] : undefined;
  if (checked !== undefined) parts.format = checked;
  if (typeof pattern === 'string') {
    const compiled = compilePattern(pattern);
    if (compiled === undefined) {
      mustBePlain(pattern);
      parts.pattern = pattern;
    } else {
      const name = `the pattern ${pattern}`;
      format[name] ??= (text) => isFound(compiled, text, { left: MOST_STEPS }) === true;
      also.push({ format: name });
    }
  }
  return also.length === 0 ? parts : { ...parts, allOf: also };
}

function partOf(value: Json, keyword: string): Json {
  if (DATA.has(keyword)) return value;
  if (!NAMED.has(keyword) || !isObject(value)) return schemaOf(value);
  if (keyword === 'patternProperties') for (const name of Object.keys(value)) mustBePlain(name);
  return mapped(value, schemaOf);
}

function mapped(members: JsonObject, of: (value: Json, name: string) => Json): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) made[name] = of(value, name);
  return made;
}

/** From the beginning on, and with one repetition at most, JavaScript's engine has nothing to try again. */
function mustBePlain(pattern: string): void {
  const repeats = pattern.match(/[*+?{]/g)?.length ?? 0;
  const plain = pattern.startsWith('^') ? repeats <= 1 : repeats === 0;
  if (!plain) throw new NotLinear();
}
