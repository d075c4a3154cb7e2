/**
 * The sealer in a thread of its own: signatures, hashing and synced files never hold up a request. It opens the
 * stores for itself; what it measures and what it must put on record is told to the main thread.
 */
import { join } from 'node:path';
import { readTrust, strangers } from '../adapters/local/trust-file.ts';
import { Sealer, saidAfter } from '../src/ledger/seal/sealer.ts';
import { openWitness } from '../src/ledger/tree/witness.ts';
import type { SealJob, SealNews, SealOrders } from './sealing.ts';
import { openSignatures } from './signatures.ts';
import { openLogStores } from './stores.ts';
import { serve } from './thread.ts';

/** Levels of priority: of a core that a request wants too it gets a tenth (sched(7), "The nice value"). */
const A_TENTH = 10;

await serve<SealJob, SealOrders, SealNews>(startSealer);

/** Its first round is the verification at start: nobody serves before it ended. */
async function startSealer(job: SealJob, tell: (news: SealNews) => void): Promise<SealOrders> {
  const { sealer, stores, trust, signatures } = await openSealer(job, tell);

  // Whoever puts another key in a key's place signs for nobody.
  const strange = strangers(trust, stores);

  async function sealAll(): Promise<void> {
    if (strange.length > 0) {
      const detail = `${strange.join(', ')} in the folder keys is not the key that trust.json names; put it back and start again`;
      tell({ kind: 'looked', standing: { head: 'keys', detail } });
      return;
    }
    for (let more = true; more; ) {
      const result = await sealer.seal();
      more = result.status === 'sealed' && result.more;
      const said = saidAfter(result, sealer);
      if (said !== undefined) tell({ kind: 'looked', standing: said.standing });
      if (result.status === 'overtaken') return;
      // A copy of the store's main file alone is then never far behind.
      if (result.status === 'sealed') stores.table.checkpoint();
      if (result.status === 'sealed') tell({ kind: 'sealed', size: result.size, added: result.added });
    }
  }

  let running: Promise<void> = Promise.resolve();
  const round = (): Promise<void> => {
    running = running.then(sealAll).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      tell({ kind: 'failed', reason });
      tell({
        kind: 'log',
        level: 'error',
        logger: 'seal',
        message: 'A round failed and will be tried again',
        fields: { reason },
      });
    });
    return running;
  };

  let waiting = false;
  let paused = false;
  await round();
  const timer = setInterval(() => {
    // A round that takes longer than the interval is not joined by others behind it.
    if (waiting || paused) return;
    waiting = true;
    void round().finally(() => {
      waiting = false;
    });
  }, job.intervalMs);

  return {
    seal: round,
    async pause() {
      paused = true;
      await round();
    },
    async resume() {
      paused = false;
      await round();
    },
    async stop() {
      clearInterval(timer);
      await round();
      await signatures.end();
      stores.close();
    },
  };
}

async function openSealer({ folder, heartbeatMs, limit }: SealJob, tell: (news: SealNews) => void) {
  const stores = await openLogStores(folder);
  const trust = await readTrust(join(folder, 'trust.json'));
  if (trust === undefined) throw new Error('the data folder has no trust.json');
  // A round of an ordinary second is done here; what was left behind goes to threads. They have no lock and so give way to requests; this
  // one does not, since it would fall behind where others load the machine, and requests would wait for what it locks.
  const signatures = openSignatures({ here: 255, below: A_TENTH });
  const sealer = new Sealer({
    check: signatures.check,
    table: stores.table,
    settled: () => stores.table.settle(),
    log: stores.log,
    worm: stores.worm,
    witnesses: [
      openWitness({
        table: stores.witness,
        signer: stores.witnessKey,
        name: `${trust.origin}/witness`,
        origin: trust.origin,
        logKeys: trust.log_keys,
        clock: Date.now,
      }),
    ],
    trust,
    authority: stores.authority,
    origin: trust.origin,
    signers: [stores.checkpointKey],
    logKeys: trust.log_keys,
    clock: Date.now,
    heartbeatMs,
    limit,
    meter: {
      count: (metric, labels, by = 1) => tell({ kind: 'count', metric, labels, value: by }),
      observe: (metric, labels, value) => tell({ kind: 'observe', metric, labels, value }),
      set: (metric, labels, value) => tell({ kind: 'set', metric, labels, value }),
    },
    diary: {
      write: (level, logger, message, fields = {}) => tell({ kind: 'log', level, logger, message, fields }),
    },
    alarm: async (data) => tell({ kind: 'alarm', data }),
  });
  return { sealer, stores, trust, signatures };
}
