import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, isFound } from '../../src/workflow/pattern.ts';

const found = (pattern: string, text: string, left = 1_000_000): boolean | undefined => {
  const compiled = compilePattern(pattern);
  return compiled && isFound(compiled, text, { left });
};

/** Patterns of the grammar, as text. */
const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  pattern: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,}', '{0,3}', '*?'))
        .map(([atom, times]) => (/^(\^|\$|\\b|\\B)$/.test(atom) ? atom : atom + times)),
      { maxLength: 4 },
    )
    .map((parts) => parts.join('')),
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'a',
      'b',
      '1',
      'é',
      '😀',
      '.',
      '\\d',
      '\\W',
      '\\s',
      '\\.',
      '\\x61',
      '\\u00e9',
      '[ab]',
      '[^a]',
      '[a-c1]',
      '[\\d_]',
      '[-a]',
      '[^]',
      '^',
      '$',
      '\\b',
      '\\B',
    ),
    tie('pattern').map((inner) => `(${inner})`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    tie('pattern')
      .map((inner) => `(?<name>${inner})`)
      .filter((text) => text.split('?<name>').length === 2),
  ),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', '_', ' ', '.', '\n', 'é', '😀'), { maxLength: 8 })
  .map((parts) => parts.join(''));

const realm = createContext({ source: '', given: '' });

/** What V8 finds. Undefined: no pattern (two groups of one name), or V8 tries paths without an end, as ours does not. */
function natively(source: string, given: string): boolean | undefined {
  Object.assign(realm, { source, given });
  try {
    return runInContext('new RegExp(source, "u").test(given)', realm, { timeout: 100 });
  } catch {
    return undefined;
  }
}

describe('a pattern', () => {
  it('finds what JavaScript finds', () => {
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        const native = natively(source, given);
        fc.pre(native !== undefined);
        // V8 finds \B between the halves of a surrogate pair, which is no place between characters.
        if (source.includes('\\B') && /[\u{10000}-\u{10ffff}]/u.test(given)) return;
        expect([source, given, found(source, given)]).toEqual([source, given, native]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('that JavaScript refuses is refused, and nothing crashes it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: fc.constantFrom(...'ab(|)[]{}?*+^$\\d-,1:<=!>x') }), fc.string()),
        (source) => {
          const mine = compilePattern(source);
          if (mine === undefined || source.startsWith('(?i)') || source.includes('\\-')) return;
          expect(() => new RegExp(source, 'u')).not.toThrow();
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['(?i)hello', 'HeLLo', true],
    ['(?i)[a-c]+$', 'xABC', true],
    ['^v\\d+\\.\\d+\\.\\d+$', 'v1.20.3', true],
    ['^v\\d+\\.\\d+\\.\\d+$', 'v1.20', false],
    ['', 'anything', true],
    ['ok|healthy', 'it is healthy', true],
  ])('%s in %j: %s', (source, given, expected) => {
    expect(found(source, given)).toBe(expected);
  });

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(a)\\1',
    '(',
    'a)',
    '[a',
    'a**',
    '{2}',
    'a{2',
    'a{3,2}',
    'a{1001}',
    '\\q',
    '[b-a]',
    '[\\d-z]',
    '\\x6',
    '^*',
    '(?a)',
    '('.repeat(60) + ')'.repeat(60),
    'a'.repeat(501),
    '(a{100}){100}',
  ])('like %s is none that can be matched in linear time', (source) => {
    expect(compilePattern(source)).toBeUndefined();
  });

  it.each(['^(a+)+$', '^(a|a)*$', '(a*)*b', '(.*.*.*)*x', '(a?){50}a{50}b'])(
    'as bad as %s takes steps in proportion to the text',
    (source) => {
      const compiled = compilePattern(source);
      if (compiled === undefined) throw new Error('it is a pattern');
      const steps = (length: number) => {
        const allowance = { left: 100_000_000 };
        expect(isFound(compiled, `${'a'.repeat(length)}!`, allowance)).toBe(false);
        return 100_000_000 - allowance.left;
      };
      expect(steps(4_000) / steps(2_000)).toBeLessThan(2.1);
      expect(found(source, `${'a'.repeat(100_000)}!`, 10_000)).toBeUndefined();
    },
  );
});
