/**
 * A person's data is revoked on the deployed stacks: out at every function, and nothing readable of them in any
 * table, bucket or log of the account. Step Functions' own history is the one exception (docs/retention.md).
 */
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

const WHO = {
  sub: 'zebedee',
  name: 'Zebedee Quartzfield',
  email: 'zq@quartzfield.example',
  roles: ['operator'],
  kind: 'human',
} as const;
const OBJECTIVE = 'Report what Quartzfield has recorded lately';
const PLAIN = [WHO.name, WHO.email, OBJECTIVE];

export function revocations(given: () => Deployment): void {
  describe('a revocation on the deployed stacks', () => {
    let chancery: Deployment;
    let person = '';
    let admin = '';

    beforeAll(async () => {
      chancery = given();
      person = await chancery.issuer.mint(WHO);
      admin = await chancery.issuer.mint({ sub: 'ada', name: 'Ada Admin', roles: ['admin'], kind: 'human' });
    });

    const execute = (token: string, name: string, workflow_name: string, parameters: object) =>
      chancery.call('POST /workflows/governed/execute', {
        token,
        body: {
          workflow_name,
          drag_mode: 'execute',
          aim: {
            actor: { name },
            input: { sources: [{ type: 'ledger', description: 'the last day' }] },
            mission: { objective: OBJECTIVE, success_criteria: ['a report is written'] },
          },
          parameters,
        },
      });

    it('stops access, exports, erases, and proves it, with the rights that the functions have', async () => {
      expect((await execute(person, WHO.name, 'compliance-report', {})).body).toMatchObject({
        success: true,
      });
      const asked = await chancery.call('POST /revocations', {
        token: admin,
        body: { subject: WHO.sub, reason: 'account_closure' },
      });
      expect([asked.status, asked.body]).toMatchObject([202, { status: 'requested' }]);
      const second = await chancery.issuer.mint({
        sub: 'sam',
        name: 'Sam Second',
        email: 'sam@example.org',
        roles: ['admin'],
        kind: 'human',
      });
      const { status, body } = await chancery.call(`POST /revocations/${asked.body.revocation_id}/confirm`, {
        token: second,
      });
      expect([status, body]).toMatchObject([
        200,
        { status: 'erased', export: { status: 'available', records: expect.any(Number) }, proof: {} },
      ]);
      expect(body.export.records).toBeGreaterThanOrEqual(2);
      for (const route of ['GET /ledger/entries', 'GET /workflows', 'GET /approvals']) {
        const refused = await chancery.call(route, { token: person });
        expect([route, refused.status, refused.body.code]).toEqual([route, 403, 'SANCTIONED']);
      }
      expect((await execute(person, WHO.name, 'compliance-report', {})).body.code).toBe('SANCTIONED');
      const exported = await chancery.call(`GET /revocations/${body.revocation_id}/export`, { token: admin });
      expect(exported.body).toContain(WHO.name);
    }, 60_000);

    it('leaves nothing readable in any table, bucket or log, warm functions included', async () => {
      // Warm caches of keys are dropped within 5 s.
      await new Promise((wake) => setTimeout(wake, 5_000));
      const audit = await chancery.call(`GET /ledger/entries?subject=${WHO.sub}`, { token: admin });
      expect(audit.body.entries.length).toBeGreaterThan(2);
      expect(PLAIN.filter((text) => JSON.stringify(audit.body).includes(text))).toEqual([]);

      const places = await everythingKept(chancery.ministack.endpoint);
      expect([...places.keys()].filter((place) => place.startsWith('table'))).not.toEqual([]);
      expect([...places.keys()].filter((place) => place.startsWith('bucket'))).not.toEqual([]);
      expect([...places.keys()].filter((place) => place.startsWith('log'))).not.toEqual([]);
      const holding = [...places].filter(([, bytes]) => PLAIN.some((text) => bytes.includes(text)));
      expect(holding.map(([place]) => place)).toEqual([]);
    }, 120_000);

    it('leaves a ledger that verifies', async () => {
      const { out } = await chancery.chancery(['ledger', 'verify', '--json']);
      const verification = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
      expect(['OK', 'PENDING']).toContain(verification.verdict);
      const told = new Set(verification.findings.map(({ verdict }: { verdict: string }) => verdict));
      told.delete('PENDING');
      expect([...told]).toEqual(['ERASED']);
    }, 60_000);
  });
}

/** Every item, every version of every object, and every log line of the account, by place. */
async function everythingKept(endpoint: string): Promise<Map<string, Buffer>> {
  const settings = {
    region: REGION,
    endpoint,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' },
  };
  const found = new Map<string, Buffer>();

  const client = new DynamoDBClient(settings);
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        for (const item of Items) {
          const bytes = Object.values(item).map(({ B, ...rest }) => B ?? Buffer.from(JSON.stringify(rest)));
          found.set(`table ${TableName} ${item.pk?.S} ${item.sk?.S}`, Buffer.concat(bytes));
        }
      }
    }
  }

  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  for (const { Name: Bucket } of (await s3.send(new ListBucketsCommand())).Buckets ?? []) {
    const { Versions = [], IsTruncated } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(IsTruncated).not.toBe(true);
    for (const { Key, VersionId } of Versions) {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      const bytes = await object.Body?.transformToByteArray();
      found.set(`bucket ${Bucket} ${Key} ${VersionId}`, Buffer.from(bytes ?? []));
    }
  }

  const logs = new CloudWatchLogsClient(settings);
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
    for (const { logGroupName } of logGroups) {
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
        for (const { eventId, message } of events)
          found.set(`log ${logGroupName} ${eventId}`, Buffer.from(message ?? ''));
      }
    }
  }
  return found;
}
