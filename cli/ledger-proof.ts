/** `chancery ledger export | proof | audit-receipt`: what leaves the house, and whether promises were kept. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { dataPaths } from '../local/stores.ts';
import { formatProof, type LogView, parseProof, proofHolds, proveEntry } from '../src/ledger/check/proof.ts';
import { auditReceipt, type ReceiptAudit } from '../src/ledger/check/receipt.ts';
import { type ExportSource, exportLog } from '../src/ledger/keep/export.ts';
import { type Restored, type RestoreSource, restoreRecords } from '../src/ledger/keep/restore.ts';
import type { Trust } from '../src/ledger/trust.ts';
import type { Table } from '../src/ports.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerLedgerProofs(ledger: Command, world: (command: Command) => CliWorld): void {
  ledger
    .command('export')
    .description('the sealed log as a tlog-tiles folder with its keys, for an auditor and for others’ tools')
    .argument('<folder>', 'where to; made when absent')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const size = await withLog(cli, async (source) =>
        exportLog(source, await openFolderBlobs(resolve(folder))),
      );
      cli.out(cli.json ? JSON.stringify({ folder, tree_size: size }) : `${size} records are in ${folder}.`);
    });

  ledger
    .command('restore')
    .description(
      'put back the records that the store lost, out of the sealed log; also beside a running system',
    )
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const restored = await withStore(cli, restoreRecords);
      cli.out(cli.json ? JSON.stringify(restored) : describeRestored(restored));
      if (restored.status === 'refused' || restored.differing.length > 0)
        throw new CommandEnd('', EXIT.negative);
    });

  ledger
    .command('proof')
    .description('the .tlog-proof of an entry; with --check, whether a proof holds')
    .argument('[id]', 'lane.seq, as in a receipt')
    .option('--check <file>', 'a .tlog-proof to check offline')
    .option('--trust <file>', 'public keys to believe instead of those beside the ledger')
    .action(async (id: string | undefined, options: { check?: string; trust?: string }, command: Command) => {
      const cli = world(command);
      if (options.check !== undefined) return check(cli, options.check, options.trust);
      if (id === undefined) throw new CommandEnd('Give an entry id, or --check FILE.', EXIT.usage);
      const proof = await withLog(cli, (view) => proveEntry(view, id));
      if (proof === undefined)
        throw new CommandEnd(`No checkpoint covers an entry ${id} yet.`, EXIT.negative);
      cli.out(formatProof(proof).trimEnd());
    });

  ledger
    .command('audit-receipt')
    .description(
      'whether a receipt was kept, is still pending, or is broken: then it prints the contradiction',
    )
    .argument('<file>', 'a receipt, or an answer that carries one, as JSON')
    .action(async (file: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const receipt = receiptIn(await readFile(file, 'utf8'));
      const audit = await withLog(cli, (view) => auditReceipt(view, receipt, cli.clock));
      cli.out(cli.json ? JSON.stringify(audit) : describe(receipt.id, audit));
      if (audit.status === 'broken') throw new CommandEnd('', EXIT.negative);
    });
}

function describeRestored(restored: Restored): string {
  if (restored.status === 'refused') {
    const findings = restored.findings.map(({ verdict, detail }) => `  ${verdict}: ${detail}`);
    return ['The log does not verify, so nothing was put back:', ...findings].join('\n');
  }
  const { records, tree_size, lock, differing } = restored;
  return [
    `${records} of ${tree_size} sealed records were missing and are back${lock ? ', and the lock with them' : ''}`,
    ...differing.map(
      ({ lane, seq }) => `  ${lane}.${seq} differs from what was sealed and was left as it is`,
    ),
  ].join('\n');
}

const receiptSchema = z.object({
  id: z.string(),
  lane: z.int(),
  seq: z.int(),
  record_hash: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string(),
  certificate_hash: z.string(),
  time: z.string(),
  max_merge_delay_seconds: z.number(),
});

function receiptIn(text: string): z.infer<typeof receiptSchema> {
  const parsed = z.union([z.object({ receipt: receiptSchema }), receiptSchema]).safeParse(JSON.parse(text));
  if (!parsed.success) throw new CommandEnd('The file holds no receipt.', EXIT.usage);
  return 'receipt' in parsed.data ? parsed.data.receipt : parsed.data;
}

function describe(id: string, audit: ReceiptAudit): string {
  switch (audit.status) {
    case 'kept':
      return `kept: ${id} is entry ${audit.index} of the signed tree of ${audit.tree_size}`;
    case 'pending':
      return `pending: ${id} has ${audit.seconds_left.toFixed(1)} s left to be sealed${audit.stored ? '' : ', and is not stored'}`;
    case 'broken':
      return `broken: ${audit.contradiction.what}\n${JSON.stringify(audit.contradiction, null, 2)}`;
  }
}

async function check(cli: CliWorld, file: string, trustFile: string | undefined): Promise<void> {
  const proof = parseProof(await readFile(file, 'utf8'));
  const trust = await trustOf(trustFile ?? join(cli.dataFolder, 'trust.json'));
  const holds = proof !== undefined && proofHolds(proof, trust);
  cli.out(
    cli.json
      ? JSON.stringify({ holds, index: proof?.index ?? null })
      : holds
        ? `it holds: entry ${proof.index}`
        : 'it does not hold',
  );
  if (!holds) throw new CommandEnd('', EXIT.negative);
}

async function trustOf(path: string): Promise<Trust> {
  const trust = await readTrust(path);
  if (trust === undefined) throw new CommandEnd(`There is no trust.json at ${path}.`, EXIT.usage);
  return trust;
}

/** The log for reading, and the store to put back into: of the data folder, or of a deployed environment. */
async function withStore<T>(
  cli: CliWorld,
  work: (source: RestoreSource, table: Table) => Promise<T>,
): Promise<T> {
  if (cli.environment !== undefined) {
    const { openDeployed } = await import('./deployed.ts');
    const { ledgerTable, ...source } = await openDeployed(cli.environment);
    return work(source, ledgerTable);
  }
  const paths = dataPaths(cli.dataFolder);
  const trust = await trustOf(join(cli.dataFolder, 'trust.json'));
  // Made anew when it is gone.
  const table = openSqliteTable(paths.table);
  try {
    return await work({ log: readFolderBlobs(paths.log), worm: readFolderBlobs(paths.worm), trust }, table);
  } finally {
    table.close();
  }
}

/** The log of the data folder, or of a deployed environment, for reading. */
async function withLog<T>(cli: CliWorld, work: (source: ExportSource & LogView) => Promise<T>): Promise<T> {
  if (cli.environment !== undefined) {
    const { openDeployed } = await import('./deployed.ts');
    const { log, worm, trust, ledgerTable } = await openDeployed(cli.environment);
    return work({ log, worm, trust, table: ledgerTable });
  }
  const paths = dataPaths(cli.dataFolder);
  const trust = await trustOf(join(cli.dataFolder, 'trust.json'));
  const file = openLedgerFile(paths.table);
  try {
    return await work({
      log: readFolderBlobs(paths.log),
      worm: readFolderBlobs(paths.worm),
      trust,
      table: file,
    });
  } finally {
    file.close();
  }
}
