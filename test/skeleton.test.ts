import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skeleton } from '../src/basics/skeleton.ts';

const ALIKE: readonly (readonly [string, string, string])[] = [
  // The examples of UTS #39 §4.
  ['Cyrillic', 'ѕсоре', 'scope'],
  ['mixed scripts', 'pаypаl', 'paypal'],
  ['a digit for a letter', 'paypa1', 'paypal'],
  ['two letters for one', 'rnodern', 'modern'],
  ['mathematical letters', '𝓈𝒸ℴ𝓅ℯ', 'scope'],
  ['full width', 'ｓｃｏｐｅ', 'SCOPE'],
  ['small capitals', 'sᴄᴏᴘᴇ', 'scope'],
  ['upper case', 'SCOPE', 'scope'],
  ['Cyrillic capitals', 'ЅСОРЕ', 'scope'],
  ['Cyrillic letters in the shape of capitals', 'ванк', 'BAHK'],
  ['a capital I for an l', 'paypaI', 'paypal'],
  ['accents, composed', 'Müller', 'muller'],
  ['accents, decomposed', 'Mu\u0308ller', 'Müller'],
  ['strokes', 'Łódź', 'lodz'],
  ['nothing that is seen', 'sc\u200bo\u00adp\u2060e\ufe0f', 'scope'],
  ['blanks', ' Jake\u00a0\u3000 Smith\u2800', 'jake smith'],
];

const APART: readonly (readonly [string, string])[] = [
  ['postgres.query', 'postgres.execute'],
  ['Ann', 'Anna'],
  ['nut', 'hut'],
  // Vowel signs are letters to those who read them.
  ['राम', 'रमा'],
  ['Ann Lee', 'Annlee'],
];

describe('what a name looks like', () => {
  it.each(ALIKE)('reads %s as the same', (_, one, other) => {
    expect(skeleton(one)).toBe(skeleton(other));
  });

  it.each(APART)('tells %s from %s', (one, other) => {
    expect(skeleton(one)).not.toBe(skeleton(other));
  });

  it('is empty where nothing is seen', () => {
    expect(skeleton('\u200b\u2800 \ufe0f')).toBe('');
  });

  it('never depends on case or on blanks around a name', () => {
    const letter = fc.constantFrom(
      ...'abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстαβγδεζηθικλμνξοπρστυφχψω',
    );
    fc.assert(
      fc.property(
        fc.string({ unit: letter, minLength: 1 }),
        fc.constantFrom('', ' ', '\u200b', '\t'),
        (name, blank) => {
          expect(skeleton(`${blank}${name}${blank}`)).toBe(skeleton(name));
          expect(skeleton(skeleton(name))).toBe(skeleton(name));
        },
      ),
    );
  });

  it('reads every Latin name in capitals as in small letters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789 .-_@') }),
        (name) => {
          expect(skeleton(name.toUpperCase())).toBe(skeleton(name));
        },
      ),
    );
  });
});
