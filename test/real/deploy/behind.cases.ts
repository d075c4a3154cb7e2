/** What others do to the runs and the ground of the deployed log: each is on record, with nobody of ours having done it. */
import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

export function behindOurBacks(deployed: () => Deployment): void {
  describe('somebody with rights in the account', () => {
    const alarms = async (kind: string) =>
      (
        await readEntries(deployed().ledgerTable(), { type: 'security.tamper_detected' }, { limit: 50 })
      ).entries.filter(({ record }) => record.data.kind === kind);
    const told = (kind: string) =>
      expect.poll(async () => (await alarms(kind)).length, { timeout: 30_000 }).toBeGreaterThan(0);
    const aws = (command: string) => deployed().operator.shell(`aws ${command}`);

    it('starts a workflow past the gate', async () => {
      const arn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:chancery-dev-compliance-report-standard`;
      const { code, out } = await aws(
        `stepfunctions start-execution --state-machine-arn ${arn} --name by-hand --input '{}'`,
      );
      expect(code, out).toBe(0);
      await told('execution_begun');
    });

    it('changes the policy of the log bucket', async () => {
      const event = {
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventID: 'e-1',
          eventName: 'PutBucketPolicy',
          eventSource: 's3.amazonaws.com',
          requestParameters: { bucketName: `chancery-dev-log-${ACCOUNT}-${REGION}` },
        },
      };
      // The stand-in has no trail that tells EventBridge: what the rule would hand on is handed on by hand.
      const { code, out } = await aws(
        `lambda invoke --function-name chancery-dev-tripwire:live --payload '${JSON.stringify(event)}' /dev/null`,
      );
      expect(code, out).toBe(0);
      await told('ground_changed');
    });

    it('puts an item into the working state that no record explains', async () => {
      const item = {
        pk: { S: 'HOLDS' },
        sk: { S: 'hold_by_hand' },
        version: { N: '1' },
        record: { S: '1.0' },
      };
      await aws(`dynamodb put-item --table-name chancery-dev-state --item '${JSON.stringify(item)}'`);
      await aws(`lambda invoke --function-name chancery-dev-sweep:live /dev/null`);
      await told('state_inserted');
    });
  });
}
