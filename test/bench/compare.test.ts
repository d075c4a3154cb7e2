import { describe, expect, it } from 'vitest';
import { figures, ratios } from '../../bench/compare.ts';
import { show, table } from '../../bench/table.ts';

const printed = (rows: readonly (readonly (string | number)[])[]) =>
  figures(show(table('Speed', ['what', 'clients', 'per second', 'p50 and p99'], rows)));

describe('the comparison of two commits', () => {
  it('tells each figure by its table, row and column, whatever counts stand in the words of the row', () => {
    const before = printed([['run of 101 records', 8, 100, '2.5 and 10 ms']]);
    const after = printed([['run of 99 records', 8, 150, '2.0 and 30 ms']]);
    expect(ratios(before, after)).toEqual([
      ['Speed', 'run of # records', 'what', 101, 99, '0.98'],
      ['Speed', 'run of # records', 'per second', 100, 150, '1.50'],
      ['Speed', 'run of # records', 'p50 and p99', 2.5, 2, '0.80'],
      ['Speed', 'run of # records', 'p50 and p99, number 2', 10, 30, '3.00'],
    ]);
  });

  it('keeps rows of the same words apart by their order, and takes the median of the runs', () => {
    const rows = (first: number, second: number) =>
      printed([
        ['run', 1, first, '-'],
        ['run', 8, second, '-'],
      ]);
    const before = [...rows(10, 100), ...rows(30, 100), ...rows(20, 300)];
    expect(ratios(before, rows(40, 50)).map((row) => row.slice(1))).toEqual([
      ['run', 'per second', 20, 40, '2.00'],
      ['run (2)', 'per second', 100, 50, '0.50'],
    ]);
  });

  it('reads a number with commas between its thousands as one', () => {
    expect(figures(show(table('Tokens', ['what', 'a second'], [['RS', '18,501']])))).toEqual([
      { table: 'Tokens', row: 'RS', column: 'a second', value: 18_501 },
    ]);
  });

  it('says nothing of a figure that one side does not print, and divides by no zero', () => {
    expect(ratios(printed([['old', 1, 5, '-']]), printed([['new', 1, 5, '-']]))).toEqual([]);
    expect(ratios(printed([['run', 1, 0, '-']]), printed([['run', 1, 5, '-']]))).toEqual([
      ['Speed', 'run', 'per second', 0, 5, '–'],
    ]);
  });
});
