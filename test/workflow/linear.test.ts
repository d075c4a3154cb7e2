/** Schemas in a form that no value makes slow, and that mean what they meant. */
import { type Schema, Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/json.ts';
import { linear } from '../../src/workflow/linear.ts';

const passes = (schema: Json | undefined, value: unknown): boolean =>
  new Validator(schema as Schema, '2020-12', false).validate(value).valid;
const of = (x: JsonObject): JsonObject => ({ type: 'object', properties: { x } });

describe('a schema in linear form', () => {
  it.each([
    [{ type: 'string', pattern: '^v[0-9]+(\\.[0-9]+)*$' }, ['v1.2', 'v1', 'x', 'v1.', 5]],
    [{ pattern: 'b+c' }, ['abbc', 'ac', 7]],
    [{ pattern: '^(?=a)a', type: 'string' }, ['a', 'b']],
    [{ pattern: '^a', allOf: [{ maxLength: 2 }] }, ['a', 'aaa', 'b']],
    [{ format: 'email', pattern: '@example[.]org$' }, ['a@example.org', 'a@b.org', '@example.org']],
    [{ format: 'uri' }, ['https://example.org/x', 'no']],
    [
      { type: 'array', uniqueItems: true, maxItems: 3 },
      [
        [1, 2],
        [1, 1],
        [1, 2, 3, 4],
      ],
    ],
    [{ enum: [{ pattern: '^a' }] }, [{ pattern: '^a' }, 'a']],
    [
      { properties: { pattern: { type: 'string', pattern: '^a' } } },
      [{ pattern: 'a' }, { pattern: 'b' }, {}],
    ],
    [{ patternProperties: { '^a': { type: 'number' } } }, [{ ab: 1 }, { ab: 'x' }, { b: 'x' }]],
    [{ propertyNames: { pattern: '^[a-z]+$' } }, [{ a: 1 }, { A: 1 }]],
    [true, [1]],
  ] as readonly (readonly [Json, readonly Json[]])[])('means what %j means', (schema, values) => {
    const form = linear(of({ anyOf: [schema] }));
    for (const x of values)
      expect(passes(form, { x }), JSON.stringify(x)).toBe(passes(of({ anyOf: [schema] }), { x }));
  });

  // Each of these would go on for longer than anybody waits in the form that it came in.
  it.each([
    [{ pattern: '^(a+)+$' }, `${'a'.repeat(50)}!`],
    [{ pattern: '(x+x+)+y' }, 'x'.repeat(50)],
    [{ format: 'url' }, `http://${'a'.repeat(60)} x`],
    [{ type: 'array', uniqueItems: true }, Array.from({ length: 100_000 }, (_, n) => n)],
  ] as readonly (readonly [JsonObject, Json])[])('refuses what %j would not be done with', (schema, x) => {
    expect(passes(linear(of(schema)), { x })).toBe(false);
  });

  it('is not given to a pattern that nobody can follow in one pass', () => {
    for (const pattern of ['^(?=a)(a+)+$', '(?<=a)b*', '(.*)\\1'])
      for (const schema of [{ pattern }, { patternProperties: { [pattern]: {} } }])
        expect(linear(of(schema)), JSON.stringify(schema)).toBeUndefined();
  });
});
