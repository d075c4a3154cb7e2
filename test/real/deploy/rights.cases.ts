/**
 * Every call that a deployed function made of AWS while it was driven, held against what docs/rights.md grants it:
 * nothing is missing, and nothing is granted that is not used. The stand-in enforces IAM but for the partitions of a
 * table (`dynamodb:LeadingKeys`): those are enforced here.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../deployment.ts';
import { accessKeysOf, type Call } from './calls.ts';

/** Versions that a function may have had by the end of the tests. */
const MOST_VERSIONS = 9;

interface Row {
  readonly function: string;
  readonly action: string;
  /** As the page calls it. */
  readonly resource: string;
  readonly partitions: readonly string[];
}

/** The table of the page, one row an action. */
function granted(): Row[] {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/rights.md'), 'utf8');
  return page.split('\n## ').flatMap((section) => {
    const [name = ''] = section.split('\n');
    return section.split('\n').flatMap((line) => {
      const [, place = '', actions = ''] = line.split('|').map((cell) => cell.trim());
      const [resource = '', list = ''] = place
        .replaceAll('\\*', '*')
        .replace(/ \(.*\)$/, '')
        .split(': ');
      return [...actions.matchAll(/`([^`]+)`/g)].map(([, action = '']) => ({
        function: name,
        action,
        resource,
        partitions: list === '' ? [] : list.split(', '),
      }));
    });
  });
}

/** A call on the wire, with the function that made it and what it was made to, in the words of the table of rights. */
type Asked = Call & { readonly function: string; readonly place: string };

const reaches = (granted: string, place: string): boolean =>
  granted === place || (granted.endsWith('*') && place.startsWith(granted.slice(0, -1)));

const covers = (row: Row, partition: string | undefined): boolean =>
  partition === undefined ||
  row.partitions.length === 0 ||
  row.partitions.some((each) => partition === each || (each.includes('#') && each.startsWith(partition)));

/** Done by AWS in the function's name, or by the runtime around it, and so not on the wire. */
const NOT_OURS = /^(?:logs|xray|sqs):|^dynamodb:(?:\w*Streams?|GetRecords|GetShardIterator)$/;

/** Granted and not driven here, each with what would drive it. */
const NOT_DRIVEN: readonly { readonly function: RegExp; readonly what: RegExp; readonly why: string }[] = [
  {
    function: /./,
    what: /GetItem .*(?:LABELS|NUMBERS)|PutItem State table: LABELS/,
    why: 'a first value, or a race for it',
  },
  { function: /./, what: /GetItem Ledger table/, why: 'one record by its place, where it is asked for' },
  {
    function: /./,
    what: /Checkpoint key|Witness key|LaneAuthority key/,
    why: 'keys for proofs, where they are asked for',
  },
  { function: /./, what: /Documents bucket|s3:documents/, why: 'documents that are not there, or large' },
  { function: /mcp|gate|govern|sweep/, what: /MISSIONS|APPROVALS|EXECUTION/, why: 'tools behind the office' },
  { function: /gate|govern|sweep/, what: /stateMachine/, why: 'each workflow is run once, by one of them' },
  { function: /gate/, what: /Capability key/, why: 'a capability is asked for' },
  { function: /push|provision-grafana/, what: /./, why: 'the stand-in has neither Prometheus nor Grafana' },
  {
    function: /heal|sweep|govern/,
    what: /CASE#|CHARTER|ALERTS|Pseudonym|SubjectKeys/,
    why: 'a case, a draft',
  },
  { function: /./, what: /SubjectKeys|Pseudonym/, why: 'the first record of a person' },
  {
    function: /./,
    what: /:(?:DeleteItem|UpdateItem|PutItem|Query|GetItem) State table/,
    why: 'one part of several',
  },
  { function: /seal|audit|observe/, what: /s3:|bucket/, why: 'restoring, reading back' },
];

const allows = (row: Row, call: Asked): boolean =>
  row.function === call.function &&
  row.action === call.action &&
  (reaches(row.resource, call.place) || GENERIC.test(row.resource)) &&
  covers(row, call.place === 'State table' ? call.partition : undefined);

export function rights(deployed: () => Deployment): void {
  describe('what the functions asked of AWS', () => {
    const seen = async (): Promise<Asked[]> => {
      const { operator, wire } = deployed();
      const shown = async (command: string) => JSON.parse((await operator.shell(command)).out);
      const functions: [string, string, string][] = await shown(
        `aws lambda list-functions --output json --query 'Functions[].[FunctionName,FunctionArn,Role]'`,
      );
      const outputs: [string, string][] = await shown(
        `aws cloudformation describe-stacks --stack-name chancery-dev-ledger --output json --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]'`,
      );
      const keys = new Map(
        outputs.flatMap(([name, value]) =>
          name.endsWith('Key') ? [[value, `${name.slice(0, -3)} key`] as const] : [],
        ),
      );
      const named = new Map(
        functions
          .filter(([name]) => name.startsWith('chancery-dev-'))
          .flatMap(([name, arn, role]) =>
            accessKeysOf(arn, role, MOST_VERSIONS).map((key) => [key, name.replace(/^chancery-dev-/, '')]),
          ),
      );
      return [...wire.calls.values()].flatMap((call) => {
        const caller = named.get(call.accessKey);
        return caller === undefined
          ? []
          : [{ ...call, function: caller, place: keys.get(call.resource) ?? placeOf(call.resource) }];
      });
    };

    it('is nothing but what they are granted', async () => {
      const rows = granted();
      const asked = await seen();
      expect(new Set(asked.map((call) => call.function)).size).toBeGreaterThan(14);
      const missing = asked.filter((call) => !rows.some((row) => allows(row, call)));
      expect(
        missing.map((call) => `${call.function}: ${call.action} ${call.place} ${call.partition ?? ''}`),
      ).toEqual([]);
    });

    it('is all that they are granted, but for what is not driven here', async () => {
      const asked = await seen();
      const unused = granted()
        .filter(({ action }) => !NOT_OURS.test(action))
        .filter((row) => !asked.some((call) => allows(row, call)))
        .map((row) => ({
          caller: row.function,
          what: `${row.action} ${row.resource}${row.partitions.length ? `: ${row.partitions.join(', ')}` : ''}`,
        }))
        .filter(
          ({ caller, what }) =>
            !NOT_DRIVEN.some((each) => each.function.test(caller) && each.what.test(what)),
        );
      expect(unused.map(({ caller, what }) => `${caller}: ${what}`)).toEqual([]);
    });
  });
}

/** Named on the page by the resource of the template that it is, which the wire does not know. */
const GENERIC = /^(?:\w*Secrets?|Topic\w+|Events|states:execution:\*|execute-api:.*)$/;

function placeOf(resource: string): string {
  const bucket = /^chancery-dev-(documents|log|checkpoints)-\d{12}-[a-z0-9-]+?(\/.*)?$/.exec(resource);
  if (bucket !== null) {
    const [, part = '', objects] = bucket;
    return objects === undefined
      ? `${part[0]?.toUpperCase()}${part.slice(1)} bucket`
      : `s3:${part}${objects}`;
  }
  const table = { ledger: 'Ledger', state: 'State', 'subject-keys': 'SubjectKeys' }[
    resource.replace(/^chancery-dev-/, '')
  ];
  if (table !== undefined) return `${table} table`;
  return resource
    .replace(/^arn:aws:(states|lambda):[a-z0-9-]+:\d{12}:/, '$1:')
    .replaceAll('chancery-dev-', '');
}
