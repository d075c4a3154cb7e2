/** What a command answers, in the form that was asked for: text and tables for people, names for loops, JSON or YAML for programs. */
import { type Column, table } from './table.ts';
import { inOneLine } from './visible.ts';
import type { CliWorld } from './world.ts';

type Teller = Pick<CliWorld, 'json' | 'out' | 'data'>;

/** The answer for programs, or what it means in words. */
export function tell(cli: Teller, answer: unknown, words: () => string): void {
  if (cli.json) cli.data(answer);
  else cli.out(words());
}

/** One object whole: for people it is indented. */
export const show = (cli: Teller, answer: unknown): void =>
  tell(cli, answer, () => JSON.stringify(answer, null, 2));

export interface Listing<T> {
  /** What `-o json` and `-o yaml` print: the answer as it came. */
  readonly answer: unknown;
  readonly rows: readonly T[];
  /** What `-o name` prints of each, a line: what other commands take. */
  readonly name: (row: T) => string;
  readonly columns: readonly Column<T>[];
  /** Said where there is none. */
  readonly empty: string;
}

export function list<T>(
  cli: Pick<CliWorld, 'format' | 'colour' | 'width' | 'out' | 'data' | 'painted'>,
  { answer, rows, name, columns, empty }: Listing<T>,
): void {
  switch (cli.format) {
    case 'json':
    case 'yaml':
      cli.data(answer);
      return;
    case 'name':
      for (const row of rows) cli.out(inOneLine(name(row)));
      return;
    default: {
      if (rows.length === 0) {
        cli.out(empty);
        return;
      }
      const wide = cli.format === 'wide';
      const shown = columns.filter((column) => wide || column.wide !== true);
      const look = { colour: cli.colour, ...(wide || cli.width === undefined ? {} : { width: cli.width }) };
      for (const line of table(shown, rows, look)) cli.painted(line);
    }
  }
}
