import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson, overCanonical } from '../../src/basics/canonical.ts';

describe('canonical JSON', () => {
  it('writes the example of RFC 8785, section 3.2.4', () => {
    const given = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(given)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts by UTF-16 code units (section 3.2.3)', () => {
    const given = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(Object.entries(given).map(([, name]) => name))))).toEqual(
      Object.values(given),
    );
    expect([...canonicalJson(given).matchAll(/:"([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [1e23, '1e+23'],
    [333333333.33333325, '333333333.33333325'],
    [-0.0000033333333333333333, '-0.0000033333333333333333'],
  ])('writes the number %s as appendix B has it', (number, text) => {
    expect(canonicalJson(number)).toBe(text);
  });

  it('writes what the library writes', () => {
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'toJSON', '10', '9'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(names, tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        expect(canonicalJson(given)).toBe(canonicalize(given));
      }),
      { numRuns: 200 },
    );
  });

  it('writes the same names in whatever order they come, again and again, remembered or too many for that', () => {
    const some = fc.uniqueArray(fc.constantFrom('b', 'a', 'é', '10', '9', 'z".', 'n'.repeat(50)), {
      minLength: 1,
    });
    const many = fc.uniqueArray(fc.nat(200).map(String), { minLength: 30, maxLength: 60 });
    const members = fc
      .tuple(fc.oneof({ weight: 9, arbitrary: some }, many), fc.constantFrom('last', 'other'))
      .map(([names, last]) => Object.fromEntries([...names, last].map((name, at) => [name, at])));
    fc.assert(
      fc.property(fc.array(members, { minLength: 1 }), (given) => {
        expect(canonicalJson(given)).toBe(canonicalize(given));
      }),
    );
  });

  it('writes a value of any size, and the next one anew', () => {
    const text = fc.constantFrom('plain', 'größer', '\u0001', '"', '😀', 'half "of it');
    const value = fc.tuple(text, fc.nat(40_000), fc.nat(40_000));
    fc.assert(
      fc.property(value, ([given, times, plain]) => {
        const large = { text: given.repeat(times), beside: 'x'.repeat(plain), also: [given] };
        const small = [given, 1];
        expect(canonicalJson(large)).toBe(canonicalize(large));
        expect(canonicalJson(small)).toBe(canonicalize(small));
      }),
      { numRuns: 50 },
    );
  });

  it('gives bytes that stay, of their own memory, and lets others read the same for as long as they do', () => {
    const first = canonicalBytes({ first: 'é' });
    expect(() => canonicalBytes({ a: 'a text that is begun', b: Number.NaN })).toThrow();
    const length = overCanonical({ second: true }, (bytes) => bytes.length);
    expect(length).toBe('{"second":true}'.length);
    expect(Buffer.from(first).toString()).toBe('{"first":"é"}');
    expect(first.buffer.byteLength).toBe(first.length);
  });

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', [Number.NEGATIVE_INFINITY]],
    ['half a character', { text: '\ud83d' }],
    ['half a character in a name', { '\ude00': 1 }],
    ['nothing', undefined],
    ['nothing in a list', [undefined]],
    ['a function', { f: () => 1 }],
  ])('refuses %s', (_, given) => {
    expect(() => canonicalJson(given)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  });
});
