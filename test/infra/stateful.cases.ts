import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from '../../lib/environments.ts';
import { resourcesOf, synthesise } from './synth.ts';

const STATEFUL = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::KMS::Alias'];
const LOSING: readonly ResourceImpact[] = [
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
];

/** What a change of `from` to `to` would lose, as `cdk diff` sees it. */
function lost(from: Record<string, unknown>, to: Record<string, unknown>): string[] {
  const found: string[] = [];
  fullDiff(from, to).resources.forEachDifference((id, change) => {
    const type = change.resourceType;
    if (type !== undefined && STATEFUL.includes(type) && LOSING.includes(change.changeImpact))
      found.push(`${id}: ${change.changeImpact}`);
  });
  return found;
}

describe.each(ENVIRONMENT_NAMES)('stateful things of %s', (name) => {
  const { ledger, gate } = synthesise(name);
  const baseline = resolve(import.meta.dirname, `baseline/${name}-ledger.json`);

  it('would not be replaced or removed by deploying over the committed baseline', () => {
    expect(lost(JSON.parse(readFileSync(baseline, 'utf8')), ledger.toJSON())).toEqual([]);
  });

  it('are kept when the stack goes or CloudFormation would rather replace them', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key']) {
      for (const [id, resource] of resourcesOf(ledger, type)) {
        expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
      }
    }
  });

  it('are tables under customer keys, protected, and recoverable but for the subject keys', () => {
    const tables = resourcesOf(ledger, 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(3);
    for (const [id, { Properties }] of tables) {
      expect(Properties, id).toMatchObject({
        DeletionProtectionEnabled: true,
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: expect.anything() },
        // Erasure destroys a subject's key: a point in time to recover would bring it back.
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !id.startsWith('SubjectKeys') },
      });
    }
  });

  it('stream both images of the ledger, for the sentinel', () => {
    ledger.hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: `chancery-${name}-ledger`,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('are buckets that are private, encrypted, versioned, and for checkpoints write-once', () => {
    const buckets = resourcesOf(ledger, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(4);
    for (const [id, { Properties }] of buckets) {
      expect(Properties, id).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      if (id.startsWith('AccessLogs')) continue;
      expect(Properties, id).toMatchObject({
        // Documents are personal: what erasure removes must be gone, not an old version.
        ...(id.startsWith('Documents') ? {} : { VersioningConfiguration: { Status: 'Enabled' } }),
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      });
    }
    ledger.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        Rule: { DefaultRetention: { Mode: name === 'prod' ? 'COMPLIANCE' : 'GOVERNANCE' } },
      },
    });
  });

  it('are all in the ledger stack: the gate stack can be thrown away', () => {
    expect(STATEFUL.flatMap((type) => resourcesOf(gate, type))).toEqual([]);
  });
});

describe('the check itself', () => {
  const now = synthesise('dev').ledger.toJSON();
  const changed = (id: string, property: string, value: unknown) => {
    const copy = structuredClone(now);
    const found = Object.keys(copy.Resources).find((each) => each.startsWith(id));
    if (found === undefined) throw new Error(`no ${id}`);
    copy.Resources[found].Properties[property] = value;
    return copy;
  };

  it.each([
    ['Ledger', 'TableName', 'another-name'],
    ['Ledger', 'KeySchema', [{ AttributeName: 'id', KeyType: 'HASH' }]],
    ['Checkpoints', 'BucketName', 'another-name'],
  ])('sees that a new %s %s would replace it', (id, property, value) => {
    expect(lost(now, changed(id, property, value))).not.toEqual([]);
  });

  it('sees a table that is no longer there', () => {
    const copy = structuredClone(now);
    const found = Object.keys(copy.Resources).find((each) => each.startsWith('State')) ?? '';
    delete copy.Resources[found];
    expect(lost(now, copy)).not.toEqual([]);
  });

  it('lets a harmless change through', () => {
    expect(lost(now, changed('Ledger', 'DeletionProtectionEnabled', true))).toEqual([]);
  });
});
