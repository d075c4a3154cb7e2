import { describe, expect, it } from 'vitest';
import { powerTouchedBy } from '../../src/govern/power/touched.ts';
import type { Item } from '../../src/ports.ts';

const STANDING = { pk: 'PRINCIPAL#p', sk: 'standing' };
const standing = (attributes: Omit<Item, 'pk' | 'sk'>): Item => ({ ...STANDING, ...attributes });
const modified = (before: Item, after: Item) => powerTouchedBy({ kind: 'modified', before, after });

describe('a change of a standing is looked at', () => {
  it.each([
    ['not when a request was counted', { r_minute: 1 }, { r_minute: 2 }, undefined],
    [
      'not when one was counted of somebody under a sanction',
      { s_ban: 1, n: 1 },
      { s_ban: 1, n: 2 },
      undefined,
    ],
    ['when a sanction is made up', { n: 1 }, { n: 1, s_ban: 1 }, STANDING],
    ['when it is of a type that it cannot have', { n: 1 }, { n: 1, s_ban_w: 'forever' }, STANDING],
    ['when one is ended', { s_ban: 1, s_ban_w: 9 }, { s_ban: 1, s_ban_w: 8 }, STANDING],
    ['when one is taken out', { s_ban: 1, s_ban_w: 9 }, { s_ban_w: 9 }, STANDING],
  ])('%s', (_, before, after, looked) => {
    expect(modified(standing(before), standing(after))).toEqual(looked);
  });

  it('when it goes with its sanction or comes with one, and not when it comes or goes without', () => {
    const sanctioned = standing({ s_ban: 1 });
    expect(powerTouchedBy({ kind: 'removed', before: sanctioned, expired: false })).toEqual(STANDING);
    expect(powerTouchedBy({ kind: 'inserted', item: sanctioned })).toEqual(STANDING);
    expect(powerTouchedBy({ kind: 'removed', before: standing({ n: 1 }), expired: false })).toBeUndefined();
    expect(powerTouchedBy({ kind: 'inserted', item: standing({ n: 1 }) })).toBeUndefined();
  });
});

describe('a change of an item that is nothing but power is looked at', () => {
  const bundle = { pk: 'CHARTER', sk: `bundle#${'f'.repeat(64)}` };

  it('whatever changed in it', () => {
    expect(modified({ ...bundle, files: 'a' }, { ...bundle, files: 'b' })).toEqual(bundle);
  });

  it('and of one that gives none, never', () => {
    const run = { pk: 'EXECUTION#x', sk: 'run' };
    expect(modified({ ...run, a: 1 }, { ...run, a: 2 })).toBeUndefined();
  });
});
