/**
 * `npm run bench -- NAME… --compare REV`: the same benchmarks at another commit and here, in turns on one machine,
 * so that a change can show what it costs. The other commit stands in a work tree of its own and prints its tables
 * as it did then: what is compared is the Markdown that both print. Where a benchmark can drive another tree, this one's does, since a
 * load that was put on otherwise would be compared as well.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Table, table } from './table.ts';

const HERE = fileURLToPath(new URL('..', import.meta.url));

/** They take the tree whose runtime they start from `BENCH_TREE`. */
const DRIVES_OTHERS: ReadonlySet<string> = new Set(['governed', 'billed-deployed']);

/** One number of one table: where it stands, and what stands beside it. */
export interface Figure {
  readonly table: string;
  readonly row: string;
  readonly column: string;
  readonly value: number;
}

/**
 * @param rounds how often each side runs each benchmark
 * @returns a row for each figure that both sides print: the medians, and after ÷ before
 */
export function compareWith(revision: string, names: readonly string[], rounds: number): Table {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-before-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', HERE, ...args], { encoding: 'utf8' });
  git('worktree', 'add', '--detach', '--force', folder, revision);
  try {
    installed(folder);
    const before: Figure[] = [];
    const after: Figure[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        before.push(
          ...figures(DRIVES_OTHERS.has(name) ? run(HERE, name, { BENCH_TREE: folder }) : run(folder, name)),
        );
        after.push(...figures(run(HERE, name)));
      }
    }
    const [commit] = git('log', '-1', '--format=%h', revision).split('\n');
    return table(
      `Against ${commit}: medians of ${rounds} runs each, in turns`,
      ['table', 'what', 'figure', 'before', 'after', 'after ÷ before'],
      ratios(before, after),
    );
  } finally {
    git('worktree', 'remove', '--force', folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With commas between thousands or without: "18,501", "0.5". */
const NUMBER = /(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)/g;

/** The numbers of the tables in a text of Markdown, those of a cell with two ("2.6 and 12.7 ms") one by one. */
export function figures(markdown: string): Figure[] {
  const found: Figure[] = [];
  let [title, head, seen]: [string, readonly string[], Map<string, number>] = ['', [], new Map()];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('### ')) [title, head, seen] = [line.slice(4), [], new Map()];
    if (!line.startsWith('| ') || line.startsWith('| ---')) continue;
    const cells = line.slice(2, -2).split(' | ');
    if (head.length === 0) {
      head = cells;
      continue;
    }
    // A count in the words of a row is not the same in two runs: a row is known by its words and its place among equals.
    const words = (cells[0] ?? '').replace(/\d[\d.,]*/g, '#');
    const place = (seen.get(words) ?? 0) + 1;
    seen.set(words, place);
    cells.forEach((cell, index) => {
      for (const [nth, [digits]] of [...cell.matchAll(NUMBER)].entries()) {
        const column = nth === 0 ? (head[index] ?? '') : `${head[index]}, number ${nth + 1}`;
        found.push({
          table: title,
          row: place === 1 ? words : `${words} (${place})`,
          column,
          value: Number(digits.replaceAll(',', '')),
        });
      }
    });
  }
  return found;
}

/** Figures that are the same in every run of both sides are the question (how many clients, which goal) and left out. */
export function ratios(before: readonly Figure[], after: readonly Figure[]): Table['rows'] {
  const byPlace = (all: readonly Figure[]) =>
    Map.groupBy(all, (each) => JSON.stringify([each.table, each.row, each.column]));
  const then = byPlace(before);
  return [...byPlace(after)].flatMap(([place, now]) => {
    const was = then.get(place);
    const [first] = now;
    if (was === undefined || first === undefined) return [];
    if (new Set([...was, ...now].map(({ value }) => value)).size === 1) return [];
    const [left, right] = [median(was), median(now)];
    const ratio = left === 0 ? '–' : (right / left).toFixed(2);
    return [[first.table, first.row, first.column, short(left), short(right), ratio]];
  });
}

/** Without the digits that only halving a sum of doubles makes. */
const short = (value: number): number => Number(value.toPrecision(6));

function median(all: readonly Figure[]): number {
  const sorted = all.map(({ value }) => value).sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}

function installed(folder: string): void {
  const lock = (root: string) => readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(HERE)) symlinkSync(join(HERE, 'node_modules'), join(folder, 'node_modules'));
  else execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
}

/** A run that fails is left out and said: its side is judged by the others. */
function run(root: string, name: string, environment: Record<string, string> = {}): string {
  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'bench', '--', name], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    const here = root === HERE && environment.BENCH_TREE === undefined;
    console.error(`${name} failed in ${here ? 'this tree' : 'the other tree'}`);
  }
  return status === 0 ? stdout : '';
}
