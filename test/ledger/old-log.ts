/**
 * A log that an older version wrote, of the time when each record was signed alone: as it lay in its stores on 2026-11-30. No
 * code makes it any more, and it must verify for ever.
 *
 * Lane 1 is closed, and a pruning of it was cut off after two records; lane 2 was closed for its writer; Ann, of lane 2, was erased by a
 * record of lane 3; the authority's key was rotated before lane 3; lane 4 has three records that are not sealed, Jake's among them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Receipt } from '../../src/ledger/record.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import type { Item, Signer, Table } from '../../src/ports.ts';
import { type TestLog, testLog } from './log-support.ts';
import { authoritySigner } from './support.ts';

const BYTES = 'base64:';
const value = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((given) =>
    typeof given === 'string' && given.startsWith(BYTES)
      ? new Uint8Array(Buffer.from(given.slice(BYTES.length), 'base64'))
      : given,
  );
const items = z.array(z.object({ pk: z.string(), sk: z.string() }).catchall(value));
const files = z.record(z.string(), z.base64());
const schema = z.object({
  now: z.number(),
  trust: z.custom<Trust>((given) => typeof given === 'object'),
  checkpoints: z.array(z.string()),
  receipts: z.array(z.custom<Receipt>((given) => typeof given === 'object')),
  store: items,
  subjects: items,
  witness: items,
  log: files,
  worm: files,
});

/** Its authority key from lane 3 on. */
export const oldAuthority: Signer = authoritySigner('fresh');

export interface OldLog {
  readonly log: TestLog;
  /** Every receipt that was given. */
  readonly receipts: readonly Receipt[];
  /** Checkpoints that somebody kept: of 9 entries, and of all 19. */
  readonly checkpoints: readonly string[];
}

/** In stores of its own: what is done to it is done to nobody else's. */
export async function openOldLog(): Promise<OldLog> {
  const read = schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'old-log.json'), 'utf8')));
  const log = testLog({ seed: 'continued' });
  log.time.now = read.now;
  log.trustAll.authorities.splice(0, 1, ...read.trust.authorities);
  await fill(log.table, read.store);
  await fill(log.keys, read.subjects);
  await fill(log.witnessTable, read.witness);
  for (const [from, to] of [
    [read.log, log.log],
    [read.worm, log.worm],
  ] as const)
    for (const [name, bytes] of Object.entries(from))
      to.files.set(name, new Uint8Array(Buffer.from(bytes, 'base64')));
  return { log, receipts: read.receipts, checkpoints: read.checkpoints };
}

async function fill(table: Table, all: readonly Item[]): Promise<void> {
  for (const item of all) await table.put(item, 'absent');
}
