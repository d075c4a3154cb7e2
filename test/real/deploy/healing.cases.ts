/** A violation, what is done about it and how it is undone, on the deployed stacks: stream → project → heal. */
import { describe, expect, it, vi } from 'vitest';
import type { Deployment } from '../deployment.ts';

/** Stream, projector, the loop's cold start, and the read after it. */
const SECONDS = 60;

interface Notified {
  readonly record: {
    readonly data: {
      readonly about: string;
      readonly kind: string;
      readonly channels: { readonly sns?: string };
    };
  };
}

export function healing(deployed: () => Deployment): void {
  describe('a source that asks three times for a forbidden metric', () => {
    it('is quarantined by the loop, refused by the gate, and free when a person takes it back', async () => {
      const { issuer } = deployed();
      const node = await issuer.mint({
        sub: 'node-9',
        name: 'Node Nine',
        roles: ['operator'],
        kind: 'service',
      });
      const ann = await issuer.mint({ sub: 'ann', name: 'Ann Admin', roles: ['admin'], kind: 'human' });
      const attempt = () =>
        deployed().call('POST /charter/metrics/validate', {
          token: node,
          body: {
            metric_name: 'user_location',
            value: 1,
            timestamp: new Date().toISOString(),
            source: 'node-9',
          },
        });
      const answers = [await attempt(), await attempt(), await attempt()];
      expect(answers.map(({ body }) => body.enforcement_action)).toEqual(['BLOCK', 'BLOCK', 'BLOCK']);
      expect(answers[2]?.body.violation.severity).toBe('SUSPENSION');

      const began = performance.now();
      const quarantined = async () => {
        const { body } = await deployed().call('GET /healing?status=executed', { token: ann });
        // What was driven before left plans of its own.
        return body.healing?.find(({ nodes }: { nodes: readonly string[] }) => nodes.includes('node-9'));
      };
      let done = await quarantined();
      while (done === undefined && performance.now() - began < SECONDS * 1_000) {
        await new Promise((wake) => setTimeout(wake, 250));
        done = await quarantined();
      }
      expect(done).toMatchObject({ action: 'quarantine_network', severity: 'SUSPENSION' });
      // The notifier is woken by the stream, and SNS has taken what it publishes.
      const aude = await issuer.mint({
        sub: 'aude',
        name: 'Aude Auditor',
        roles: ['auditor'],
        kind: 'human',
      });
      const about = answers[0]?.body.violation.violation_id;
      const told = async () => {
        const { body } = await deployed().call('GET /ledger/entries?type=committee.notified&limit=200', {
          token: aude,
        });
        return (body.entries as Notified[]).flatMap(({ record: { data } }) =>
          data.about === about ? `${data.kind} by sns: ${data.channels.sns}` : [],
        );
      };
      const both = ['violation_observed by sns: delivered', 'violation_raised by sns: delivered'];
      await vi.waitFor(async () => expect(await told()).toEqual(expect.arrayContaining(both)), {
        timeout: SECONDS * 1_000,
        interval: 500,
      });
      console.log(`violation → executed action on the stand-in: ${Math.round(performance.now() - began)} ms`);

      const run = () => deployed().call('POST /decisions', { token: node, body: ask });
      const ask = { action: 'run', resource: { type: 'workflow', id: 'compliance-report' } };
      const codes = ({ body }: { body: { reasons?: readonly { code: string }[] } }) =>
        (body.reasons ?? []).map(({ code }) => code);
      expect(codes(await run())).toContain('sanction_quarantine');
      const undone = await deployed().call(`POST /healing/${done.healing_id}/undo`, {
        token: ann,
        body: { reason: 'it was a drill of ours' },
      });
      expect(undone.body).toMatchObject({ status: 'undone' });
      expect(codes(await run())).not.toContain('sanction_quarantine');

      const step = async (what: string, token: string) =>
        deployed().call(`POST /violations/${answers[0]?.body.violation.violation_id}/${what}`, {
          token,
          body: { reason: `the ${what} of a drill` },
        });
      const member = async (sub: string) =>
        issuer.mint({ sub, name: `${sub} Member`, roles: ['committee_member'], kind: 'human' });
      expect((await step('confirm', await member('mia'))).body).toMatchObject({ status: 'confirmed' });
      expect(codes(await run())).toContain('sanction_suspension');
      expect((await step('appeal', node)).body).toMatchObject({ status: 'appealed' });
      expect((await step('restore', await member('noa'))).body).toMatchObject({ status: 'restored' });
      expect(codes(await run())).not.toContain('sanction_suspension');
    }, 120_000);
  });
}
