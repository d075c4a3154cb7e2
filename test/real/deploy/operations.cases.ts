/** What docs/operations.md says, done on the deployed stacks and looked at from outside. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/ledger/entry.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Deployment } from '../deployment.ts';
import { Operator } from './operator.ts';

const laneOf = ({ lane }: Entry): string => `LANE#${String(lane).padStart(8, '0')}`;
const placeOf = ({ seq }: Entry): string => String(seq).padStart(10, '0');

export function operations(given: () => Deployment): void {
  let chancery: Deployment;
  beforeAll(() => {
    chancery = given();
  });

  describe('looking after it', () => {
    it('verifies, and asks whether anything was changed by hand', async () => {
      const printed = await chancery.operator.follow('Look after it');
      expect(printed).toMatch(/^(?:OK|PENDING): \d+ records/m);
      expect(printed).toContain('StackDriftDetectionId');
    }, 60_000);
  });

  describe('restoring', () => {
    it('puts back a record that somebody removed, and everything verifies again', async () => {
      const table = chancery.ledgerTable();
      // Old enough to be in the tree, which the section before this one verified.
      const page = await readEntries(table, { type: 'decision.made' }, { order: 'oldest', limit: 1 });
      const lost = page.entries[0];
      if (lost === undefined) throw new Error('there is nothing to lose');
      const before = await table.get(laneOf(lost), placeOf(lost));
      await table.remove(laneOf(lost), placeOf(lost));
      expect((await chancery.chancery(['ledger', 'verify'])).out).toContain(`MISSING ${lost.id}`);
      const token = await chancery.issuer.mint({ sub: 'aude', name: 'Aude Auditor', roles: ['auditor'] });
      const asked = await chancery.call('POST /ledger/verify', { token, body: {} });
      const { lane, seq } = lost;
      expect(asked.body.findings).toContainEqual(expect.objectContaining({ verdict: 'MISSING', lane, seq }));
      expect(asked.body.tree_size).toBeGreaterThan(seq);
      const printed = await chancery.operator.follow('Restore');
      expect(printed).toMatch(/^1 of \d+ sealed records were missing and are back$/m);
      expect(printed).toMatch(/^(?:OK|PENDING): /m);
      const after = await table.get(laneOf(lost), placeOf(lost));
      expect([after?.b, after?.s]).toEqual([before?.b, before?.s]);
      // The table that was restored beside it holds the directory of lanes.
      expect(Number(/"Count": (\d+)/.exec(printed)?.[1])).toBeGreaterThan(5);
    }, 240_000);
  });

  describe('rolling back', () => {
    it('deploys the earlier version, then moves one alias to the version before', async () => {
      const printed = await chancery.deploy('Roll back', '0.1.0');
      const { body } = await chancery.call('GET /openapi.json');
      expect(body.info.version).toBe('0.1.0');
      const alias = JSON.parse(/\{[^{}]*"AliasArn"[^{}]*\}/.exec(printed)?.[0] ?? '{}');
      expect(alias.AliasArn).toContain(':function:chancery-dev-gate:live');
      // The gate opens its lane as the version that the alias now names.
      const token = await chancery.issuer.mint({ sub: 'ralf', name: 'Ralf Roll', roles: ['operator'] });
      expect((await chancery.call('POST /governance/validate', { token, body: {} })).status).toBe(400);
      const { entries } = await readEntries(
        chancery.ledgerTable(),
        { type: 'ledger.lane_opened' },
        { limit: 20 },
      );
      expect(JSON.stringify(entries.map(({ record }) => record.data))).toContain('chancery@0.1.1-test');
    }, 240_000);
  });
}

/** Last of all: the stacks go, what they held stays until it is removed. */
export function tearDown(given: () => Deployment): void {
  describe('tearing down', () => {
    it('destroys the stacks, and the data by the commands for that alone', async () => {
      const { operator } = given();
      await operator.follow('Tear down');
      const stacks = await operator.shell(
        `aws cloudformation list-stacks --query "StackSummaries[?StackStatus!='DELETE_COMPLETE'].StackName"`,
      );
      expect(stacks.out).not.toContain('chancery-dev');
      expect((await operator.shell('aws dynamodb list-tables --output text')).out).not.toMatch(
        /chancery-dev-(?:ledger|state|subject-keys)$/m,
      );
      expect((await operator.shell('aws s3 ls')).out).toContain('chancery-dev-checkpoints-');
    }, 240_000);

    it('left no command of the page out', () => {
      expect([...given().operator.followed].sort()).toEqual([...Operator.sections()].sort());
    });
  });
}
