/**
 * JSON Schema for workflow parameters: the part of draft 2020-12 that parameters need. A keyword outside
 * this list is a problem of the manifest, because validators ignore what they don't know: a misspelt
 * `requried` would let everything through.
 */
import * as z from 'zod';

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
const count = z.int().min(0);

/** Written by who writes the workflow, so trusted to be sensible; matched with the `u` flag. */
const pattern = z.string().refine(
  (text) => {
    try {
      new RegExp(text, 'u');
      return true;
    } catch {
      return false;
    }
  },
  { error: 'is not a regular expression' },
);

type Schema = { [keyword: string]: unknown };

export const parameterSchema: z.ZodType<Schema> = z.lazy(() =>
  z.strictObject({
    type: z.union([z.enum(TYPES), z.array(z.enum(TYPES)).min(1)]).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.json().optional(),
    examples: z.array(z.json()).optional(),
    enum: z.array(z.json()).min(1).optional(),
    const: z.json().optional(),
    properties: z.record(z.string(), parameterSchema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), parameterSchema]).optional(),
    minProperties: count.optional(),
    maxProperties: count.optional(),
    items: parameterSchema.optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    uniqueItems: z.boolean().optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    pattern: pattern.optional(),
    format: z.enum(['date-time', 'date', 'email', 'uri', 'uuid']).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    multipleOf: z.number().positive().optional(),
    allOf: z.array(parameterSchema).min(1).optional(),
    anyOf: z.array(parameterSchema).min(1).optional(),
    oneOf: z.array(parameterSchema).min(1).optional(),
    not: parameterSchema.optional(),
  }),
);
