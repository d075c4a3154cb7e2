/** A report without a name through the deployed edge: taken without a token, sealed, answered, and nobody knows from whom. */
import { describe, expect, it } from 'vitest';
import { allEntries } from '../../../src/ledger/reader.ts';
import type { Deployment } from '../deployment.ts';

export function whistleblowing(deployed: () => Deployment): void {
  describe('a whistleblower at the deployed edge', () => {
    it('reports without a token, is answered by a code, and leaves nothing of themselves in the ledger', async () => {
      const wanda = await deployed().issuer.mint({
        sub: 'wanda-77',
        name: 'Wanda Whistler',
        roles: ['operator'],
        kind: 'human',
      });
      const marks = {
        authorization: `Bearer ${wanda}`,
        'user-agent': 'WandaBrowser/77.7',
        'x-forwarded-for': '203.0.113.77',
        'x-trace-id': 'wanda77trace77id77',
        traceparent: `00-${'77'.repeat(16)}-${'7a'.repeat(8)}-01`,
      };
      const taken = await deployed().call('POST /whistleblower/reports', {
        body: { description: 'The copies go to the seventh cellar' },
        headers: marks,
      });
      expect(taken).toMatchObject({ status: 201, body: { status: 'open' } });
      const { report_id, code } = taken.body;

      const mia = await deployed().issuer.mint({
        sub: 'mia',
        name: 'Mia Member',
        roles: ['committee_member'],
        kind: 'human',
      });
      const path = `/whistleblower/reports/${report_id}`;
      const read = await deployed().call(`GET ${path}`, { token: mia });
      expect(read.body.report).toEqual({ description: 'The copies go to the seventh cellar' });
      const answered = await deployed().call(`POST ${path}/answer`, {
        token: mia,
        body: { answer: 'We looked.' },
      });
      expect(answered.body).toMatchObject({ status: 'answered', overdue: false });
      const heard = await deployed().call('POST /whistleblower/answers', { body: { code } });
      expect(heard.body).toMatchObject({ status: 'answered', answer: 'We looked.' });

      const kept: string[] = [];
      for await (const { record } of allEntries(deployed().ledgerTable(), { type: 'whistleblower.*' }))
        kept.push(JSON.stringify(record));
      const all = kept.join('\n');
      expect(all).toContain(report_id);
      for (const mark of [...Object.values(marks), 'wanda', 'Whistler', 'seventh cellar', code])
        expect(all, mark).not.toContain(mark);
      expect(kept.find((text) => text.includes('whistleblower.received'))).toContain(
        `"trace":"${'0'.repeat(32)}"`,
      );
      // Lambda traces every invocation here; what ran for them is in none of the traces.
      const { spans } = deployed();
      await expect.poll(() => spans.names()).toContain('GET /whistleblower/reports/:id');
      for (const route of ['POST /whistleblower/reports', 'POST /whistleblower/answers'])
        expect(spans.names()).not.toContain(route);
      for (const mark of Object.values(marks)) expect(spans.text.includes(mark), mark).toBe(false);
    });
  });
}
