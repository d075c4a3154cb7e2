import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { type EnvironmentName, environmentOf, type Overrides, setAside } from '../../lib/environments.ts';
import { ENVIRONMENT, NAMESPACE } from '../../src/watch/metrics/cloudwatch.ts';
import { addEnvironment } from './synth.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface Found {
  readonly id: string;
  readonly type: string;
  readonly properties: { readonly [key: string]: Json };
}

const made = new Map<string, readonly Found[]>();

/** Every resource of an environment. */
function resourcesIn(name: EnvironmentName, given: Overrides = {}): readonly Found[] {
  const key = JSON.stringify([name, given]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const { app, stacks } = addEnvironment(name, given);
  app.synth();
  const found = Object.values(stacks).flatMap((stack) =>
    Object.entries<{ Type: string; Properties?: { readonly [key: string]: Json } }>(
      Template.fromStack(stack).toJSON().Resources,
    ).map(([id, { Type, Properties = {} }]) => ({ id, type: Type, properties: Properties })),
  );
  made.set(key, found);
  return found;
}

/** Properties that give a resource its name. Names within another resource (a stage, an alias) are not among them. */
const NAMING =
  /^(Role|Function|Table|Bucket|Queue|Topic|Dashboard|Alarm|LogGroup|StateMachine|Rule|EventBus|Application|DeploymentGroup|Secret|Alias|)Name$|^Alias$/;
const WITHIN = new Set([
  'AWS::Lambda::Alias',
  'AWS::ApiGateway::Authorizer',
  'AWS::APS::RuleGroupsNamespace',
]);

const namesOf = (resources: readonly Found[], only: (type: string) => boolean = () => true): string[] =>
  resources
    .filter(({ type }) => !WITHIN.has(type) && only(type))
    .flatMap(({ type, properties }) =>
      Object.entries(properties)
        .filter(([key, value]) => NAMING.test(key) && typeof value === 'string')
        .map(([key, value]) => `${type} ${key} ${JSON.stringify(value)}`),
    );

/** A region with a name as long as any, without Managed Grafana and Application Signals. */
const FAR: Overrides = { region: 'ap-southeast-6' };

const shared = (one: readonly string[], other: readonly string[]): string[] =>
  one.filter((name) => other.includes(name));

/** Every metric that something names, as [namespace, dimensions]. */
function metricsIn(value: Json): { readonly namespace: string; readonly dimensions: Json }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(metricsIn);
  const own =
    'Namespace' in value && 'MetricName' in value && typeof value.Namespace === 'string'
      ? [{ namespace: value.Namespace, dimensions: value.Dimensions ?? [] }]
      : [];
  return [...own, ...Object.values(value).flatMap(metricsIn)];
}

describe('environments of one account', () => {
  it('share no name in one region', () => {
    const dev = namesOf(resourcesIn('dev'));
    expect(dev.length).toBeGreaterThan(150);
    expect(shared(dev, namesOf(resourcesIn('prod')))).toEqual([]);
    expect(shared(namesOf(resourcesIn('staging')), namesOf(resourcesIn('prod')))).toEqual([]);
  });

  it('share no name that is one in an account, in two regions', () => {
    const global = (type: string) => /^AWS::(IAM|S3)::|::Dashboard$/.test(type);
    const here = namesOf(resourcesIn('prod'), global);
    expect(here.length).toBeGreaterThan(30);
    expect(shared(here, namesOf(resourcesIn('prod', { region: 'us-east-1' }), global))).toEqual([]);
  });

  it('name no role that IAM would refuse, in the region with the longest name', () => {
    const roles = resourcesIn('staging', FAR)
      .filter(({ type }) => type === 'AWS::IAM::Role')
      .flatMap(({ properties }) => (typeof properties.RoleName === 'string' ? [properties.RoleName] : []));
    expect(roles.length).toBeGreaterThan(15);
    expect(roles.filter((role) => role.length > 64 || !/^[\w+=,.@-]+$/.test(role))).toEqual([]);
    expect(new Set(roles).size).toBe(roles.length);
  });

  it('are built with the services that their region has', () => {
    const of = (given: Overrides) => new Set(resourcesIn('staging', given).map(({ type }) => type));
    const lacking = of({}).difference(of(FAR));
    expect([...lacking].sort()).toEqual([
      'AWS::ApplicationSignals::ServiceLevelObjective',
      'AWS::CloudFormation::CustomResource',
      'AWS::Grafana::Workspace',
    ]);
  });

  it.each(['staging', 'prod'] as const)('are watched each by its own metrics: %s', (name) => {
    const watched = resourcesIn(name).flatMap(({ type, properties }) =>
      /::(Alarm|ServiceLevelObjective)$/.test(type) ? metricsIn(properties) : [],
    );
    const ours = watched.filter(({ namespace }) => namespace === NAMESPACE);
    expect(ours.length).toBeGreaterThan(20);
    for (const { dimensions } of ours)
      expect(JSON.stringify(dimensions)).toContain(`{"Name":"${ENVIRONMENT}","Value":"${name}"}`);
  });

  it.each(['staging', 'prod'] as const)('are shown each by its own figures: %s', (name) => {
    const bodies = resourcesIn(name)
      .filter(({ type }) => type.endsWith('::Dashboard'))
      .map(({ properties }) => JSON.stringify(properties.DashboardBody));
    expect(bodies.length).toBeGreaterThan(6);
    for (const body of bodies) {
      for (const search of body.match(/SEARCH\([^)]*\)/g) ?? [])
        expect(search).toMatch(new RegExp(`Environment=.*${name}|chancery ${name}`));
      for (const [, after] of body.matchAll(/\["?\\*"Chancery\\*",\\*"\w+\\*",(.{0,40})/g))
        expect(after).toMatch(new RegExp(`^\\\\*"Environment\\\\*",\\\\*"${name}`));
    }
  });
});

describe('concurrency of their own', () => {
  it('have the door, the stop, the sealer and the projector where the account can grant it', () => {
    const large = resourcesIn('dev', { concurrency: '1000' });
    const reserved = large.flatMap(({ properties: { FunctionName, ReservedConcurrentExecutions } }) =>
      ReservedConcurrentExecutions === undefined ? [] : [FunctionName],
    );
    expect(reserved.sort()).toEqual(
      ['authorizer', 'govern', 'project', 'seal'].map((part) => `chancery-dev-${part}`),
    );
  });

  it('leaves AWS the hundred that it wants to keep for all', () => {
    const of = (concurrency: number) => setAside(environmentOf({ env: 'dev', concurrency }));
    const sum = Object.values(of(1_000)).reduce<number>((total, share = 0) => total + share, 0);
    expect(of(sum + 99)).toEqual({});
    expect(of(sum + 100)).not.toEqual({});
    expect(of(10)).toEqual({});
  });

  it('is not guessed from what is no number of executions', () => {
    for (const concurrency of ['many', '9', '-1', '10.5', ''])
      expect(() => environmentOf({ concurrency })).toThrow('-c concurrency');
  });
});
