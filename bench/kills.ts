/**
 * Kills a loaded runtime again and again (SIGKILL) and verifies after each: `npx node bench/kills.ts [times]`.
 * Prints how many answers were given, how many of their records were lost, and what verification found.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { dataPaths } from '../local/stores.ts';
import { readEntry } from '../src/ledger/entry.ts';
import { governed, OPERATOR, PROJECT } from '../test/runtime/support.ts';
import { startProcess } from '../test/support/process.ts';

const times = Number(process.argv[2] ?? 100);
const CALLERS = 8;
const folder = await mkdtemp(join(tmpdir(), 'chancery-kills-'));
const environment = { CHANCERY_WORKFLOWS: join(PROJECT, 'test/fixtures/workflows') };

/** Asks again and again until nobody answers; gives the record hash of each receipt, by id. */
async function ask(url: string, token: string, kept: Map<string, string>): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(`${url}/workflows/governed/execute`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(governed({ workflow_name: 'hello' })),
      });
      const { receipt } = (await answer.json()) as { receipt?: { id: string; record_hash: string } };
      if (receipt !== undefined) kept.set(receipt.id, receipt.record_hash);
    } catch {
      // Killed: what it did not answer it did not acknowledge.
      return;
    }
  }
}

const kept = new Map<string, string>();
const verdicts: Record<string, number> = {};
let lost = 0;
for (let kill = 0; kill < times; kill += 1) {
  const runtime = await startProcess(folder, environment);
  const token = await mintLocalToken(folder, OPERATOR, Date.now());
  const asked = Array.from({ length: CALLERS }, () => ask(runtime.url, token, kept));
  // Spread over a second, so that it falls into every step of sealing.
  await sleep(200 + ((kill * 97) % 1_000));
  await runtime.kill('SIGKILL');
  await Promise.all(asked);
  const { verdict, findings } = await verifyStore(folder);
  verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  if (verdict !== 'OK' && verdict !== 'PENDING') console.error(kill, findings.slice(0, 5));
}
const file = openLedgerFile(dataPaths(folder).table);
for (const [id, hash] of kept) if ((await readEntry(file, id))?.record_hash !== hash) lost += 1;
file.close();
console.log(JSON.stringify({ kills: times, acknowledged: kept.size, lost, verdicts }));
await rm(folder, { recursive: true });
