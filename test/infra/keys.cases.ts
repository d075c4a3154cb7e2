import { describe, expect, it } from 'vitest';
import { PSEUDONYMISERS, WRITERS } from '../../lib/functions.ts';
import { listed, type Resource, resourcesOf, statementsOf, synthesise } from './synth.ts';

const { ledger } = synthesise('prod');
const keys = resourcesOf(ledger, 'AWS::KMS::Key');

const key = (id: string): Resource => {
  const found = keys.find(([logical]) => logical.startsWith(id));
  if (found === undefined) throw new Error(`no key ${id}`);
  return found[1];
};
const statements = (id: string) => statementsOf(key(id).Properties.KeyPolicy);
const allowing = (id: string, action: string) =>
  statements(id).filter((each) => listed(each.Action).some((one) => one === action || one === 'kms:*'));
const roles = new Map(
  resourcesOf(ledger, 'AWS::IAM::Role').map(([id, { Properties }]) => [
    id,
    String(Properties.RoleName).replace('chancery-prod-eu-central-1-', ''),
  ]),
);
/** By reference to the role itself, which KMS keeps as the role's id: a name could be taken by another. */
const rolesOf = (principal: unknown) =>
  [...JSON.stringify(principal).matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].map((match) =>
    roles.get(match[1] ?? ''),
  );

describe('keys that sign', () => {
  it.each([
    ['LaneAuthority', WRITERS],
    ['Checkpoint', ['sign']],
    ['Witness', ['witness']],
    ['Capability', ['gate']],
  ])('%s is Ed25519 and signs for those roles only, known by their ids', (id, holders) => {
    expect(key(id).Properties).toMatchObject({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    const [signing, ...others] = allowing(id, 'kms:Sign');
    expect(others).toEqual([]);
    expect(rolesOf(signing?.Principal).sort()).toEqual([...holders].sort());
    expect(JSON.stringify(signing?.Principal)).not.toContain(':root');
  });

  it('makes the pseudonym secret for those alone who need it', () => {
    expect(key('Pseudonym').Properties).toMatchObject({
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
    const [using, ...others] = allowing('Pseudonym', 'kms:GenerateMac');
    expect(others).toEqual([]);
    expect(rolesOf(using?.Principal).sort()).toEqual([...PSEUDONYMISERS].sort());
  });
});

describe('keys for data at rest', () => {
  it.each(['DataKey', 'SubjectKeysKey'])(
    '%s rotates and is used through storage of this account only',
    (id) => {
      expect(key(id).Properties).toMatchObject({ EnableKeyRotation: true });
      for (const action of ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:CreateGrant']) {
        const granted = allowing(id, action);
        expect(granted).toHaveLength(1);
        expect(granted[0]?.Condition).toMatchObject({
          StringEquals: { 'kms:CallerAccount': '111122223333', 'kms:ViaService': expect.anything() },
        });
      }
    },
  );
});

it('no two of those who sign for the log are one function', () => {
  const signing = ['LaneAuthority', 'Checkpoint', 'Witness'].map((id) =>
    rolesOf(allowing(id, 'kms:Sign')[0]?.Principal),
  );
  expect(new Set(signing.flat()).size).toBe(signing.flat().length);
});

it('lets a deployment alone change who may use a key', () => {
  for (const [id] of keys) {
    const able = allowing(id, 'kms:PutKeyPolicy');
    expect(able, id).toHaveLength(1);
    expect(JSON.stringify(able[0]?.Principal), id).toContain(
      ':role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1',
    );
  }
});

it('lets the account administer every key and use none', () => {
  for (const [id] of keys) {
    const open = statements(id).filter(({ Principal }) => JSON.stringify(Principal).includes(':root'));
    expect(open, id).not.toEqual([]);
    const actions = open.flatMap((each) => listed(each.Action));
    expect(
      actions.filter((action) =>
        /\*|Sign|Decrypt|Encrypt|GenerateData|GenerateMac|CreateGrant|ReEncrypt|PutKeyPolicy/.test(action),
      ),
      id,
    ).toEqual([]);
  }
});
