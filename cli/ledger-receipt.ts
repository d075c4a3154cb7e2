/** `chancery ledger audit-receipt`: whether a promise that somebody was given was kept. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { receiptIn } from '../client/verify/promise.ts';
import { canonicalBytes } from '../src/basics/canonical.ts';
import { fromBase64, type Signed } from '../src/ledger/bytes.ts';
import { checkpointText } from '../src/ledger/check/proof.ts';
import { type AuditOptions, auditReceipt, type ReceiptAudit } from '../src/ledger/check/receipt.ts';
import type { TableReader } from '../src/ledger/entry.ts';
import { receiptAuditSchema } from '../src/ledger/receipt.ts';
import type { Receipt } from '../src/ledger/record.ts';
import { openCheckpoint } from '../src/ledger/tree/checkpoint.ts';
import { cosignatures } from '../src/ledger/tree/witness.ts';
import { tell } from './answer.ts';
import { queryOf, succeeded } from './client.ts';
import { hintsOf } from './ledger-hints.ts';
import { type FolderSource, type LedgerSource, readable, type Where, withSource } from './ledger-source.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface ReceiptFlags extends Where {
  readonly entry?: string;
}

/** What each answer ends with. */
const ENDS: Readonly<Record<ReceiptAudit['status'], number>> = {
  kept: EXIT.ok,
  pending: EXIT.ok,
  late: EXIT.late,
  broken: EXIT.negative,
  NOT_OURS: EXIT.notOurs,
};

export function registerReceipts(ledger: Command, world: (command: Command) => CliWorld): void {
  readable(ledger.command('audit-receipt'))
    .description(
      'whether a receipt was kept (exit 0), is pending (0), late (4), broken (1: it prints the contradiction) or NOT_OURS (5)',
    )
    .argument('<file>', 'a receipt, or an answer that carries one, as JSON')
    .option(
      '--entry <file>',
      'the entry that was promised, as `ledger show` printed it: proof of who signed it',
    )
    .action(async (file: string, flags: ReceiptFlags, command: Command) => {
      const cli = world(command);
      const receipt = receiptFrom(await readFile(file, 'utf8'));
      const promised = flags.entry === undefined ? undefined : entryIn(await readFile(flags.entry, 'utf8'));
      const audit = await audited(cli, flags, receipt, promised);
      tell(cli, audit, () => describe(receipt.id, audit));
      if (ENDS[audit.status] !== EXIT.ok) throw new CommandEnd('', ENDS[audit.status]);
    });
}

const audited = (
  cli: CliWorld,
  flags: ReceiptFlags,
  receipt: Receipt,
  promised: Signed | undefined,
): Promise<ReceiptAudit> =>
  withSource(cli, flags, async (source) => {
    const thorough = {
      clock: cli.clock,
      thorough: true,
      ...(promised === undefined ? {} : { promised }),
    };
    switch (source.kind) {
      case 'api':
        return overTheApi(source, receipt, thorough);
      case 'export': {
        const audit = await auditReceipt({ ...source, table: NO_STORE }, receipt, thorough);
        if (isOpen(audit)) await refuseTooOld(source, receipt);
        return audit;
      }
      default:
        return auditReceipt(source, receipt, thorough);
    }
  });

/** A log without a store: what is not in the tree is not there, and nothing helps to find what is. */
const NO_STORE: TableReader = { get: async () => undefined, query: async () => ({ items: [] }) };

/** Whether a later look could see it otherwise. */
const isOpen = ({ status }: ReceiptAudit): boolean => status !== 'kept' && status !== 'NOT_OURS';

/** An export that ends before the promise was due tells nothing of it. Ends the command (unavailable). */
async function refuseTooOld({ log, trust }: FolderSource, receipt: Receipt): Promise<void> {
  const text = await checkpointText(log);
  const opened = text === undefined ? undefined : openCheckpoint(text, trust.origin, trust.log_keys);
  const seen = opened?.ok ? cosignatures(opened.note, trust.witnesses).map(({ time }) => time) : [];
  const due = Date.parse(receipt.time) / 1_000 + receipt.max_merge_delay_seconds;
  if (Math.max(0, ...seen) >= due) return;
  throw new CommandEnd(
    `The export ends at the tree of ${opened?.ok ? opened.checkpoint.size : 0}, before ${receipt.id} had to be in one: it cannot tell. Take a later export, or ask by --url.`,
    EXIT.unavailable,
  );
}

/**
 * The service says where to look, and what waits to be sealed; who may read the log finds out for themselves what is in it.
 */
async function overTheApi(
  source: Extract<LedgerSource, { kind: 'api' }>,
  receipt: Receipt,
  options: AuditOptions,
): Promise<ReceiptAudit> {
  const said = await source.client.call('GET', `/ledger/receipts/check?${queryOf({ ...receipt })}`);
  const told: ReceiptAudit = auditIn(succeeded(said));
  if ((await source.client.raw('/checkpoint')).status === 403) return told;
  const view = { log: source.log, trust: await source.trust(), table: hintsOf(source.client) };
  const found = await auditReceipt(view, receipt, options);
  const left = receipt.max_merge_delay_seconds - (options.clock() - Date.parse(receipt.time)) / 1_000;
  switch (told.status) {
    case 'pending':
    case 'late':
      if (found.status === 'kept') return found;
      // What is not sealed only the service sees. How late it is we can tell.
      return left >= 0
        ? { status: 'pending', seconds_left: left, stored: true }
        : { status: 'late', seconds_over: -left };
    default:
      return found;
  }
}

function auditIn(said: unknown): ReceiptAudit {
  const read = receiptAuditSchema.safeParse(said);
  if (read.success) return read.data;
  throw new CommandEnd('The service’s answer about the receipt cannot be read.', EXIT.unavailable);
}

function receiptFrom(text: string): Receipt {
  const found = receiptIn(jsonIn(text, 'The file holds no JSON.'));
  if (found === undefined) throw new CommandEnd('The file holds no receipt.', EXIT.usage);
  return found;
}

function entryIn(text: string): Signed {
  const parsed = z
    .object({ signature: z.string(), record: z.record(z.string(), z.unknown()) })
    .safeParse(jsonIn(text, '--entry: the file holds no JSON.'));
  if (!parsed.success) throw new CommandEnd('--entry: the file holds no entry.', EXIT.usage);
  // Canonical JSON has one form: it is the one that was signed, or the signature does not match.
  return { b: canonicalBytes(parsed.data.record), s: fromBase64(parsed.data.signature) };
}

function jsonIn(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is wrong with it helps nobody.
    throw new CommandEnd(otherwise, EXIT.usage);
  }
}

function describe(id: string, audit: ReceiptAudit): string {
  switch (audit.status) {
    case 'kept':
      return `kept: ${id} is entry ${audit.index} of the signed tree of ${audit.tree_size}`;
    case 'pending':
      return `pending: ${id} has ${audit.seconds_left.toFixed(1)} s left to be sealed${audit.stored ? '' : ', and is not stored'}`;
    case 'late':
      return `late: ${id} is recorded and should have been sealed ${audit.seconds_over.toFixed(1)} s ago`;
    case 'broken':
      return `${inOneLine(`broken: ${audit.contradiction.what}`)}\n${JSON.stringify(audit.contradiction, null, 2)}`;
    case 'NOT_OURS':
      return inOneLine(`NOT_OURS: ${audit.detail}`);
  }
}
