/** The detectors at the edges of their windows: one violation too few, one too many, a millisecond too late. */
import { describe, expect, it } from 'vitest';
import { type Common, findingsIn } from '../../src/loop/patterns.ts';
import type { Seen } from '../../src/loop/seen.ts';
import { seen } from './world.ts';

const NOW = 1_700_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** @param ago seconds */
const at = (ago: number, rest: Partial<Seen> = {}) => seen({ at: NOW - ago * SECOND, ...rest });
const found = (common: Common, recent: readonly Seen[]) =>
  findingsIn(common, 'x', recent, NOW).map(({ pattern }) => pattern);

describe('a burst of one node', () => {
  it.each([
    ['two within a minute', [30, 0], false],
    ['three within a minute', [60, 30, 0], true],
    ['three, the first of them a millisecond earlier', [60.001, 30, 0], false],
    ['three, all long ago', [120, 110, 100], false],
    ['five within a minute', [50, 40, 30, 20, 10], true],
  ])('%s', (_, ago, is) => {
    expect(
      found(
        'node',
        ago.map((each) => at(each, { case_id: 'vio_1' })),
      ).includes('burst'),
    ).toBe(is);
  });

  it('is none when one reporter says the same three times', () => {
    const word = { basis: 'reported', reporter: 'vera' } as const;
    expect(found('node', [at(20, word), at(10, word), at(0, word)])).toEqual([]);
    const three = ['vera', 'wim', 'xenia'].map((reporter) => at(5, { ...word, reporter }));
    expect(found('node', three)).toContain('burst');
  });
});

describe('what is frequent on one node', () => {
  const spread = (many: number, last = 0) =>
    Array.from({ length: many }, (_, index) => at(last + (many - 1 - index) * 35, { case_id: 'vio_1' }));
  it.each([
    ['eight within five minutes', spread(8), false],
    ['nine within five minutes', spread(9), true],
    ['nine, the first of them at exactly five minutes', spread(9, 20), true],
    ['nine, the first of them a little earlier', spread(9, 20.001), false],
  ])('%s', (_, recent, is) => {
    expect(found('node', recent).includes('frequency')).toBe(is);
  });
});

describe('what gathers', () => {
  const cases = (...ids: string[]) => ids.map((case_id, index) => at(index * 100, { case_id })).reverse();
  it.each([
    ['two cases on one node', cases('a', 'b'), false],
    ['three attempts of two cases', cases('a', 'b', 'a'), false],
    ['three cases on one node', cases('a', 'b', 'c'), true],
    [
      'three cases, the first of them at exactly five minutes',
      [at(300, { case_id: 'a' }), at(1, { case_id: 'b' }), at(0, { case_id: 'c' })],
      true,
    ],
    [
      'three cases, the first of them a little earlier',
      [at(300.001, { case_id: 'a' }), at(1, { case_id: 'b' }), at(0, { case_id: 'c' })],
      false,
    ],
  ])('%s', (_, recent, is) => {
    expect(found('node', recent).includes('spatial')).toBe(is);
  });

  const sources = (...nodes: string[]) => nodes.map((node) => at(10, { node }));
  it.each([
    ['two sources on one metric', sources('a', 'b'), false],
    ['one source three times', sources('a', 'a', 'a'), false],
    ['three sources on one metric', sources('a', 'b', 'c'), true],
    ['three sources, the first at exactly a minute', [at(60, { node: 'a' }), ...sources('b', 'c')], true],
    ['three sources, the first a little earlier', [at(60.001, { node: 'a' }), ...sources('b', 'c')], false],
  ])('%s', (_, recent, is) => {
    expect(found('metric', recent).includes('spatial')).toBe(is);
  });
});

describe('one cause on several nodes', () => {
  it.each([
    ['three violations on one node', [at(2), at(1), at(0)], false],
    ['two on two nodes', [at(1, { node: 'a' }), at(0, { node: 'b' })], false],
    ['three on two nodes', [at(60, { node: 'a' }), at(1, { node: 'a' }), at(0, { node: 'b' })], true],
    [
      'three on two nodes, the first too early',
      [at(60.001, { node: 'a' }), at(1, { node: 'a' }), at(0, { node: 'b' })],
      false,
    ],
  ])('%s', (_, recent, is) => {
    expect(found('cause', recent).includes('causal')).toBe(is);
  });
});

it('looks back five minutes and no further', () => {
  const old = Array.from({ length: 9 }, () => seen({ at: NOW - 5 * MINUTE - 1 }));
  for (const common of ['node', 'metric', 'cause'] as const) expect(found(common, old)).toEqual([]);
});
