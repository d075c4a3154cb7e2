/** Numbers that came as text: in a query, on a command line, in a variable, one reader has one spelling of each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalIn, wholeIn } from '../../src/basics/decimal.ts';
import { ODD_NUMBERS } from '../support/odd-numbers.ts';

describe('a number as text', () => {
  it('is read as what it was written from', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(wholeIn(String(value))).toBe(value);
      }),
    );
    expect(decimalIn('0.95')).toBe(0.95);
  });

  it('is nothing in any other spelling', () => {
    for (const odd of ODD_NUMBERS) expect([odd, wholeIn(odd)]).toEqual([odd, undefined]);
    for (const odd of ['.5', '5.', '1,5', '00.5']) expect([odd, decimalIn(odd)]).toEqual([odd, undefined]);
    const written = /^(?:0|[1-9][0-9]*)$/;
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), (text) => {
        if (!written.test(text)) expect(wholeIn(text)).toBeUndefined();
      }),
    );
  });

  it('is nothing where a number could not hold it', () => {
    expect(wholeIn('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(wholeIn('9007199254740993')).toBeUndefined();
    expect(decimalIn('9'.repeat(400))).toBeUndefined();
  });
});
