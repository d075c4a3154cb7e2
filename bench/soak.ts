/**
 * A day of use in minutes: `npx node bench/soak.ts [MINUTES] [REQUESTS A SECOND]` (30 and 50 unless said). Callers, agents, auditors,
 * operators and a committee ask through API, MCP, console and CLI, at a rate that does not wait for answers, while the runtime is stopped
 * and killed at random; the last third is left alone, for memory and handles to be looked at. Exits 1 when anything was not as it should be.
 */
import { parseArgs } from 'node:util';
import { readFolderBlobs } from '../adapters/local/folder-reader.ts';
import { openLedgerFile } from '../adapters/local/ledger-file.ts';
import { parseExposition } from '../cli/exposition.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { dataPaths } from '../local/stores.ts';
import { unprunedTail } from '../src/watch/metrics/unpruned.ts';
import { verifyMetrics } from '../src/watch/metrics/verify.ts';
import { reviewTools } from './child.ts';
import type { Held } from './soak/inside.ts';
import { type Deed, people } from './soak/people.ts';
import { openSoakWorld } from './soak/world.ts';
import { percentile } from './table.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [minutes = 30, rate = 50] = positionals.map(Number);
const [LENGTH_MS, CALM_FROM] = [minutes * 60_000, 2 / 3];
/** What is asked more than that many at once waits: a machine that is too slow shows in the rate. */
const MOST_AT_ONCE = 200;
/** Answers to what was asked before an interruption may come, or fail, until so long after it. */
const SETTLED_MS = 2_000;
const SAMPLE_MS = 5_000;
/** How much more memory at the end of the calm third than at its beginning counts as growth. */
const [FLAT_MEMORY, FLAT_FILES] = [1.25, 8];
/** Of the calm: before, caches fill after the last start. */
const WARM_AT = 1 / 3;
const NOTHING: Held = { heap: Number.NaN, external: Number.NaN, files: Number.NaN, sockets: Number.NaN };

const world = await openSoakWorld();
const deeds = await people(world);
await reviewTools(
  world.url,
  await world.token({ sub: 'rita', name: 'Rita Reviewer', roles: ['committee_member'] }),
);
const counts = new Map(deeds.map(({ name }) => [name, { done: 0, interrupted: 0, ms: [] as number[] }]));
const unexpected: string[] = [];
/** Bytes that are resident, through the calm; what is held is asked twice, since a collection is work of its own. */
const samples: number[] = [];
const held: Held[] = [];
const interruptions: string[] = [];
let [asked, flying, crowded] = [0, 0, 0];
const began = performance.now();
const elapsed = (): number => performance.now() - began;

await Promise.all([ask(), interrupt(), sample()]);
while (flying > 0) await pause(50);
const state = await verifyState();
await world.close();
const ledger = await verifyStore(world.data);
const metrics = await verifyFigures();
report();
if (process.exitCode !== 1) world.remove();

/** One deed after the other, chosen by their shares, at the moments that the rate says. */
async function ask(): Promise<void> {
  const total = deeds.reduce((sum, { share }) => sum + share, 0);
  for (let next = 0; elapsed() < LENGTH_MS; next += 1) {
    const due = (next * 1_000) / rate;
    if (due > elapsed()) await pause(due - elapsed());
    while (flying >= MOST_AT_ONCE) {
      crowded += 1;
      await pause(20);
    }
    const deed = chosen(Math.random() * total);
    if (deed !== undefined && world.up()) void done(deed);
  }
}

/** @param at from 0 to the sum of all shares */
function chosen(at: number): Deed | undefined {
  let passed = 0;
  for (const deed of deeds) {
    passed += deed.share;
    if (at < passed) return deed;
  }
  return deeds[0];
}

async function done(deed: Deed): Promise<void> {
  const count = counts.get(deed.name);
  if (count === undefined) return;
  asked += 1;
  flying += 1;
  const start = performance.now();
  try {
    await deed.act();
    count.done += 1;
    count.ms.push(performance.now() - start);
  } catch (error) {
    // The office went, or had just come, while it was asked: what was not answered is nobody's fault.
    const disturbed = !world.up() || world.changed() + SETTLED_MS > start;
    if (disturbed) count.interrupted += 1;
    else unexpected.push(`${(elapsed() / 1_000).toFixed(1)} s, ${deed.name}: ${said(error)}`);
  } finally {
    flying -= 1;
  }
}

async function interrupt(): Promise<void> {
  for (;;) {
    await pause(20_000 + Math.random() * 40_000);
    if (elapsed() > LENGTH_MS * CALM_FROM) return;
    const signal = Math.random() < 0.5 ? 'SIGKILL' : 'SIGTERM';
    const at = elapsed();
    await world.restart(signal);
    interruptions.push(
      `${signal} at ${(at / 1_000).toFixed(0)} s, back after ${((elapsed() - at) / 1_000).toFixed(1)} s`,
    );
  }
}

async function sample(): Promise<void> {
  const token = await world.token({ sub: 'sam', roles: ['sre'], kind: 'service', ttlSeconds: 86_400 });
  while (elapsed() < LENGTH_MS) {
    await pause(SAMPLE_MS);
    if (!world.up() || elapsed() < LENGTH_MS * CALM_FROM) continue;
    const response = await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const resident = parseExposition(await response.text()).find(
      ({ name }) => name === 'chancery_process_resident_memory_bytes',
    );
    samples.push(resident?.value ?? Number.NaN);
    if (held.length === 0 && elapsed() > LENGTH_MS * (CALM_FROM + (1 - CALM_FROM) * WARM_AT))
      held.push(await world.held());
  }
  held.push(await world.held());
}

async function verifyState(): Promise<{ verdict: string; items: number }> {
  const token = await world.token({ sub: 'ada', roles: ['auditor'] });
  const response = await fetch(`${world.url}/state/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as { verdict: string; items: number };
}

async function verifyFigures(): Promise<{ equal: boolean; drift: number; series: number }> {
  const table = openLedgerFile(dataPaths(world.data).table);
  try {
    return await verifyMetrics({
      table,
      tail: unprunedTail(table, readFolderBlobs(dataPaths(world.data).log)),
    });
  } finally {
    table.close();
  }
}

function report(): void {
  const resident = (from: number, to: number): number =>
    percentile(
      samples.slice(samples.length * from, samples.length * to).sort((left, right) => left - right),
      0.5,
    );
  const memory = [resident(WARM_AT, (1 + WARM_AT) / 2), resident((1 + WARM_AT) / 2, 1)] as const;
  const [early = NOTHING, late = NOTHING] = held;
  const seconds = LENGTH_MS / 1_000;
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const verdicts = {
    'unexpected answers': unexpected.length === 0,
    'memory flat': memory[1] <= memory[0] * FLAT_MEMORY,
    'heap after collection flat': late.heap <= early.heap * FLAT_MEMORY,
    'file handles flat': late.files <= early.files + FLAT_FILES,
    'ledger OK': ledger.verdict === 'OK' || ledger.verdict === 'PENDING',
    'state equals the ledger': state.verdict === 'OK',
    'metrics drift 0': metrics.equal && metrics.drift === 0,
  };
  console.log(
    `${minutes} minutes at ${rate} deeds a second: ${asked} deeds (${(asked / seconds).toFixed(1)} a second), waited for room ${crowded} times`,
  );
  for (const [name, { done: times, interrupted, ms }] of counts) {
    const sorted = ms.sort((left, right) => left - right);
    console.log(
      `  ${name.padEnd(42)} ${String(times).padStart(7)}  interrupted ${String(interrupted).padStart(4)}  p50 ${percentile(sorted, 0.5).toFixed(0)} ms  p99 ${percentile(sorted, 0.99).toFixed(0)} ms`,
    );
  }
  console.log(`interruptions: ${interruptions.length}\n  ${interruptions.join('\n  ')}`);
  console.log(
    `memory ${mb(memory[0])} → ${mb(memory[1])} MB, ${samples.length} samples; after a collection heap ${mb(early.heap)} → ${mb(late.heap)} MB, buffers ${mb(early.external)} → ${mb(late.external)} MB; files ${early.files} → ${late.files}, sockets ${early.sockets} → ${late.sockets}`,
  );
  console.log(
    `ledger ${ledger.verdict}: ${ledger.entries} entries in ${ledger.lanes} lanes; state ${state.verdict}: ${state.items} items; metrics: ${metrics.series} series, drift ${metrics.drift}`,
  );
  for (const [what, holds] of Object.entries(verdicts)) console.log(`${holds ? 'yes' : 'NO '}  ${what}`);
  for (const line of unexpected.slice(0, 40)) console.log(`unexpected: ${line}`);
  if (Object.values(verdicts).includes(false)) {
    console.log(`kept: ${world.data}`);
    process.exitCode = 1;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function said(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message} ${error.cause ?? ''}` : String(error);
}
