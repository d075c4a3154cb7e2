/** `chancery ledger audit-receipt`: whether a promise that somebody was given was kept. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { receiptIn } from '../client/verify/promise.ts';
import { canonicalBytes, fromBase64, type Signed } from '../src/ledger/bytes.ts';
import { auditReceipt, type ReceiptAudit } from '../src/ledger/check/receipt.ts';
import { receiptAuditSchema } from '../src/ledger/receipt.ts';
import type { Receipt } from '../src/ledger/record.ts';
import { tell } from './answer.ts';
import { succeeded } from './client.ts';
import { readable, type Where, withSource } from './ledger-source.ts';
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
    .option('--trust <file>', 'public keys to believe instead of those beside the ledger')
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
    if (source.kind !== 'api')
      return auditReceipt(source, receipt, {
        clock: cli.clock,
        thorough: true,
        ...(promised === undefined ? {} : { promised }),
      });
    const query = new URLSearchParams(
      Object.entries(receipt).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return receiptAuditSchema.parse(
      succeeded(await source.client.call('GET', `/ledger/receipts/check?${query}`)),
    );
  });

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
      return `broken: ${audit.contradiction.what}\n${JSON.stringify(audit.contradiction, null, 2)}`;
    case 'NOT_OURS':
      return `NOT_OURS: ${audit.detail}`;
  }
}
