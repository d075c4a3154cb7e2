/**
 * A million records, sealed and verified: memory must not grow with the ledger (≤ 300 MB). Takes some minutes, so it
 * is a part of its own: `npm run bench -- ledger-million`.
 */
import { openBenchStore, verifyApart } from './sealed-store.ts';
import { type Table, table } from './table.ts';

const SIZES = [100_000, 1_000_000];

export async function benchMillion(): Promise<Table> {
  const store = await openBenchStore();
  try {
    const rows: (string | number)[][] = [];
    for (const size of SIZES) {
      await store.fill(size);
      const before = rows.length === 0 ? 0 : (SIZES[rows.length - 1] ?? 0);
      const sealed = await store.seal();
      const hashes = await verifyApart(store.folder, 'hashes');
      const signatures = await verifyApart(store.folder, 'signatures');
      const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
      rows.push([
        signatures.entries.toLocaleString('en'),
        [hashes.verdict, signatures.verdict].join(', '),
        `${seconds(sealed)} (${(size - before).toLocaleString('en')} records)`,
        seconds(hashes.ms),
        seconds(signatures.ms),
        Math.round(Math.max(hashes.peak_bytes, signatures.peak_bytes) / 2 ** 20),
      ]);
    }
    return table(
      'A million records (goal: verified in ≤ 300 MB)',
      [
        'records',
        'verdicts',
        'sealed, s',
        'verified by hashes, s',
        'with every signature, s',
        'peak memory, MB',
      ],
      rows,
    );
  } finally {
    store.close();
  }
}
