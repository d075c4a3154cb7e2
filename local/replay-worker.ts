/** A replay in a thread of its own: a hundred thousand decisions must not hold up one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { parseBundle } from '../src/charter/bundle.ts';
import type { Charter } from '../src/charter/charter.ts';
import { recordedDecisions, replay } from '../src/govern/replay.ts';

const order = z.object({
  store: z.string(),
  base: z.record(z.string(), z.string()),
  candidate: z.record(z.string(), z.string()),
  since: z.number(),
});

const { store, base, candidate, since } = order.parse(workerData);

/** On a small machine a thread of its own still takes a core's time: it rests as long as it worked. */
let resumed = performance.now();
async function rest(): Promise<void> {
  await sleep(performance.now() - resumed);
  resumed = performance.now();
}

const ledger = openLedgerFile(store);
try {
  const report = await replay(load(base), load(candidate), recordedDecisions(ledger, since), rest);
  parentPort?.postMessage(report);
} finally {
  ledger.close();
}

function load(files: Record<string, string>): Charter {
  const parsed = parseBundle(new Map(Object.entries(files)));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.charter;
}
