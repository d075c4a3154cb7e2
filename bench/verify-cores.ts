/**
 * Whether a verification with every signature uses the cores that there are: the stores of `AGES` (bench/age.ts), on one
 * core and on all. Goal on two cores: 1.7 times as fast.
 */
import { openAgedStore } from './aged-store.ts';
import { verifyApart } from './sealed-store.ts';
import { type Table, table } from './table.ts';

const AGES = (process.env.AGES ?? '300000:1500').split(' ');

export async function benchVerifyCores(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const age of AGES) {
    const [records = 0, lanes = 0] = age.split(':').map(Number);
    const { folder, done } = await openAgedStore(records, lanes);
    // In turns, and the faster of each: the first of all reads from the disk what the others find in memory.
    const both = async () => ({
      one: await verifyApart(folder, 'signatures', 'one'),
      all: await verifyApart(folder, 'signatures', 'all'),
    });
    const [first, second] = [await both(), await both()];
    const one = first.one.ms < second.one.ms ? first.one : second.one;
    const all = first.all.ms < second.all.ms ? first.all : second.all;
    rows.push([
      all.entries.toLocaleString('en'),
      `${all.verdict}, ${one.verdict}`,
      (one.ms / 1_000).toFixed(1),
      (all.ms / 1_000).toFixed(1),
      (one.ms / all.ms).toFixed(2),
      Math.round(Math.max(all.peak_bytes, one.peak_bytes) / 2 ** 20),
    ]);
    done();
  }
  return table(
    'Verification with every signature, on one core and on all (goal: 1.7 × on two)',
    ['records', 'verdicts', 'one core, s', 'all, s', 'times as fast', 'peak memory, MB'],
    rows,
  );
}
