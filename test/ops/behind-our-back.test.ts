import { describe, expect, it } from 'vitest';
import { behindOurBack } from '../../src/watch/ops/behind-our-back.ts';

const OURS = 'exe_01J00000000000000000000000';

/** As AWS documents it (Step Functions developer guide, "Automating Step Functions event delivery with EventBridge"). */
const run = (name: string) => ({
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  detail: {
    name,
    status: 'RUNNING',
    stateMachineArn:
      'arn:aws:states:eu-central-1:111122223333:stateMachine:chancery-dev-data-export-standard',
  },
});
/** CloudTrail user guide, "CloudTrail record contents". */
const call = (over: object = {}) => ({
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.s3',
  detail: {
    eventID: '5c4f3f1e-1111-2222-3333-444455556666',
    eventName: 'PutBucketPolicy',
    eventSource: 's3.amazonaws.com',
    sourceIPAddress: '203.0.113.7',
    userIdentity: { arn: 'arn:aws:sts::111122223333:assumed-role/Admin/jake@example.org' },
    requestParameters: { bucketName: 'chancery-dev-log-111122223333-eu-central-1' },
    ...over,
  },
});
const found = (event: unknown, known: readonly string[] = []) =>
  behindOurBack(event, async (id) => known.includes(id));

describe('behind our back', () => {
  it('an execution that a record begins is ours', async () => {
    expect(await found(run(OURS), [OURS])).toBeUndefined();
  });

  it('one with an id that no record names is told, and one with a name of its own without the name', async () => {
    expect(await found(run(OURS))).toEqual({
      kind: 'execution_begun',
      state_machine: 'chancery-dev-data-export-standard',
      execution_id: OURS,
    });
    const named = await found(run('jake-smith-export'), ['jake-smith-export']);
    expect(named).toMatchObject({ kind: 'execution_begun' });
    expect(JSON.stringify(named)).not.toContain('jake');
  });

  it('a changed policy is told with its resource and event, and never with who did it', async () => {
    const told = await found(call());
    expect(told).toEqual({
      kind: 'ground_changed',
      call: 's3:PutBucketPolicy',
      resource: 'chancery-dev-log-111122223333-eu-central-1',
      event: '5c4f3f1e-1111-2222-3333-444455556666',
      by_deployment: false,
    });
  });

  it.each([
    [
      'PutResourcePolicy',
      'resourceArn',
      'arn:aws:dynamodb:eu-central-1:111122223333:table/chancery-dev-ledger',
    ],
    ['RestoreTableToPointInTime', 'sourceTableName', 'chancery-dev-ledger'],
    ['UpdateTimeToLive', 'tableName', 'arn:aws:dynamodb:eu-central-1:111122223333:table/chancery-dev-ledger'],
  ])('%s names the table as %s', async (eventName, member, resource) => {
    const event = call({
      eventName,
      eventSource: 'dynamodb.amazonaws.com',
      requestParameters: { [member]: resource },
    });
    expect(await found(event)).toMatchObject({ call: `dynamodb:${eventName}`, resource });
  });

  it('a deployment is told of as one, a refused call not at all', async () => {
    expect(await found(call({ sourceIPAddress: 'cloudformation.amazonaws.com' }))).toMatchObject({
      by_deployment: true,
    });
    expect(await found(call({ errorCode: 'AccessDenied' }))).toBeUndefined();
  });

  it('an event of another kind is a mistake of ours, and not passed over', async () => {
    await expect(found({ 'detail-type': 'EC2 Instance State-change Notification' })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
    });
  });
});
