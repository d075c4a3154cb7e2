/** `chancery ledger …`: verify, look, prove. Reads the data folder (or a copy of it); needs no running system. */
import type { Command } from 'commander';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { readTrust } from '../adapters/local/trust-file.ts';
import { verifyInThread } from '../local/ledger-verify.ts';
import { dataPaths } from '../local/stores.ts';
import type { LedgerVerification } from '../src/ledger/check/verify-log.ts';
import { type Entry, readEntry } from '../src/ledger/entry.ts';
import { readEntries } from '../src/ledger/reader.ts';
import type { Finding } from '../src/ledger/verdict.ts';
import { registerLedgerProofs } from './ledger-proof.ts';
import { registerRetention } from './ledger-retention.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export function registerLedger(program: Command, world: (command: Command) => CliWorld): void {
  const ledger = program.command('ledger');

  ledger
    .command('verify')
    .description('re-derive every record, link, signature and certificate; exit 0 only when all is well')
    .argument('[folder]', 'a data folder or a copy of one (default: the local one)')
    .option('--trust <file>', 'public keys to believe instead of those beside the ledger')
    .option('--fresh <seconds>', 'demand a cosignature by a trusted witness not older than this')
    .option(
      '--hashes-only',
      'skip signatures: links and roots still bind every byte to the signed checkpoint',
    )
    .action(async (folder: string | undefined, options: VerifyFlags, command: Command) => {
      const cli = world(command);
      report(cli, await verifyPatiently(await verifier(cli, folder, options)));
    });

  ledger
    .command('tail')
    .description('the newest entries; with --follow, those to come as well')
    .option('-n, --lines <count>', 'how many', '20')
    .option('--type <type>', 'an event type, or a family as decision.*')
    .option('--follow', 'go on until interrupted')
    .action(async (options: { lines: string; type?: string; follow?: boolean }, command: Command) => {
      await tail(world(command), options);
    });

  ledger
    .command('show')
    .description('one entry, with its hash and signature')
    .argument('<id>', 'lane.seq, as in a receipt')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const entry = await withLedger(cli, (file) => readEntry(file, id));
      if (entry === undefined)
        throw new CommandEnd(`There is no entry ${id} in ${cli.dataFolder}.`, EXIT.negative);
      cli.out(JSON.stringify(entry, null, cli.json ? undefined : 2));
    });

  registerLedgerProofs(ledger, world);
  registerRetention(ledger, world);
}

interface VerifyFlags {
  readonly trust?: string;
  readonly fresh?: string;
  readonly hashesOnly?: boolean;
}

interface Verifier {
  readonly run: () => Promise<LedgerVerification>;
  /** One interval of the sealer, and a little. */
  readonly pauseMs: number;
}

async function verifier(cli: CliWorld, folder: string | undefined, flags: VerifyFlags): Promise<Verifier> {
  const { trust, fresh, hashesOnly } = flags;
  const options = {
    signatures: hashesOnly !== true,
    ...(fresh === undefined ? {} : { maxAgeSeconds: seconds(fresh) }),
  };
  const { environment } = cli;
  if (environment !== undefined && folder === undefined) {
    // Loaded only here: the AWS clients are no part of looking at a folder.
    const { verifyDeployed } = await import('./deployed.ts');
    const believed = trust === undefined ? undefined : await readTrust(trust);
    return {
      run: () => verifyDeployed(environment, { now: cli.clock(), ...options }, believed),
      pauseMs: 6_000,
    };
  }
  const local = { ...options, ...(trust === undefined ? {} : { trust }) };
  return { run: () => verifyInThread(folder ?? cli.dataFolder, local), pauseMs: 1_500 };
}

/** Beside a running system the newest records are always a moment from being sealed: gives them that moment. */
async function verifyPatiently({ run, pauseMs }: Verifier): Promise<LedgerVerification> {
  const result = await run();
  if (result.verdict !== 'PENDING' || !result.within_merge_delay) return result;
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return run();
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new CommandEnd('--fresh takes a number of seconds', EXIT.usage);
  return value;
}

/** Prints a verification; ends with 1 unless it is OK, or PENDING within the merge delay. */
function report(cli: CliWorld, { within_merge_delay, ...result }: LedgerVerification): void {
  if (cli.json) cli.out(JSON.stringify(result));
  else {
    cli.out(
      `${result.verdict}: ${result.entries} records in ${result.lanes} lanes, ${result.tree_size} in the sealed tree`,
    );
    for (const finding of result.findings) cli.out(`  ${line(finding)}`);
  }
  if (result.verdict !== 'OK' && !(result.verdict === 'PENDING' && within_merge_delay))
    throw new CommandEnd('', EXIT.negative);
}

function line({ verdict, lane, seq, detail }: Finding): string {
  const place = lane === undefined ? '' : ` ${lane}${seq === undefined ? '' : `.${seq}`}`;
  return `${verdict}${place}: ${detail}`;
}

const FOLLOW_EVERY_MS = 500;

async function tail(
  cli: CliWorld,
  options: { lines: string; type?: string; follow?: boolean },
): Promise<void> {
  const limit = Number(options.lines);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new CommandEnd('--lines takes a number', EXIT.usage);
  const filter = options.type === undefined ? {} : { type: options.type };
  const print = (entry: Entry): void => cli.out(cli.json ? JSON.stringify(entry) : summary(entry));
  await withLedger(cli, async (file) => {
    const { entries } = await readEntries(file, filter, { limit });
    for (const entry of [...entries].reverse()) print(entry);
    const last = entries[0];
    let from = last === undefined ? undefined : last.record.time;
    const shown = new Set(entries.map(({ id }) => id));
    while (options.follow === true) {
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
      const newer = await readEntries(file, from === undefined ? filter : { ...filter, from }, {
        order: 'oldest',
      });
      for (const entry of newer.entries.filter(({ id }) => !shown.has(id))) {
        print(entry);
        shown.add(entry.id);
        from = entry.record.time;
      }
    }
  });
}

function summary({ id, record, record_hash }: Entry): string {
  const { outcome, workflow } = record.data;
  const said = [outcome, workflow].filter((word) => typeof word === 'string').join(' ');
  return `${record.time} ${id.padEnd(8)} ${record.type.padEnd(24)} ${record_hash.slice(0, 12)} ${said}`.trimEnd();
}

async function withLedger<T>(
  cli: CliWorld,
  work: (file: ReturnType<typeof openLedgerFile>) => Promise<T>,
): Promise<T> {
  const file = openLedgerFile(dataPaths(cli.dataFolder).table);
  try {
    return await work(file);
  } finally {
    file.close();
  }
}
