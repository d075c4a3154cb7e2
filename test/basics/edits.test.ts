import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editsBetween, type Letters } from '../../src/basics/edits.ts';
import { nearest } from '../../src/basics/nearest.ts';

/** The whole table, as the definition has it. */
function edits(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number): number => table[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const row = table[i] ?? [];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  return at(a.length, b.length);
}

const name = fc.string({ unit: fc.constantFrom(...'abcde_'), maxLength: 12 });

describe('the edits between two names', () => {
  it('are as many as the whole table gives, up to what is asked', () => {
    fc.assert(
      fc.property(name, name, fc.nat(4), (a, b, most) => {
        expect(editsBetween(a, b, most)).toBe(Math.min(edits(a, b), most + 1));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([1000, 2000, 4000])(
    'of %i letters take steps that grow with their length, not with its square',
    (length) => {
      let read = 0;
      const counted = (text: string): Letters => ({
        length: text.length,
        charCodeAt: (at) => {
          read++;
          return text.charCodeAt(at);
        },
      });
      const text = 'ab'.repeat(length / 2);
      expect(editsBetween(counted(text), counted(`b${text.slice(1)}`), 2)).toBe(1);
      expect(read).toBeLessThan(25 * length);
    },
  );
});

describe('the nearest known name', () => {
  const known = ['data_classes', 'risk_level', 'drag_mode', 'delegation_depth', 'trust', 'act', 'sub'];
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

  it('is the one that the whole table finds, however many are passed over unread', () => {
    const letter = fc.constantFrom(...'adeiklmnrstuv_XE1é');
    const change = fc.tuple(fc.nat(20), fc.nat(2), letter);
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.array(change, { maxLength: 4 }), (right, changes) => {
        const wrong = changes.reduce(
          (text, [at, kind, put]) =>
            text.slice(0, at) + (kind === 0 ? '' : put) + text.slice(kind === 1 ? at : at + 1),
          right,
        );
        const found = nearest(wrong, known);
        const near = known.filter((each) => {
          const most = each.length > 5 ? 2 : each.length > 2 ? 1 : 0;
          return edits(plain(wrong), plain(each)) <= most;
        });
        if (known.includes(wrong) || near.length === 0) expect(found).toBeUndefined();
        else expect(near).toContain(found);
      }),
      { numRuns: 3000 },
    );
  });
});
