import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_FUNCTIONS as OF_GATE, PSEUDONYMISERS, WATCH_FUNCTIONS, WRITERS } from '../../lib/functions.ts';
import { type Right, renderRights, rightsOf } from './rights-table.ts';
import { synthesise } from './synth.ts';

const ALL_FUNCTIONS = [...OF_GATE, ...WATCH_FUNCTIONS];

/** Every open-ended resource that a function may hold, and why. Anything else with a star fails. */
const OPEN_ENDED: readonly { resource: RegExp; actions: RegExp; why: string }[] = [
  {
    resource: /^\*$/,
    actions: /^(?:xray:Put(?:TraceSegments|TelemetryRecords)|dynamodb:ListStreams)$/,
    why: 'AWS grants these on everything or not at all',
  },
  {
    resource: /^\*$/,
    actions: /^cloudwatch:GetMetricData$/,
    why: 'reading CloudWatch is granted on everything or not at all',
  },
  {
    resource: /^s3:(?:documents|log|checkpoints)\/(?:staging\/|tile\/\*\.p\/)?\*$/,
    actions: /^s3:(?:Get|Put|Delete)Object(?:Version|Retention)?$/,
    why: 'objects of this one bucket: names are made at run time',
  },
  {
    resource: /^logs:log-group:\/aws\/lambda-insights:\*$/,
    actions: /^logs:(?:CreateLogGroup|CreateLogStream|PutLogEvents)$/,
    why: 'streams of this one group, which Lambda Insights names',
  },
  {
    resource: /^execute-api:\w+\/live\/\*\/@connections\/\*$/,
    actions: /^execute-api:ManageConnections$/,
    why: 'connections of this one API: their names are made at run time',
  },
  {
    resource: /^states:execution:\*$/,
    actions: /^states:DescribeExecution$/,
    why: 'executions of this environment: names are made from decision ids',
  },
];

const reasonFor = (right: Right) =>
  OPEN_ENDED.find(({ resource, actions }) => resource.test(right.resource) && actions.test(right.action))
    ?.why;

describe('what each function may do', () => {
  const { gate, watch } = synthesise('dev');
  const rights = new Map([...rightsOf(gate), ...rightsOf(watch)]);
  const of = (name: string) => rights.get(name) ?? [];
  const actionsOn = (name: string, resource: RegExp) =>
    of(name)
      .filter((right) => resource.test(right.resource))
      .map(({ action }) => action);

  /** Partitions of the working state that a function may write. */
  const writesOf = (name: string) =>
    of(name).flatMap(({ action, partitions = [] }) =>
      /:(?:PutItem|UpdateItem|DeleteItem)$/.test(action) ? partitions : [],
    );

  it('is exactly what the committed table says', async () => {
    const page = resolve(import.meta.dirname, '../../docs/rights.md');
    await expect(renderRights(rights, reasonFor)).toMatchFileSnapshot(page);
  });

  it('is known for every function', () => {
    expect([...rights.keys()]).toEqual(ALL_FUNCTIONS.map(({ name }) => name));
  });

  it('holds no wildcard without a reason', () => {
    const open = [...rights].flatMap(([name, found]) =>
      found
        .filter((right) => `${right.action}${right.resource}`.includes('*') && reasonFor(right) === undefined)
        .map(({ action, resource }) => `${name}: ${action} on ${resource}`),
    );
    expect(open).toEqual([]);
  });

  it('lets nobody change or remove a ledger record', () => {
    for (const { name } of ALL_FUNCTIONS) {
      const ledger = actionsOn(name, /^Ledger table/);
      expect(
        ledger.filter((action) => !/^dynamodb:(?:GetItem|Query|PutItem)$/.test(action)),
        name,
      ).toEqual([]);
    }
  });

  it('lets only writers write the ledger and certify lanes', () => {
    const able = (pattern: RegExp, action: string) =>
      ALL_FUNCTIONS.map(({ name }) => name).filter((name) => actionsOn(name, pattern).includes(action));
    expect(able(/^Ledger table/, 'dynamodb:PutItem')).toEqual(WRITERS);
    expect(able(/^LaneAuthority/, 'kms:Sign')).toEqual(WRITERS);
  });

  it('lets three functions seal, sign and witness, none of which can do the work of another', () => {
    const able = (pattern: RegExp, action: string) =>
      ALL_FUNCTIONS.map(({ name }) => name).filter((name) => actionsOn(name, pattern).includes(action));
    expect(able(/^s3:(?:log|checkpoints)/, 's3:PutObject')).toEqual(['seal']);
    expect(able(/^Checkpoint key/, 'kms:Sign')).toEqual(['sign']);
    expect(able(/^Witness key/, 'kms:Sign')).toEqual(['witness']);
    const writing = (partition: string) =>
      ALL_FUNCTIONS.map(({ name }) => name).filter((name) => writesOf(name).includes(partition));
    expect(writing('SIGNED')).toEqual(['sign']);
    expect(writing('WITNESS')).toEqual(['witness']);
    expect(writing('SEALER')).toEqual(['seal']);
    // How far the witness is, the sealer reads where the witness keeps it: nobody else may, nor does it read a word more.
    const reading = of('seal').filter(({ partitions = [] }) => partitions.includes('WITNESS'));
    expect(reading.map(({ action, partitions }) => [action, partitions])).toEqual([
      ['dynamodb:GetItem', ['WITNESS']],
    ]);
    expect(actionsOn('seal', /^s3:checkpoints/)).not.toContain('s3:DeleteObject');
    expect(actionsOn('seal', /^s3:checkpoints/)).not.toContain('s3:BypassGovernanceRetention');
  });

  it('lets only the gate and what releases approvals start workflows', () => {
    const starting = ALL_FUNCTIONS.map(({ name }) => name).filter((name) =>
      of(name).some(({ action }) => /^states:Start/.test(action)),
    );
    expect(starting).toEqual(['gate', 'govern', 'sweep']);
  });

  it('lets nobody write the whole of the working state', () => {
    const whole = ALL_FUNCTIONS.flatMap(({ name }) =>
      of(name).filter(
        ({ resource, action, partitions }) =>
          /^State table/.test(resource) && !partitions && !/:(?:GetItem|Query)$/.test(action),
      ),
    );
    expect(whole).toEqual([]);
  });

  it('lets those alone who govern write what gives power', () => {
    for (const partition of ['CHARTER', 'SYSTEM', 'REVOCATIONS', 'HOLDS', 'OVERRIDES']) {
      const able = ALL_FUNCTIONS.map(({ name }) => name).filter((name) => writesOf(name).includes(partition));
      expect(able, partition).toEqual(['govern', 'sweep']);
    }
    // The function of the agents' door keeps what it sees of a tool for the first time, unreviewed; a review that no record explains denies.
    const reviewing = ALL_FUNCTIONS.filter(({ name }) => writesOf(name).includes('TOOL_REVIEWS'));
    expect(reviewing.map(({ name }) => name)).toEqual(['mcp', 'govern', 'sweep']);
    const sanctioning = ALL_FUNCTIONS.filter(({ name }) => writesOf(name).includes('SANCTIONS'));
    expect(sanctioning.map(({ name }) => name)).toEqual(['govern', 'heal', 'sweep']);
  });

  it('lets those alone reach the keys of people who record people, or open what was recorded', () => {
    const able = ALL_FUNCTIONS.map(({ name }) => name).filter(
      (name) => actionsOn(name, /^SubjectKeys table/).length > 0,
    );
    expect(able.sort()).toEqual([...PSEUDONYMISERS].sort());
    for (const outside of ['authorizer', 'seal', 'notify', 'project', 'siem', 'push'])
      expect(able).not.toContain(outside);
  });

  it('answers that a document is not there, and not that asking is forbidden', () => {
    for (const { name } of ALL_FUNCTIONS) {
      if (actionsOn(name, /^s3:documents/).length > 0)
        expect(actionsOn(name, /^Documents bucket/), name).toContain('s3:ListBucket');
    }
  });

  it('lets the function that hears the stream wake the loop and the notifier, and nobody else', () => {
    const waking = ALL_FUNCTIONS.map(({ name }) => name).filter((name) =>
      of(name).some(
        ({ action, resource }) => action === 'lambda:InvokeFunction' && /heal|notify/.test(resource),
      ),
    );
    expect(waking).toEqual(['project']);
  });

  it('gives the task that calls out no right to anything of ours', () => {
    expect(
      of('task-http-call')
        .filter(({ resource }) => resource !== '*' && !/lambda-insights/.test(resource))
        .map(({ action }) => action),
    ).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });
});
