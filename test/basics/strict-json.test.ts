import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DEPTH, parseStrict, pointer } from '../../src/basics/strict-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseStrict(bytes(text));

const FORBIDDEN = /^(__proto__|constructor|prototype)$/;

function holdsForbidden(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => FORBIDDEN.test(name) || holdsForbidden(inner));
}

/** Numbers beyond those of which every integer is told apart. */
function holdsUnsafe(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsUnsafe);
}

describe('what is accepted', () => {
  it('is what JSON.parse reads, and gives the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const value: unknown = JSON.parse(text);
        const parsed = parse(text);
        if (holdsUnsafe(value)) expect(parsed.ok).toBe(false);
        else if (holdsForbidden(value)) expect(parsed).toMatchObject({ ok: false, fault: 'forbidden_key' });
        else expect(parsed).toEqual({ ok: true, value });
      }),
      { numRuns: 1000 },
    );
  });

  it('also numbers of any size and half characters where members are checked later, and never a name twice', () => {
    const read = (text: string) => parseStrict(bytes(text), { values: 'any', depth: 4_000 });
    const deep = `${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`;
    const foreign = `{"id":123456789012345678901,"half":"\\ud800","deep":${deep}}`;
    expect(parse(foreign)).toMatchObject({ ok: false });
    expect(read(foreign)).toEqual({ ok: true, value: JSON.parse(foreign) });
    expect(read('{"sub":"a","x":{"y":1,"y":2}}')).toMatchObject({ ok: false, fault: 'duplicate_key' });
    expect(parseStrict(Uint8Array.of(0x22, 0xff, 0x22), { values: 'any' })).toMatchObject({
      ok: false,
      fault: 'invalid_utf8',
    });
  });

  it('and never more: any text that JSON.parse refuses is refused', () => {
    const noise = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', '1', '-', ' ', 'null', '"k"', '\\u', 'e'),
    );
    fc.assert(
      fc.property(noise, (pieces) => {
        const text = pieces.join('');
        let readable = true;
        try {
          JSON.parse(text);
        } catch {
          readable = false;
        }
        expect(readable || !parse(text).ok).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => typeof parseStrict(any).ok === 'boolean'),
    );
  });

  it('colons, braces and quotes inside of texts are no members', () => {
    const text = '{"a":"{\\"b\\":1,\\"b\\":2}","c":["::","\\\\",":\\""]}';
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });
});

describe('a number', () => {
  it('is accepted in every spelling of a value that is kept', () => {
    for (const text of [
      '0',
      '-0',
      '0.10',
      '1E2',
      '1e+2',
      '100e-2',
      '0.1',
      '9007199254740991',
      '5e-324',
      '1.7976931348623158e-10',
    ]) {
      expect(parse(text), text).toEqual({ ok: true, value: JSON.parse(text) });
    }
  });

  it('as a double writes it is accepted, unless it is an integer that a double cannot tell from its neighbour', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const safe = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
        expect(parse(JSON.stringify({ value })).ok).toBe(safe);
      }),
    );
  });

  it('with any further digit than a double keeps is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e15 }), fc.integer({ min: 1, max: 9 }), (whole, digit) => {
        expect(parse(`[${whole}.0000000000000000000${digit}]`)).toMatchObject({
          ok: false,
          fault: 'number_out_of_range',
        });
      }),
    );
  });

  it('inside of a text is no number', () => {
    expect(parse('{"customer_id":"1234567890123456789"}').ok).toBe(true);
  });
});

describe('what is refused, and where', () => {
  it.each([
    ['{"a":1,"a":1}', 'duplicate_key', '/a'],
    ['{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}', 'duplicate_key', '/b/c/1/d'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', '/a'],
    ['[{"a":1},{"a":1,"b":2,"a":3}]', 'duplicate_key', '/1/a'],
    ['{"x":{"y":"a,b"},"x":{}}', 'duplicate_key', '/x'],
    ['{"a/b":1,"a/b":2}', 'duplicate_key', '/a~1b'],
    ['{"":1,"":2}', 'duplicate_key', '/'],
    ['{"__proto__":{"admin":true}}', 'forbidden_key', '/__proto__'],
    ['{"a":[{"constructor":{"prototype":{}}}]}', 'forbidden_key', '/a/0/constructor'],
    ['{"\\u005f_proto__":1}', 'forbidden_key', '/__proto__'],
    ['{"a":1e400}', 'number_out_of_range', '/a'],
    ['[-1e999]', 'number_out_of_range', '/0'],
    ['{"a":9007199254740992}', 'number_out_of_range', '/a'],
    ['{"a":[0,-9007199254740992]}', 'number_out_of_range', '/a/1'],
    ['{"customer_id":1234567890123456789}', 'number_out_of_range', '/customer_id'],
    ['{"a":1e16}', 'number_out_of_range', '/a'],
    ['{"a":9e99}', 'number_out_of_range', '/a'],
    ['{"a":0.1234567890123456789}', 'number_out_of_range', '/a'],
    ['{"a":4.35,"b":1e-400}', 'number_out_of_range', '/b'],
    ['{"a":"\\ud800"}', 'lone_surrogate', '/a'],
    ['{"\\udc00":1}', 'lone_surrogate', '/\ufffd'],
    ['', 'invalid_json', ''],
    ['{', 'invalid_json', ''],
    ['{"a":1}}', 'invalid_json', ''],
    ['{"a":1} {"a":1}', 'invalid_json', ''],
    ["{'a':1}", 'invalid_json', ''],
    ['{"a":01}', 'invalid_json', ''],
    ['{"a":NaN}', 'invalid_json', ''],
    ['{"a":1,}', 'invalid_json', ''],
    ['// x\n{}', 'invalid_json', ''],
    ['\ufeff{}', 'invalid_json', ''],
    ['"a\nb"', 'invalid_json', ''],
  ])('%s: %s at "%s"', (text, fault, path) => {
    expect(parse(text)).toMatchObject({
      ok: false,
      fault,
      reason: { code: 'schema_error', path, kind: 'invalid' },
    });
  });

  it.each([
    ['a cut character', [0x22, 0xc3, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['beyond Unicode', [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22]],
  ])('%s is not UTF-8', (_, list) => {
    expect(parseStrict(Uint8Array.from(list))).toMatchObject({ ok: false, fault: 'invalid_utf8' });
  });

  it('depth beyond the limit, a million brackets included', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parse(nested(MAX_DEPTH))).toMatchObject({ ok: true });
    expect(parse(nested(MAX_DEPTH + 1))).toMatchObject({ ok: false, fault: 'too_deep' });
    expect(parse(nested(100))).toMatchObject({ ok: false, fault: 'too_deep' });
    expect(parse('{"a":'.repeat(1_000_000))).toMatchObject({ ok: false, fault: 'too_deep' });
    expect(parse(JSON.stringify('['.repeat(1000)))).toMatchObject({ ok: true });
  });

  it('one name repeated anywhere in any document', () => {
    const key = fc.string().filter((name) => !FORBIDDEN.test(name) && name.isWellFormed());
    fc.assert(
      fc.property(
        key,
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(key, { maxLength: 4 }),
        (name, value, path) => {
          fc.pre(!holdsForbidden(value));
          const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
          const text = path.reduceRight(
            (inner, step) => `{${JSON.stringify(step)}:${inner}}`,
            `{${member},"~":0,${member}}`,
          );
          fc.pre(JSON.stringify(value).isWellFormed() && name !== '~');
          expect(parse(text)).toMatchObject({
            fault: 'duplicate_key',
            reason: { path: pointer([...path, name]) },
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});
