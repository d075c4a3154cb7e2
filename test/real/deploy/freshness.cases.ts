/** How soon an accepted record is visible at /metrics on the deployed stacks: stream → projector → another function. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../deployment.ts';

const RECORDS = 2;
/** Longer than this and a record is not late but lost. */
const LOST_MS = 30_000;

export function freshness(deployed: () => Deployment): void {
  describe('a record that was accepted', () => {
    it('is counted at /metrics soon; how soon is printed', async () => {
      const { issuer } = deployed();
      const vera = await issuer.mint({ sub: 'vera', name: 'Vera', roles: ['sre'], kind: 'human' });
      const counted = async () => {
        const { body } = await deployed().call('GET /metrics', { token: vera });
        return Number(
          /ledger_entries_total\{event_type="violation.reported"\} (\d+)/.exec(String(body))?.[1] ?? 0,
        );
      };
      const before = await counted();
      const delays: number[] = [];
      for (let n = 1; n <= RECORDS; n += 1) {
        const report = {
          violation_type: 'data_extraction',
          node_or_service: 'node-17',
          description: 'a table was copied at night',
          evidence: [`line ${n}`],
        };
        const { status } = await deployed().call('POST /violations', { token: vera, body: report });
        expect(status).toBe(201);
        const accepted = performance.now();
        while ((await counted()) < before + n && performance.now() - accepted < LOST_MS)
          await new Promise((wake) => setTimeout(wake, 20));
        delays.push(performance.now() - accepted);
      }
      expect(await counted()).toBe(before + RECORDS);
      const told = delays.map((delay) => `${Math.round(delay)} ms`).join(', ');
      console.log(`accepted → visible at /metrics over the stand-in's streams: ${told}`);
      for (const delay of delays) expect(delay).toBeLessThan(LOST_MS);
    }, 300_000);
  });
}
