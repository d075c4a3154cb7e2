/** Lists as a table with a head, as wide as the terminal is. */
import stringWidth from 'string-width';
import { painted, toneOf } from './terminal.ts';
import { inOneLine } from './visible.ts';

type Cell = string | number | null | undefined;

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Cell;
  /** Shown with `-o wide` only. */
  readonly wide?: true;
  /** Numbers stand under one another. */
  readonly right?: true;
  /** Coloured by what its word means. */
  readonly state?: true;
}

export interface TableLook {
  readonly colour: boolean;
  /** Columns of the terminal; without, nothing is cut. */
  readonly width?: number;
}

const GAP = '  ';
/** No column is cut shorter than this: what is narrower then wraps. */
const LEAST = 8;

/** The lines of a table, its head first. What others wrote is made visible; an empty cell is `-`. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], look: TableLook): string[] {
  const texts = rows.map((row) => columns.map(({ cell }) => textOf(cell(row))));
  const heads = columns.map(({ head }) => head.toUpperCase());
  const natural = heads.map((head, at) =>
    Math.max(stringWidth(head), ...texts.map((text) => stringWidth(text[at] ?? ''))),
  );
  const widths = look.width === undefined ? natural : fitted(natural, columns, look.width);
  const paint = look.colour ? painted : (_tone: string, text: string) => text;
  const lineOf = (cells: readonly string[], paintCell: (text: string, at: number) => string): string =>
    cells
      .map((text, at) => {
        const cut = shortened(text, widths[at] ?? 0);
        const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - stringWidth(cut)));
        const shown = paintCell(cut, at);
        if (columns[at]?.right === true) return blanks + shown;
        return at === cells.length - 1 ? shown : shown + blanks;
      })
      .join(GAP);
  return [
    lineOf(heads, (text) => paint('head', text)),
    ...texts.map((cells) =>
      lineOf(cells, (text, at) => {
        const tone = columns[at]?.state === true ? toneOf(cells[at] ?? '') : undefined;
        return tone === undefined ? text : paint(tone, text);
      }),
    ),
  ];
}

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-';
  return inOneLine(String(cell));
}

/** The widest columns give way first; the first one never does, since it is what the next command is given. */
function fitted<T>(natural: readonly number[], columns: readonly Column<T>[], width: number): number[] {
  const widths = [...natural];
  const gives = (at: number): boolean => at > 0 && columns[at]?.right !== true && (widths[at] ?? 0) > LEAST;
  const total = (): number => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
  while (total() > width) {
    const givers = widths.map((_, at) => at).filter(gives);
    const [widest] = givers.sort((left, right) => (widths[right] ?? 0) - (widths[left] ?? 0));
    if (widest === undefined) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const CHARACTERS = new Intl.Segmenter();

/** At most `width` columns, with a sign that something was cut. */
function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of CHARACTERS.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
