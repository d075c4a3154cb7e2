import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { parseExposition, type Sample } from '../../cli/exposition.ts';
import { governed, startTestRuntime } from '../runtime/support.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { startProcess } from '../support/process.ts';

describe('a store that is away', () => {
  it('makes the service not ready and says which check fails, leaves it live, and is forgotten when it is back', async () => {
    const faulty: FaultyTable[] = [];
    const world = await startTestRuntime(
      {},
      {
        table: (table) => {
          const wrapped = new FaultyTable(table);
          faulty.push(wrapped);
          return wrapped;
        },
      },
    );
    try {
      const status = async (path: string) => (await world.call('GET', path)).status;
      expect(await status('/health/ready')).toBe(200);
      for (const table of faulty) table.down();
      await expect.poll(() => status('/health/ready'), { timeout: 5_000 }).toBe(503);
      const { body } = await world.call('GET', '/health');
      expect(body.checks).toContainEqual(expect.objectContaining({ name: 'store', status: 'unhealthy' }));
      expect(JSON.stringify(body)).not.toMatch(/error|sqlite|table/i);
      expect(await status('/health/live')).toBe(200);
      expect((await world.execute(governed())).status).toBe(503);
      for (const table of faulty) table.heal();
      await expect.poll(() => status('/health/ready'), { timeout: 5_000 }).toBe(200);
    } finally {
      for (const table of faulty) table.heal();
      await world.stop();
    }
  });
});

describe('a process that is killed', () => {
  it('comes back with no counter lower than anybody has seen it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chancery-killed-'));
    let process = await startProcess(folder);
    try {
      const claims = {
        sub: 'jake',
        name: 'Jake Smith',
        email: 'jake@example.org',
        roles: ['operator', 'sre'],
        kind: 'human',
      } as const;
      const token = await mintLocalToken(folder, claims, Date.now());
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const execute = () =>
        fetch(`${process.url}/workflows/governed/execute`, {
          method: 'POST',
          headers,
          body: JSON.stringify(governed()),
        });
      const scrape = async (): Promise<Sample[]> =>
        parseExposition(await (await fetch(`${process.url}/metrics`, { headers })).text());
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(Array.from({ length: 20 }, execute));
        const before = await scrape();
        await process.kill('SIGKILL');
        process = await startProcess(folder);
        const after = new Map((await scrape()).map((sample) => [keyOf(sample), sample.value]));
        const lower = before.filter(
          (sample) => isCumulative(sample) && (after.get(keyOf(sample)) ?? 0) < sample.value,
        );
        expect(lower).toEqual([]);
      }
    } finally {
      await process.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});

const keyOf = ({ name, labels }: Sample): string => `${name} ${JSON.stringify(labels)}`;
const isCumulative = ({ name }: Sample): boolean => /_(total|count|bucket|sum)$/.test(name);
