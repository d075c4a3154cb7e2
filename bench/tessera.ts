/**
 * Durable appends by 64 writers beside Tessera's POSIX log, each with records of the same size, in turns: `npm run bench -- tessera`. Tessera's
 * batches are as it is fastest here: of 1, 2, 5 and 10 ms, 5. Built from its Go module on first use.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { goOwn } from '../test/real/go-tools.ts';
import { openBenchStore, record } from './sealed-store.ts';
import { median, percentile, type Table, table } from './table.ts';

const WRITERS = 64;
const BYTES = 2_500;
const ROUNDS = 5;
const WARM_MS = 2_000;
const LASTS_MS = 6_000;

const figuresSchema = z.object({ per_second: z.number(), p50_ms: z.number(), p99_ms: z.number() });
type Figures = z.infer<typeof figuresSchema>;

export async function benchTessera(): Promise<Table> {
  const program = goOwn(join(import.meta.dirname, 'tessera'));
  const [ours, theirs]: [Figures[], Figures[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await lane());
    theirs.push(await tessera(program));
  }
  const ratio = median(ours.map(({ per_second }, at) => per_second / (theirs[at]?.per_second ?? Number.NaN)));
  return table(
    `Durable appends by ${WRITERS} writers, entries of ${BYTES.toLocaleString('en')} bytes, beside Tessera's POSIX log (medians of ${ROUNDS} rounds in turns)`,
    ['who', 'per second', 'p50', 'p99', 'when it answers'],
    [
      row(
        'one lane (SQLite)',
        ours,
        'made, signed with its run, chained and synced; in the tree within a second',
      ),
      row(
        'Tessera 1.0.4 POSIX',
        theirs,
        'numbered and in the tree; no record is signed, none names the one before it',
      ),
      ['ratio', `${ratio.toFixed(2)} × (goal 1.0)`, '', '', ''],
    ],
  );
}

const row = (who: string, figures: readonly Figures[], when: string) => [
  who,
  Math.round(median(figures.map(({ per_second }) => per_second))).toLocaleString('en'),
  `${median(figures.map(({ p50_ms }) => p50_ms)).toFixed(1)} ms`,
  `${median(figures.map(({ p99_ms }) => p99_ms)).toFixed(1)} ms`,
  when,
];

async function lane(): Promise<Figures> {
  const store = await openBenchStore();
  const begin = performance.now() + WARM_MS;
  const end = begin + LASTS_MS;
  const waits: number[] = [];
  const { data, ...rest } = record();
  const padded = { ...rest, data: { ...data, note: 'x'.repeat(BYTES - EMPTY_BYTES) } };
  const writer = async (): Promise<void> => {
    for (let asked = performance.now(); asked < end; asked = performance.now()) {
      await store.lane.append(padded);
      if (asked >= begin) waits.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  const seconds = (performance.now() - begin) / 1_000;
  store.close();
  waits.sort((a, b) => a - b);
  return {
    per_second: waits.length / seconds,
    p50_ms: percentile(waits, 0.5),
    p99_ms: percentile(waits, 0.99),
  };
}

/** Of a record whose note is empty. */
const EMPTY_BYTES = 330;

async function tessera(program: string): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-tessera-'));
  try {
    const { stdout } = await promisify(execFile)(program, [
      ...['-folder', folder, '-writers', String(WRITERS), '-bytes', String(BYTES)],
      ...['-warm', `${WARM_MS}ms`, '-lasts', `${LASTS_MS}ms`],
    ]);
    return figuresSchema.parse(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
