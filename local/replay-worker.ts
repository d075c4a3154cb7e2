/** A replay in a thread of its own: a hundred thousand decisions must not hold up one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { parseBundle } from '../src/charter/bundle.ts';
import type { Charter } from '../src/charter/charter.ts';
import { recordedDecisions, replay } from '../src/govern/replay.ts';
import type { ReplayJob } from './replay.ts';
import { giveWay, serve } from './thread.ts';

/** On a small machine a thread of its own still takes a core's time: it rests as long as it worked. */
let resumed = performance.now();
async function rest(): Promise<void> {
  await sleep(performance.now() - resumed);
  resumed = performance.now();
}

giveWay();
await serve(({ store, base, candidate, since }: ReplayJob) => ({
  async run() {
    const ledger = openLedgerFile(store);
    try {
      return await replay(load(base), load(candidate), recordedDecisions(ledger, since), rest);
    } finally {
      ledger.close();
    }
  },
}));

function load(files: Readonly<Record<string, string>>): Charter {
  const parsed = parseBundle(new Map(Object.entries(files)));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.charter;
}
