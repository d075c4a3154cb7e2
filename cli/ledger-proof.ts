/** `chancery ledger export | restore | proof`: what leaves the house, and what comes back. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { openFolderBlobs } from '../adapters/local/folder-blobs.ts';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openSqliteTable } from '../adapters/local/sqlite-table.ts';
import { dataPaths } from '../local/stores.ts';
import { laneKey, seqKey } from '../src/ledger/bytes.ts';
import {
  formatProof,
  parseProof,
  proofHolds,
  proveEntry,
  publishedCheckpoint,
} from '../src/ledger/check/proof.ts';
import { findPlace } from '../src/ledger/check/tree-search.ts';
import { parseEntryId } from '../src/ledger/entry.ts';
import { exportLog } from '../src/ledger/keep/export.ts';
import {
  type Restored,
  type RestoreSource,
  restoreKept,
  restoreRecords,
} from '../src/ledger/keep/restore.ts';
import type { Table } from '../src/ports.ts';
import { tell } from './answer.ts';
import { jsonOf, succeeded } from './client.ts';
import {
  type LedgerSource,
  readable,
  trustAt,
  trustFor,
  trustOf,
  type Where,
  withSource,
} from './ledger-source.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerLedgerProofs(ledger: Command, world: (command: Command) => CliWorld): void {
  readable(ledger.command('export'))
    .description('the sealed log as a tlog-tiles folder with its keys, for an auditor and for others’ tools')
    .argument('<into>', 'where to; made when absent')
    .action(async (into: string, options: Where, command: Command) => {
      const cli = world(command);
      const size = await withSource(cli, options, async (source) =>
        exportLog(
          {
            log: source.log,
            trust: await trustOf(source),
            ...(source.kind === 'api' ? {} : { worm: source.worm }),
          },
          await openFolderBlobs(resolve(into)),
        ),
      );
      tell(cli, { folder: into, tree_size: size }, () => `${size} records are in ${into}.`);
    });

  ledger
    .command('restore')
    .description(
      'put back the records that the store lost, out of the sealed log; also beside a running system',
    )
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const restored = await withStore(cli, restoreRecords);
      if (cli.environment === undefined && restored.status === 'restored') await restoreBeside(cli);
      tell(cli, restored, () => describeRestored(restored));
      if (restored.status === 'refused' || restored.differing.length > 0)
        throw new CommandEnd('', EXIT.negative);
    });

  readable(ledger.command('proof'))
    .description('the .tlog-proof of an entry; with --check, whether a proof holds')
    .argument('[id]', 'lane.seq, as in a receipt')
    .option('--check <file>', 'a .tlog-proof to check offline')
    .action(async (id: string | undefined, options: Where & { check?: string }, command: Command) => {
      const cli = world(command);
      if (options.check !== undefined) return check(cli, options.check, options);
      if (id === undefined) throw new CommandEnd('Give an entry id, or --check FILE.', EXIT.usage);
      cli.out(await withSource(cli, options, (source) => proofText(source, id)));
    });
}

async function proofText(source: LedgerSource, id: string): Promise<string> {
  const place = parseEntryId(id);
  if (place === undefined) throw new CommandEnd(`${id} is no entry id: give lane.seq.`, EXIT.usage);
  if (source.kind === 'api') {
    const { status, text } = await source.client.bytes(`/ledger/entries/${id}/proof`);
    if (status === 200) return text.trimEnd();
    succeeded({ status, body: jsonOf(text) });
    throw new CommandEnd(`the API answered ${status} without a proof`, EXIT.unavailable);
  }
  const proof = await proveEntry(source, id);
  if (proof !== undefined) return formatProof(proof).trimEnd();
  const stored = (await source.table.get(laneKey(place.lane), seqKey(place.seq))) !== undefined;
  const { checkpoint } = (await publishedCheckpoint(source)) ?? {};
  // A help that is gone says nothing of the log.
  const found = checkpoint && (await findPlace(source.log, checkpoint.size, place));
  const searched = found && (await proveEntry(source, id, found.index));
  if (searched !== undefined) return formatProof(searched).trimEnd();
  throw new CommandEnd(
    stored ? `No checkpoint covers the entry ${id} yet.` : `There is no entry ${id} here.`,
    EXIT.negative,
  );
}

export function describeRestored(restored: Restored): string {
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

async function check(cli: CliWorld, file: string, where: Where): Promise<void> {
  const proof = parseProof(await readFile(file, 'utf8'));
  const trust = await trustFor(cli, where);
  const holds = proof !== undefined && proofHolds(proof, trust);
  tell(cli, { holds, index: proof?.index ?? null }, () =>
    holds ? `it holds: entry ${proof.index}` : 'it does not hold',
  );
  if (!holds) throw new CommandEnd('', EXIT.negative);
}

/** The newest write-once copy and what the witness remembers, where they are gone: of the published checkpoint. */
async function restoreBeside(cli: CliWorld): Promise<void> {
  const paths = dataPaths(cli.dataFolder);
  const trust = await trustAt(join(cli.dataFolder, 'trust.json'));
  const witness = openSqliteTable(paths.witness);
  try {
    await restoreKept(
      { log: readFolderBlobs(paths.log), worm: await openFolderBlobs(paths.worm), trust },
      witness,
    );
  } finally {
    witness.close();
  }
}

/** The log for reading, and the store to put back into: of the data folder, or of a deployed environment. */
async function withStore<T>(
  cli: CliWorld,
  work: (source: RestoreSource, table: Table) => Promise<T>,
): Promise<T> {
  if (cli.environment !== undefined) {
    const { openDeployed } = await import('./deployed.ts');
    const { ledgerTable, ...source } = await openDeployed(cli.environment, cli.region);
    return work(source, ledgerTable);
  }
  const paths = dataPaths(cli.dataFolder);
  const trust = await trustAt(join(cli.dataFolder, 'trust.json'));
  // Made anew when it is gone.
  const table = openSqliteTable(paths.table);
  try {
    return await work({ log: readFolderBlobs(paths.log), worm: readFolderBlobs(paths.worm), trust }, table);
  } finally {
    table.close();
  }
}
