/**
 * Governed executions over HTTP on the durable embedded store (synchronous=FULL), with the load generator in
 * this process and the runtime in its own. The workflow is the smallest there is: what is measured is what
 * governing costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { startProcess } from '../test/support/process.ts';
import { percentile, type Table, table } from './table.ts';

const WORKFLOWS = fileURLToPath(new URL('../test/fixtures/workflows', import.meta.url));
const SECONDS = 6;
const BODY = JSON.stringify({
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
      await load(runtime.url, tokens, 1_500);
      const { latencies, failures, seconds } = await load(runtime.url, tokens, SECONDS * 1_000);
      latencies.sort((left, right) => left - right);
      rows.push([
        clients,
        Math.round(latencies.length / seconds),
        percentile(latencies, 0.5).toFixed(2),
        percentile(latencies, 0.99).toFixed(2),
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
    ['clients', 'executions/s', 'p50 ms', 'p99 ms', 'failures'],
    rows,
  );
}

/** Each client sends its next request when the last was answered. */
async function load(url: string, tokens: readonly string[], ms: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: tokens.length });
  const latencies: number[] = [];
  let failures = 0;
  const began = performance.now();
  await Promise.all(
    tokens.map(async (token) => {
      while (performance.now() - began < ms) {
        const sent = performance.now();
        const status = await post(`${url}/workflows/governed/execute`, token, agent);
        latencies.push(performance.now() - sent);
        if (status !== 200) failures += 1;
      }
    }),
  );
  agent.destroy();
  return { latencies, failures, seconds: (performance.now() - began) / 1000 };
}

function post(url: string, token: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(BODY),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(BODY);
  });
}
