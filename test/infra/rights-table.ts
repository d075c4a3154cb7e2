/**
 * What every function may do, read from the synthesised policies and written as a table for people: the form
 * in which docs/rights.md is committed, so that a change of rights is seen in review.
 */
import type { Template } from 'aws-cdk-lib/assertions';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../../lib/functions.ts';
import { listed, REGION, resourcesOf, statementsOf } from './synth.ts';

const ROLE_PREFIX = `chancery-dev-${REGION}-`;

const FUNCTIONS = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS];

export interface Right {
  readonly action: string;
  readonly resource: string;
  /** Of the state table: the partitions, where it is not all of them. */
  readonly partitions?: readonly string[];
}

/** Function → its rights, sorted. Only what hangs on the function's own role. */
export function rightsOf(gate: Template): ReadonlyMap<string, readonly Right[]> {
  const roleOf = new Map(
    resourcesOf(gate, 'AWS::IAM::Role').map(([id, role]) => [id, String(role.Properties.RoleName ?? id)]),
  );
  const rights = new Map<string, Right[]>();
  for (const [, policy] of resourcesOf(gate, 'AWS::IAM::Policy')) {
    for (const role of listed<unknown>(policy.Properties.Roles as unknown[])) {
      const name = (roleOf.get(referenced(role)) ?? referenced(role)).replace(ROLE_PREFIX, '');
      if (!FUNCTIONS.some((each) => each.name === name)) continue;
      const found = rights.get(name) ?? [];
      for (const { Action, Resource, Condition } of statementsOf(policy.Properties.PolicyDocument)) {
        const partitions = leadingKeys(Condition);
        for (const action of listed(Action)) {
          for (const resource of listed<unknown>(Resource as unknown[]))
            found.push({ action, resource: readable(resource), ...(partitions ? { partitions } : {}) });
        }
      }
      rights.set(name, found);
    }
  }
  return new Map(
    [...rights]
      .sort(([a], [b]) => order(a) - order(b))
      .map(([name, found]) => [name, unique(found).sort(byText)]),
  );
}

function leadingKeys(condition: unknown): readonly string[] | undefined {
  const text = /"dynamodb:LeadingKeys":(\[[^\]]*\]|"[^"]*")/.exec(JSON.stringify(condition ?? {}))?.[1];
  return text === undefined ? undefined : listed<string>(JSON.parse(text));
}

const order = (name: string) => FUNCTIONS.findIndex((each) => each.name === name);
const byText = (a: Right, b: Right) => (`${a.resource} ${a.action}` < `${b.resource} ${b.action}` ? -1 : 1);
const unique = (rights: readonly Right[]) => [
  ...new Map(rights.map((right) => [JSON.stringify(right), right])).values(),
];

function referenced(value: unknown): string {
  return typeof value === 'object' && value !== null && 'Ref' in value ? String(value.Ref) : String(value);
}

/** An ARN in words: cross-stack imports and GetAtts by the thing they name. */
export function readable(resource: unknown): string {
  if (typeof resource === 'string') return short(resource);
  if (typeof resource !== 'object' || resource === null) return String(resource);
  if ('Fn::ImportValue' in resource) return imported(String(resource['Fn::ImportValue']));
  if ('Fn::GetAtt' in resource)
    return `${String(listed(resource['Fn::GetAtt'])[0]).replace(/[0-9A-F]{8}$/, '')}`;
  if ('Ref' in resource) return String(resource.Ref);
  if ('Fn::Join' in resource) {
    const [separator, parts] = resource['Fn::Join'] as [string, unknown[]];
    return short(parts.map(readable).join(separator));
  }
  return JSON.stringify(resource);
}

/** `…:ExportsOutputFnGetAttLedgerB7379752Arn8FB7B3DC` is the Arn of the ledger stack's `Ledger`. */
function imported(name: string): string {
  const [, whole] = /ExportsOutputRef(\w+?)[0-9A-F]{16}$/.exec(name) ?? [];
  if (whole !== undefined) return whole;
  const found = /ExportsOutput(?:FnGetAtt|Ref)(\w+?)[0-9A-F]{8}(StreamArn|Arn)[0-9A-F]{8}$/.exec(name);
  const [, thing = name, attribute] = found ?? [];
  if (thing.endsWith('Key')) return `${thing.slice(0, -3)} key`;
  if (attribute === 'StreamArn') return `${thing} stream`;
  return `${thing} ${['Documents', 'Log', 'Checkpoints'].includes(thing) ? 'bucket' : 'table'}`;
}

const short = (arn: string) =>
  arn
    .replace(/arn:(?:aws|AWS::Partition):/, '')
    .replaceAll('AWS::Partition', 'aws')
    .replaceAll(/[:-]?eu-central-1/g, '')
    .replaceAll(/[:-]?111122223333/g, '')
    .replace(/^s3:::/, 's3:')
    .replaceAll(ROLE_PREFIX, '')
    .replaceAll('chancery-dev-', '');

/** The page docs/rights.md. `reasons` says why an entry is open-ended. */
export function renderRights(
  rights: ReadonlyMap<string, readonly Right[]>,
  reasons: (right: Right) => string | undefined,
): string {
  const lines = [
    '# What each function may do',
    '',
    'Read from the synthesised policies of the dev environment; `npx vitest run test/infra -u` writes it again, and',
    'the test fails while it differs. Every right comes from a word in `lib/functions.ts`, whose meaning is in',
    '`lib/rights.ts`. An entry with a `*` says why it is open-ended.',
  ];
  for (const [name, found] of rights) {
    const spec = FUNCTIONS.find((each) => each.name === name);
    lines.push('', `## ${name}`, '', `${spec?.purpose}.`, '');
    lines.push(
      `Rights: ${spec?.may.join(', ') || 'none of its own'}.`,
      '',
      '| resource | actions |',
      '| --- | --- |',
    );
    const byResource = new Map<string, Right[]>();
    for (const right of found) {
      const place = `${right.resource}${right.partitions ? `: ${[...right.partitions].sort().join(', ')}` : ''}`;
      byResource.set(place, [...(byResource.get(place) ?? []), right]);
    }
    for (const [resource, each] of [...byResource].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const why = each.map(reasons).find((reason) => reason !== undefined);
      const actions = each.map(({ action }) => `\`${action}\``).join(' ');
      lines.push(`| ${resource.replaceAll('*', '\\*')}${why ? ` (${why})` : ''} | ${actions} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
