import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES, environmentOf } from '../../lib/environments.ts';
import { checkSaid } from '../../lib/said.ts';
import { addEnvironment, context, synthesise } from './synth.ts';

describe('synthesis', () => {
  it.each(ENVIRONMENT_NAMES)(
    '%s passes cdk-nag AwsSolutions and CloudFormation validation, both as errors',
    (name) => {
      expect(Object.keys(synthesise(name).gate.toJSON().Resources).length).toBeLessThan(500);
    },
  );

  it('fails on a wildcard that nobody gave a reason for', () => {
    const { app, stacks } = addEnvironment('dev');
    stacks.gate.functions
      .get('gate')
      ?.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }));
    expect(() => app.synth()).toThrow('dynamodb:*');
  });

  it('fails on a property that CloudFormation does not know', () => {
    const { app, stacks } = addEnvironment('dev');
    const table = stacks.ledger.ledger.node.defaultChild;
    if (!(table instanceof CfnTable)) throw new Error('the ledger table is not where it was');
    table.addPropertyOverride('DeleteProtection', true);
    expect(() => app.synth()).toThrow('DeleteProtection');
  });
});

describe('the environments file', () => {
  it('refuses a name that it does not have', () => {
    expect(() => environmentOf({ env: 'production' })).toThrow('dev, staging, prod');
  });

  it('refuses a key that it does not have, and names the nearest', () => {
    expect(() => checkSaid({ env: 'dev', isuer: 'x' })).toThrow('did you mean issuer?');
    expect(() => checkSaid({ audiance: 'x' })).toThrow('did you mean audience?');
    expect(() => checkSaid({ colour: 'x' })).toThrow('there are env, account');
    expect(() => checkSaid({ ...context, 'aws:cdk:bundling-stacks': ['**'], region: 'x' })).not.toThrow();
  });

  it('refuses an issuer that is no URL', () => {
    for (const issuer of ['login.example.org', 'ftp://login.example.org', ' '])
      expect(() => environmentOf({ issuer, audience: 'chancery' }), issuer).toThrow('issuer');
  });

  it('refuses half an issuer', () => {
    expect(() => environmentOf({ issuer: 'https://issuer.example.org' })).toThrow('go together');
  });

  it('has no issuer until one is given, so that nobody is let in by default', () => {
    expect(ENVIRONMENT_NAMES.map((env) => environmentOf({ env }).issuers)).toEqual([[], [], []]);
  });

  it('takes the place of the keys from the issuer unless told otherwise', () => {
    const given = { issuer: 'https://issuer.example.org/', audience: 'chancery' };
    expect(environmentOf(given).issuers[0]?.jwksUri).toBe('https://issuer.example.org/.well-known/jwks.json');
    expect(environmentOf({ ...given, jwks: 'https://keys.example.org/k' }).issuers[0]?.jwksUri).toBe(
      'https://keys.example.org/k',
    );
  });

  it('is an App without any other state: two syntheses give the same templates', () => {
    const once = addEnvironment('dev').app.synth().getStackByName('chancery-dev-gate').template;
    const twice = addEnvironment('dev').app.synth().getStackByName('chancery-dev-gate').template;
    expect(twice).toEqual(once);
  });
});
