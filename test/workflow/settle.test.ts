import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import type { MissionCheck } from '../../src/terms.ts';
import { parsePath, valueAt } from '../../src/workflow/path.ts';
import { checksOf, settle, WORKFLOW_CRITERION } from '../../src/workflow/settle.ts';

const output: Json = {
  health: 'ok',
  count: 3,
  list: [{ name: 'a' }, 7, null],
  'odd name': true,
  at: '2026-11-21T07:00:00.000Z',
};
const check = (path: string, op: MissionCheck['op'], value?: Json): MissionCheck => ({
  criterion: 0,
  path,
  op,
  ...(value === undefined ? {} : { value }),
});
const resultOf = (one: MissionCheck, from: Json | undefined = output) => settle([one], from).result;

describe('a success check', () => {
  it.each<[string, MissionCheck['op'], Json | undefined, 'met' | 'unmet' | 'unknown']>([
    ['$.health', 'eq', 'ok', 'met'],
    ['$.health', 'eq', 'bad', 'unmet'],
    ['$.health', 'ne', 'bad', 'met'],
    ['$.gone', 'eq', 'ok', 'unknown'],
    ['$.gone', 'ne', 'ok', 'unknown'],
    ['$.gone', 'exists', undefined, 'unmet'],
    ['$.gone', 'exists', false, 'met'],
    ['$.list[2]', 'exists', undefined, 'met'],
    ['$.list[3]', 'exists', undefined, 'unmet'],
    ['$.list[0].name', 'eq', 'a', 'met'],
    ["$['odd name']", 'eq', true, 'met'],
    ['$.list[0]', 'eq', { name: 'a' }, 'met'],
    ['$', 'exists', undefined, 'met'],
    ['$.count', 'gt', 2, 'met'],
    ['$.count', 'gt', 3, 'unmet'],
    ['$.count', 'gte', 3, 'met'],
    ['$.count', 'lt', 4, 'met'],
    ['$.count', 'lte', 2, 'unmet'],
    ['$.count', 'gt', '2', 'unknown'],
    ['$.at', 'gte', '2026-11-21T06:59:59.999Z', 'met'],
    ['$.list', 'contains', 7, 'met'],
    ['$.list', 'contains', { name: 'a' }, 'met'],
    ['$.health', 'contains', 'k', 'met'],
    ['$.count', 'contains', 3, 'unknown'],
    ['$.health', 'matches', '^o.$', 'met'],
    ['$.health', 'matches', '(', 'unknown'],
    ['$.health', 'matches', '(?=o)o', 'unknown'],
    ['$.health', 'matches', '(?i)^OK$', 'met'],
    ['$.count', 'matches', '3', 'unknown'],
    ['$.health', 'eq', undefined, 'unknown'],
    ['$..health', 'exists', undefined, 'unknown'],
    ['health', 'exists', undefined, 'unknown'],
    ['$.constructor', 'exists', undefined, 'unmet'],
    ['$.__proto__', 'exists', undefined, 'unmet'],
    ['$.list.length', 'exists', undefined, 'unmet'],
  ])('%s %s %j is %s', (path, op, value, result) => {
    expect(resultOf(check(path, op, value))).toBe(result);
  });

  it('with a pattern made to explode is answered all the same', () => {
    expect(resultOf(check('$.text', 'matches', '^(a+)+$'), { text: `${'a'.repeat(50_000)}!` })).toBe('unmet');
    expect(resultOf(check('$.health', 'matches', 'a'.repeat(501)))).toBe('unknown');
  });
});

describe('a settlement', () => {
  it('is unmet if one check is, else unknown if one is, else met', () => {
    const met = check('$.health', 'eq', 'ok');
    const unmet = check('$.health', 'eq', 'bad');
    const unknown = check('$.gone', 'eq', 1);
    expect(settle([met, met], output).result).toBe('met');
    expect(settle([met, unknown], output).result).toBe('unknown');
    expect(settle([unknown, unmet, met], output).result).toBe('unmet');
    expect(settle([], output).result).toBe('unknown');
  });

  it('of a run without output is unknown, and lists every check', () => {
    expect(settle([check('$.health', 'ne', 'bad')], undefined)).toEqual({
      result: 'unknown',
      checks: [{ criterion: 0, path: '$.health', op: 'ne', result: 'unknown' }],
    });
  });

  it('puts the workflow’s own checks first', () => {
    const checks = checksOf(
      { checks: [{ path: '$.a', op: 'exists' }] },
      { checks: [check('$.b', 'exists')] },
    );
    expect(checks.map(({ criterion, path }) => [criterion, path])).toEqual([
      [WORKFLOW_CRITERION, '$.a'],
      [0, '$.b'],
    ]);
  });

  it('never throws, and agrees with itself: not both eq and ne', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (path, value, from) => {
        const eq = resultOf(check(path, 'eq', value as Json), from as Json);
        const ne = resultOf(check(path, 'ne', value as Json), from as Json);
        expect([eq, ne].sort()).not.toEqual(['met', 'met']);
      }),
    );
  });
});

describe('a path', () => {
  it('finds what it names, in any JSON', () => {
    const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,10}$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(key, fc.nat(5)), { maxLength: 5 }), fc.jsonValue(), (steps, leaf) => {
        const root = steps.reduceRight<Json>(
          (inner, step) =>
            typeof step === 'number' ? [...Array<Json>(step).fill(0), inner] : { [step]: inner },
          leaf as Json,
        );
        const path = `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
        expect(parsePath(path)).toEqual(steps);
        expect(valueAt(root, steps)).toEqual(leaf);
      }),
    );
  });
});
