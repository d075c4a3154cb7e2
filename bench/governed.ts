/**
 * Governed executions over HTTP on the durable embedded store, each transaction synced, with the load generator in
 * this process and the runtime in its own. The workflow is the smallest there is: what is measured is what
 * governing costs. The runtime may be another tree's (`BENCH_TREE`), so that two commits are put under the same load.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from './load.ts';
import { percentile, type Table, table } from './table.ts';

export const WORKFLOWS = fileURLToPath(new URL('../test/fixtures/workflows', import.meta.url));
const HERE = fileURLToPath(new URL('..', import.meta.url));
/** Before anything is measured the code is compiled: a fresh process does it beside its work for more than ten seconds. */
const WARM_MS = 15_000;
const SECONDS = 6;
export const BODY = JSON.stringify({
  workflow_name: 'hello',
  drag_mode: 'execute',
  aim: {
    actor: { name: 'Jake Smith' },
    input: { sources: [{ type: 'bench', description: 'nothing but the request' }] },
    mission: { objective: 'Measure what governing costs', success_criteria: ['it runs'] },
  },
  parameters: { name: 'bench' },
});

export async function benchGoverned(): Promise<Table> {
  const { mintLocalToken, startProcess, verifyStore } = await tree(process.env.BENCH_TREE ?? HERE);
  const rows: (string | number)[][] = [];
  for (const clients of [1, 8, 32]) {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
    const runtime = await startProcess(folder, { CHANCERY_WORKFLOWS: WORKFLOWS });
    try {
      const tokens = await Promise.all(
        Array.from({ length: clients }, (_, index) =>
          mintLocalToken(
            folder,
            { sub: `client-${index}`, name: 'Jake Smith', roles: ['operator'], kind: 'human' },
            Date.now(),
          ),
        ),
      );
      const url = `${runtime.url}/workflows/governed/execute`;
      const asked = tokens.map((token) => ({ url, body: BODY, token }));
      await load(asked, WARM_MS);
      const before = mainThread(runtime.child.pid);
      const { latencies, failures, seconds } = await load(asked, SECONDS * 1_000);
      const processor = (mainThread(runtime.child.pid) - before) / latencies.length;
      rows.push([
        clients,
        Math.round(latencies.length / seconds),
        percentile(latencies, 0.5).toFixed(2),
        percentile(latencies, 0.99).toFixed(2),
        Number.isNaN(processor) ? '–' : Math.round(processor),
        failures,
      ]);
    } finally {
      await runtime.kill('SIGTERM');
    }
    const { verdict } = await verifyStore(folder);
    if (verdict !== 'OK' && verdict !== 'PENDING') throw new Error(`the ledger is ${verdict} after the load`);
    rmSync(folder, { recursive: true });
  }
  return table(
    'Governed executions over HTTP, durable',
    ['clients', 'executions/s', 'p50 ms', 'p99 ms', 'main thread µs', 'failures'],
    rows,
  );
}

/** What starts a runtime of that tree, speaks to it and checks it: that tree's own code. */
async function tree(root: string) {
  const at = (path: string): string => pathToFileURL(join(root, path)).href;
  const [issuer, process, verify]: [
    typeof import('../adapters/local/dev-issuer.ts'),
    typeof import('../test/support/process.ts'),
    typeof import('../local/ledger-verify.ts'),
  ] = await Promise.all([
    import(at('adapters/local/dev-issuer.ts')),
    import(at('test/support/process.ts')),
    import(at('local/ledger-verify.ts')),
  ]);
  const { mintLocalToken } = issuer;
  return { mintLocalToken, startProcess: process.startProcess, verifyStore: verify.verifyStore };
}

/**
 * Microseconds of processor that a process's main thread took so far, background rounds included: it says more than a rate
 * does where others load the machine. NaN where there is no /proc (proc(5), `schedstat`: nanoseconds first).
 */
function mainThread(pid = 0): number {
  const path = `/proc/${pid}/task/${pid}/schedstat`;
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[0]) / 1_000 : Number.NaN;
}
