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
const rolesNamed = (condition: unknown) =>
  [...JSON.stringify(condition).matchAll(/chancery-prod-eu-central-1-([a-z-]+)/g)].map((match) => match[1]);

describe('keys that sign', () => {
  it.each([
    ['LaneAuthority', WRITERS],
    ['Checkpoint', ['seal']],
    ['Witness', ['seal']],
    ['Capability', ['gate']],
  ])('%s is Ed25519 and signs for the named roles only', (id, roles) => {
    expect(key(id).Properties).toMatchObject({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    const [signing, ...others] = allowing(id, 'kms:Sign');
    expect(others).toEqual([]);
    expect(signing?.Condition).toHaveProperty('ArnEquals');
    expect(rolesNamed(signing?.Condition)).toEqual(roles);
  });

  it('makes the pseudonym secret for those alone who need it', () => {
    expect(key('Pseudonym').Properties).toMatchObject({
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
    const [using, ...others] = allowing('Pseudonym', 'kms:GenerateMac');
    expect(others).toEqual([]);
    expect(rolesNamed(using?.Condition)).toEqual(PSEUDONYMISERS);
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

it('lets the account administer every key and use none', () => {
  for (const [id] of keys) {
    const open = statements(id).filter((each) => each.Condition === undefined);
    const actions = open.flatMap((each) => listed(each.Action));
    expect(
      actions.filter((action) =>
        /\*|Sign|Decrypt|Encrypt|GenerateData|GenerateMac|CreateGrant|ReEncrypt/.test(action),
      ),
      id,
    ).toEqual([]);
  }
});
