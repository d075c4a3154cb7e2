/** `chancery ledger …`: verify, look, prove: in a folder, in an export, or over the API of somebody with a token. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { verifyInThread } from '../local/ledger-verify.ts';
import { withSignatures } from '../local/signatures.ts';
import { laneKey, seqKey } from '../src/ledger/bytes.ts';
import { type LedgerVerification, verifyLedger } from '../src/ledger/check/verify-log.ts';
import { verifySince } from '../src/ledger/check/verify-since.ts';
import { type Entry, parseEntryId, type TableReader } from '../src/ledger/entry.ts';
import { genuineEntry } from '../src/ledger/genuine.ts';
import type { Finding } from '../src/ledger/verdict.ts';
import { show } from './answer.ts';
import { textOf } from './body.ts';
import { succeeded } from './client.ts';
import { registerCheckpoint } from './ledger-checkpoint.ts';
import { hintsOf } from './ledger-hints.ts';
import { registerKeys } from './ledger-keys.ts';
import { registerLedgerProofs } from './ledger-proof.ts';
import { registerReceipts } from './ledger-receipt.ts';
import { registerRetention } from './ledger-retention.ts';
import {
  type FolderSource,
  isOfApi,
  type LedgerSource,
  readable,
  refuseTwoPlaces,
  trustAt,
  trustOf,
  type Where,
  withSource,
} from './ledger-source.ts';
import { registerTail } from './ledger-tail.ts';
import { withServiceWord } from './ledger-told.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

/** What is left out, and what that leaves open. */
const HASHES_ONLY =
  'Who signed the records of the sealed tree is not looked at: the checkpoint’s key vouches for their bytes, their lanes’ keys were not asked. Certificates, checkpoints and the records that wait for the tree are checked whole.';

/** A year, and a day of grace. */
const MOST_SECONDS = 366 * 86_400;

export function registerLedger(program: Command, world: (command: Command) => CliWorld): void {
  const ledger = program.command('ledger');

  readable(ledger.command('verify'))
    .description('re-derive every record, link, signature and certificate; exit 0 only when all is well')
    .argument('[folder]', 'a data folder, a copy of one or an export (default: the local one)')
    .option('--since <checkpoint>', 'a file or URL with a checkpoint that you kept: the log must extend it')
    .option('--incremental', 'with --since: look only at what is new since')
    .option(
      '--fresh <seconds>',
      'demand a cosignature by a trusted witness not older than this',
      countFrom(1, MOST_SECONDS),
    )
    .option(
      '--hashes-only',
      'skip the signatures of sealed records: links and roots still bind every byte to the signed checkpoint',
    )
    .action(async (argument: string | undefined, options: VerifyFlags, command: Command) => {
      const cli = world(command);
      const folder = argument ?? options.folder;
      const flags = folder === undefined ? options : { ...options, folder };
      if (flags.trust === undefined && !cli.json)
        cli.err(
          'The keys that lie beside the ledger are believed; give --trust FILE to hold it to your own.',
        );
      if (flags.hashesOnly === true && !cli.json) cli.err(HASHES_ONLY);
      report(cli, await verifyPatiently(await verifier(cli, flags)));
    });

  registerTail(ledger, world);

  readable(ledger.command('show'))
    .description('one entry, with its hash and signature: only what a certified lane of this ledger signed')
    .argument('<id>', 'lane.seq, as in a receipt')
    .action(async (id: string, options: Where, command: Command) => {
      const cli = world(command);
      if (parseEntryId(id) === undefined)
        throw new CommandEnd(`${id} is no entry id: give lane.seq.`, EXIT.usage);
      const entry = await withSource(cli, options, async (source) =>
        source.kind === 'api'
          ? succeeded(await source.client.call('GET', `/ledger/entries/${encodeURIComponent(id)}`))
          : ours(source, id),
      );
      show(cli, entry);
    });

  registerCheckpoint(ledger, world);
  registerReceipts(ledger, world);
  registerLedgerProofs(ledger, world);
  registerRetention(ledger, world);
  registerKeys(ledger, world);
}

/** Ends the command (negative) where there is none, or none that a lane of ours signed: anybody may have put that there. */
async function ours({ table, trust }: FolderSource, id: string): Promise<Entry> {
  const entry = await genuineEntry({ table, trust }, id);
  if (entry !== undefined) return entry;
  const { lane, seq } = parseEntryId(id) ?? { lane: 0, seq: 0 };
  const isThere = (await table.get(laneKey(lane), seqKey(seq))) !== undefined;
  throw new CommandEnd(
    isThere
      ? `What stands under ${id} here was not signed by a certified lane of this ledger, or is not in its place: it is not shown. \`chancery ledger verify\` says what is wrong.`
      : `There is no entry ${id} here.`,
    EXIT.negative,
  );
}

interface VerifyFlags extends Where {
  readonly since?: string;
  readonly incremental?: boolean;
  readonly fresh?: number;
  readonly hashesOnly?: boolean;
}

interface Verifier {
  readonly run: () => Promise<LedgerVerification>;
  /** One interval of the sealer, and a little. */
  readonly pauseMs: number;
}

async function verifier(cli: CliWorld, flags: VerifyFlags): Promise<Verifier> {
  refuseTwoPlaces(cli, flags);
  const { folder, url, trust, fresh, hashesOnly, since, incremental } = flags;
  if (incremental === true && since === undefined)
    throw new CommandEnd('--incremental needs --since: what is new, and since when?', EXIT.usage);
  const options = {
    signatures: hashesOnly !== true,
    ...(fresh === undefined ? {} : { maxAgeSeconds: fresh }),
    ...(since === undefined ? {} : { since: await checkpointAt(since) }),
  };
  if (url !== undefined || isOfApi(cli, flags)) {
    const run = () =>
      withSource(cli, flags, async (source) => {
        const [files, believed] = [{ log: source.log }, await trustOf(source)];
        const own = await withSignatures((check) => {
          const now = { now: cli.clock(), check, ...options };
          return incremental === true && options.since !== undefined
            ? verifySince({ ...files, ...hintsFor(source) }, believed, { ...now, since: options.since })
            : verifyLedger(files, believed, now);
        });
        if (incremental === true) return own;
        if (source.kind !== 'api') return own;
        const { verification, untold } = await withServiceWord(own, source.client);
        cli.err(untold === undefined ? TOLD : `${UNTOLD} (${untold}).`);
        return verification;
      });
    return { run, pauseMs: 1_500 };
  }
  const { environment, region } = cli;
  if (environment !== undefined && folder === undefined) {
    // Loaded only here: the AWS clients are no part of looking at a folder.
    const { verifyDeployed } = await import('./deployed.ts');
    const believed = trust === undefined ? undefined : await trustAt(trust);
    return {
      run: () =>
        withSignatures((check) =>
          verifyDeployed(
            { environment, ...(region === undefined ? {} : { region }) },
            { now: cli.clock(), check, ...options },
            believed,
          ),
        ),
      pauseMs: 6_000,
    };
  }
  const data = folder ?? cli.dataFolder;
  await trustAt(trust ?? join(data, 'trust.json'));
  const local = {
    ...options,
    incremental: incremental === true,
    ...(trust === undefined ? {} : { trust }),
  };
  return { run: () => verifyInThread(data, local), pauseMs: 1_500 };
}

const hintsFor = (source: LedgerSource): { hints?: TableReader } =>
  source.kind === 'api' ? { hints: hintsOf(source.client) } : {};

/** What can be seen from outside, and what cannot. */
const TOLD =
  'The sealed log was verified here. That the store, the write-once copies and the keys of persons agree with it is the service’s own word: only a folder shows them.';
const UNTOLD =
  'The sealed log was verified here. Of the store, the write-once copies and the keys of persons the service said nothing';

/** The text of a checkpoint that somebody kept, in a file or behind a URL. */
async function checkpointAt(place: string): Promise<string> {
  try {
    if (!/^https?:/.test(place)) return await readFile(place, 'utf8');
    const answer = await fetch(place, { signal: AbortSignal.timeout(30_000) });
    if (answer.ok) return await textOf(answer, place, 64 * 1024);
    throw new Error(`it answered ${answer.status}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandEnd(`--since: there is no checkpoint at ${place} (${why})`, EXIT.usage);
  }
}

/** Beside a running system the newest records are always a moment from being sealed: gives them that moment. */
async function verifyPatiently({ run, pauseMs }: Verifier): Promise<LedgerVerification> {
  const result = await run();
  if (result.verdict !== 'PENDING' || !result.within_merge_delay) return result;
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return run();
}

/** Prints a verification; ends with 1 unless it is OK, or PENDING within the merge delay. */
function report(cli: CliWorld, { within_merge_delay, ...result }: LedgerVerification): void {
  if (cli.json) cli.data(result);
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
  // Of a service's word it may be anything: it cannot begin a line that looks like ours.
  return inOneLine(`${verdict}${place}: ${detail}`);
}
