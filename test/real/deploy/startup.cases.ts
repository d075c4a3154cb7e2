/** On the deployed stacks readiness is held while the heads of the log contradict each other. */
import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Deployment } from '../deployment.ts';

export function startup(given: () => Deployment): void {
  describe('start-up verification', () => {
    it('holds readiness and raises an alarm when the lock is rolled back, and lets go when it is back', async () => {
      const chancery = given();
      const table = chancery.ledgerTable();
      const lock = await table.get('LOG', 'LOCK');
      if (lock === undefined) throw new Error('nothing is sealed yet');
      const ready = async (status: number) => {
        for (const end = Date.now() + 40_000; Date.now() < end; ) {
          if ((await chancery.call('GET /health/ready')).status === status) return true;
          await new Promise((wake) => setTimeout(wake, 500));
        }
        return false;
      };
      expect(await ready(200)).toBe(true);

      await table.merge('LOG', 'LOCK', { size: 0, note: '', lanes: '', from: 0, last_lane: 0 });
      expect(await ready(503)).toBe(true);
      const { body } = await chancery.call('GET /health/ready');
      const held = body.checks.filter(({ status }: { status: string }) => status === 'unhealthy');
      expect(held).toMatchObject([
        { name: 'ledger', details: { finding: expect.stringMatching(/^lock: /) } },
      ]);

      const { pk: _pk, sk: _sk, ...attributes } = lock;
      await table.merge('LOG', 'LOCK', attributes);
      expect(await ready(200)).toBe(true);
      // Over the contradiction nothing was recorded, not even the alarm: it is now.
      const { entries } = await readEntries(table, { type: 'security.tamper_detected' }, { limit: 20 });
      expect(entries.map(({ record }) => record.data)).toContainEqual(
        expect.objectContaining({ kind: 'head_conflict', head: 'lock' }),
      );
    }, 120_000);
  });
}
