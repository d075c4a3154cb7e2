/** What a charter's author may send: nothing that could end or hold up the engine that decides. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beyondBounds, MAX_BUNDLE, MAX_NESTING, MAX_POLICIES, MAX_POLICY } from '../../src/charter/bounds.ts';
import { parseBundle } from '../../src/charter/bundle.ts';
import { judge } from '../../src/charter/judge.ts';
import { bundleWith, charterWith, shippedFiles } from './world.ts';

/** The condition stands in line 3 of the file. */
const condition = (text: string) =>
  bundleWith({ 'policies/x.cedar': `@id("x")\nforbid (principal, action, resource)\nwhen { ${text} };\n` });

/** Ways to make Cedar recurse, each with its depth. */
const DEEP: Readonly<Record<string, (depth: number) => string>> = {
  brackets: (n) => `${'('.repeat(n)}true${')'.repeat(n)}`,
  negations: (n) => `${'!('.repeat(n)}true${')'.repeat(n)}`,
  conjunctions: (n) => Array(n).fill('true').join(' && '),
  alternatives: (n) => Array(n).fill('true').join('||'),
  sums: (n) => `${Array(n).fill('1').join('+')} == 1`,
  branches: (n) => `${'if true then true else '.repeat(n)}true`,
  members: (n) => `context${'.a'.repeat(n)}`,
  indexes: (n) => `context${'["a"]'.repeat(n)}`,
  calls: (n) => `context.a${'.contains(1)'.repeat(n)}`,
  sets: (n) => `${'['.repeat(n)}${']'.repeat(n)} == []`,
  records: (n) => `${'{a:'.repeat(n)}1${'}'.repeat(n)} == {}`,
  'a mixture': (n) => `${'(true && !(['.repeat(n / 4)}1${'] == 1))'.repeat(n / 4)}`,
};

describe('a bundle', () => {
  it('is within bounds as shipped, by far', () => {
    expect(beyondBounds(shippedFiles)).toEqual([]);
    expect([...shippedFiles.values()].join('').length).toBeLessThan(MAX_BUNDLE / 3);
  });

  it.each(Object.entries(DEEP))('with %s nested 200 deep is refused at its place', (_, make) => {
    const parsed = parseBundle(condition(make(200)));
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([
      { code: 'nested_too_deeply', file: 'policies/x.cedar', line: 3 },
    ]);
  });

  it.each([
    [
      'a schema',
      { 'schema.cedarschema': `namespace C { type T = ${'Set<'.repeat(9)}{a: ${'{a: '.repeat(200)}Long` },
    ],
    ['flow YAML', { 'flags.yaml': `flags: ${'['.repeat(200)}${']'.repeat(200)}` }],
    ['sequences in YAML', { 'flags.yaml': `flags:\n  ${'- '.repeat(200)}x` }],
  ])('with %s nested too deeply is refused', (_, changes) => {
    const parsed = parseBundle(bundleWith(changes));
    expect(parsed.ok ? [] : parsed.problems.map(({ code }) => code)).toContain('nested_too_deeply');
  });

  it('may have so many policies and no more, each so long and no longer, and so much in all', () => {
    const policies = (count: number) =>
      Array.from(
        { length: count },
        (_, n) => `@id("p${n}") forbid (principal, action, resource) when { true };`,
      );
    const codes = (changes: Record<string, string>) =>
      beyondBounds(bundleWith(changes)).map(({ code }) => code);
    expect(codes({ 'policies/x.cedar': policies(4000).join('\n') })).toEqual(['too_many_policies']);
    expect(codes({ 'policies/x.cedar': policies(MAX_POLICIES - 100).join('\n') })).toEqual([]);
    expect(
      codes({
        'policies/x.cedar': `@id("x") forbid (principal, action, resource) when { [${'1,'.repeat(MAX_POLICY)}1] == [] };`,
      }),
    ).toEqual(['policy_too_large']);
    expect(codes({ 'policies/x.cedar': `// ${'x'.repeat(MAX_BUNDLE)}` })).toEqual(['bundle_too_large']);
    expect(codes(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`tests/${n}.yaml`, ''])))).toEqual(
      ['too_many_files'],
    );
  });

  it('never ends the engine, whatever is in it: decisions go on', () => {
    const charter = charterWith();
    const ask = () =>
      judge(charter, {
        subject: { id: 'x', roles: ['admin'], attributes: {} },
        action: 'gateway:tool:invoke',
        resource: { type: 'tool', id: 'search-mcp.search', attributes: {} },
        context: {},
      });
    const before = ask();
    const depth = fc.integer({ min: 1, max: MAX_NESTING * 4 });
    const deep = fc.tuple(fc.constantFrom(...Object.values(DEEP)), depth).map(([make, n]) => make(n));
    const text = fc.string({ unit: fc.constantFrom(...'()[]{}".,;:=!&|<>+-*/@ ab1\n'), maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(deep, text), (broken) => {
        // Only the policy file: what the rest of a bundle costs is not the question here.
        expect(() =>
          parseBundle(
            new Map([
              ['policies/x.cedar', `@id("x")\npermit(principal, action, resource) when { ${broken} };`],
            ]),
          ),
        ).not.toThrow();
        expect(ask()).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});
