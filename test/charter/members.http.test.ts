/**
 * Every member of every body that is decided on, with every fault that a value or a name can have: none is let through.
 * The table is made from a body that holds each member once and is allowed; a member that the schemas know and the
 * body does not hold fails the test.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { actionQuestion } from '../../http/gate/decisions.ts';
import { governedRequestSchema } from '../../src/aim/request.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let chancery: TestRuntime;
beforeAll(async () => {
  chancery = await startTestRuntime();
});
afterAll(() => chancery.stop());

type Place = readonly (string | number)[];
type Doc = Json | undefined;

/** A body with each member once; allowed as it stands. */
interface Door {
  readonly name: string;
  readonly path: string;
  readonly body: JsonObject;
  /** What the answer lets through. */
  readonly allows: (status: number, body: JsonObject) => boolean;
  /** Members below these are free: callers and policies give them their meaning. */
  readonly free: readonly string[];
  /** Texts that say what they say: in another case or with blanks around they are another text, and as good. */
  readonly texts: readonly string[];
  /** Strangers are passed over, as a standard has it, as long as they are no misspelling. */
  readonly open?: true;
  /** The same at some places only. */
  readonly openAt?: readonly string[];
  readonly role?: string;
}

const FULL = governed({
  aim: {
    actor: { name: 'Jake Smith', role: 'Engineer', email: 'jake@example.org' },
    input: {
      sources: [{ type: 'ledger', description: 'the last day of the ledger', location: 'here' }],
      constraints: ['read-only'],
    },
    mission: {
      objective: 'Report what was decided during the last day',
      success_criteria: ['a report is written'],
      checks: [{ criterion: 0, path: '$.records', op: 'eq', value: 1 }],
    },
  },
  data_classes: ['internal'],
  risk_level: 2,
  output_text: 'Options include waiting.',
  options: { mode: 'dry_run', explain: 'summary' },
  trace_id: 'abcdef-012345',
}) as JsonObject;

const AIM_TEXTS = [
  '/aim/actor/name',
  '/aim/actor/role',
  '/aim/actor/email',
  '/aim/input/sources/0/type',
  '/aim/input/sources/0/description',
  '/aim/input/sources/0/location',
  '/aim/input/constraints/0',
  '/aim/mission/objective',
  '/aim/mission/success_criteria/0',
  '/aim/mission/checks/0/path',
  '/output_text',
  '/trace_id',
];

const tool: JsonObject = {
  action: 'gateway:tool:invoke',
  resource: {
    type: 'tool',
    id: 'search-mcp.search',
    properties: { sensitivity: 'low', environment: 'prod', server: 'search-mcp' },
  },
  parameters: { q: 'charter' },
  context: { delegation_depth: 0 },
  risk_level: 1,
  data_classes: ['public'],
  options: { mode: 'enforce', explain: 'summary' },
  drag_mode: 'execute',
};

const evaluation: JsonObject = {
  subject: {
    type: 'user',
    id: 'ann',
    properties: {
      kind: 'human',
      name: 'Ann Lee',
      email: 'ann@example.org',
      roles: ['operator'],
      scopes: ['workflows:execute'],
      fresh_mfa: true,
      act: [],
      agent_type: 'none',
      trust: 'trusted',
      environment: 'prod',
      capabilities: [],
    },
  },
  action: { name: 'execute' },
  resource: { type: 'workflow', id: 'deploy-to-staging' },
  context: {
    drag_mode: 'execute',
    parameters: { version: '1.4.0' },
    data_classes: ['internal'],
    risk_level: 2,
    output_text: 'Options include waiting.',
    options: { mode: 'dry_run', explain: 'summary' },
    delegation_depth: 0,
  },
  options: { mode: 'dry_run', explain: 'summary' },
};
const EVALUATION_TEXTS = [
  '/subject/id',
  '/subject/properties/name',
  '/subject/properties/email',
  '/subject/properties/environment',
  '/subject/type',
  '/subject/properties/scopes/0',
  '/context/output_text',
];

const yes = (status: number, body: JsonObject): boolean => status === 200 && body.decision === true;
const allowed = (status: number, body: JsonObject): boolean => status === 200 && body.outcome === 'allow';
/** A dry run that would be carried out. */
const would = (status: number, body: JsonObject): boolean =>
  status === 200 &&
  (body.outcome === 'allow' || (body.decision as JsonObject | undefined)?.outcome === 'allow');

const DOORS: readonly Door[] = [
  {
    name: 'governed execution',
    path: '/workflows/governed/execute',
    body: FULL,
    allows: (status, body) => status === 200 && JSON.stringify(body).includes('"allow"'),
    free: ['/parameters', '/aim/mission/checks/0/value'],
    texts: AIM_TEXTS,
  },
  {
    name: 'validation',
    path: '/governance/validate',
    body: FULL,
    allows: would,
    free: ['/parameters', '/aim/mission/checks/0/value'],
    texts: AIM_TEXTS,
  },
  {
    name: 'a decision on a workflow',
    path: '/decisions',
    body: FULL,
    allows: allowed,
    free: ['/parameters', '/aim/mission/checks/0/value'],
    texts: AIM_TEXTS,
  },
  {
    name: 'a decision on a tool',
    path: '/decisions',
    body: tool,
    allows: allowed,
    free: ['/parameters'],
    texts: ['/resource/properties/environment', '/resource/properties/server'],
    openAt: ['/resource/properties', '/context'],
    role: 'analyst',
  },
  {
    name: 'an evaluation',
    path: '/access/v1/evaluation',
    body: evaluation,
    allows: yes,
    free: ['/context/parameters'],
    texts: EVALUATION_TEXTS,
    open: true,
  },
  {
    name: 'an evaluation within a batch',
    path: '/access/v1/evaluations',
    body: { evaluations: [evaluation] },
    allows: (status, body) =>
      status === 200 && (body.evaluations as JsonObject[] | undefined)?.[0]?.decision === true,
    free: ['/evaluations/0/context/parameters'],
    texts: EVALUATION_TEXTS.map((path) => `/evaluations/0${path}`),
    open: true,
  },
  {
    name: 'the defaults of a batch',
    path: '/access/v1/evaluations',
    body: {
      ...evaluation,
      options: { mode: 'dry_run', explain: 'summary', evaluations_semantic: 'execute_all' },
      evaluations: [{}],
    },
    allows: (status, body) =>
      status === 200 && (body.evaluations as JsonObject[] | undefined)?.[0]?.decision === true,
    free: ['/context/parameters'],
    texts: EVALUATION_TEXTS,
    open: true,
  },
];

const pointer = (place: Place): string => place.map((step) => `/${step}`).join('');

function* places(value: Doc, at: Place = []): Generator<[Place, Json]> {
  if (value === undefined) return;
  if (at.length > 0) yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, one] of Object.entries(value))
    yield* places(one as Json, [...at, Array.isArray(value) ? Number(name) : name]);
}

const at = (body: Json, place: Place): Json =>
  place.reduce<Json>((value, step) => (value as Record<string, Json>)[String(step)] as Json, body);
function put(body: JsonObject, place: Place, value: Json): JsonObject {
  const copy = structuredClone(body) as Record<string, Json>;
  const parent = at(copy, place.slice(0, -1)) as Record<string, Json>;
  parent[String(place.at(-1))] = value;
  return copy;
}

const kindOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
const OF_EACH_TYPE: readonly Json[] = [true, 7, 'x', ['x'], { x: 'x' }];

interface Fault {
  readonly what: string;
  readonly text: string;
}
/** Where a member's value is doubled: only in the text is there such a thing. */
const MARK = '\u2400doubled\u2400';

/** Every fault that this place of this body can have, as the text that is sent. */
function* faults(
  { body, free, texts, open, openAt = [] }: Door,
  place: Place,
  value: Json,
): Generator<Fault> {
  const path = pointer(place);
  const fault = (what: string, doc: Json): Fault => ({ what: `${path}: ${what}`, text: JSON.stringify(doc) });
  const isMember = typeof place.at(-1) === 'string';

  if (isMember) {
    const key = JSON.stringify(place.at(-1));
    const doubled = JSON.stringify(put(body, place, MARK));
    const [one] = [JSON.stringify(value)];
    yield {
      what: `${path}: twice`,
      text: doubled.replace(JSON.stringify(MARK), () => `${one},${key}:${one}`),
    };
  }
  if (free.includes(path)) return;

  yield fault('null', put(body, place, null));
  for (const other of OF_EACH_TYPE)
    if (kindOf(other) !== kindOf(value)) yield fault(`${kindOf(other)}`, put(body, place, other));

  if (typeof value === 'string' && !texts.includes(path)) {
    for (const [what, text] of [
      ['blank', ''],
      ['only a space', ' '],
      ['upper case', value.toUpperCase()],
      ['first letter upper case', `${value.slice(0, 1).toUpperCase()}${value.slice(1)}`],
      ['a space behind', `${value} `],
      ['a space before', ` ${value}`],
      ['a zero-width space within', `${value.slice(0, 1)}\u200b${value.slice(1)}`],
      ['another word', 'xyzzy'],
    ] as const)
      if (text !== value) yield fault(what, put(body, place, text));
  }
  if (typeof value === 'number') {
    for (const number of [-1, 101, 2.5]) yield fault(String(number), put(body, place, number));
    const marked = JSON.stringify(put(body, place, MARK));
    for (const number of ['1e400', '9007199254740993', '-0.0000000000000000000000000001'])
      yield { what: `${path}: ${number}`, text: marked.replace(JSON.stringify(MARK), number) };
  }
  if (kindOf(value) === 'object') {
    const strangers = open || openAt.includes(path) ? [] : ['xyzzy'];
    const members = Object.keys(value as JsonObject);
    const misspelt = members.flatMap((name) =>
      [`${name}s`, name.toUpperCase(), `${name} `, name.slice(1)].filter((other) => other.length > 3),
    );
    for (const name of [...strangers, ...misspelt])
      yield fault(`member ${JSON.stringify(name)} besides`, put(body, [...place, name], 'x'));
  }
}

/** Sent under an account of its own each hundred times, so that no limit ever answers for the rule. */
async function sender(role = 'operator') {
  let sent = 0;
  let token = '';
  return async (path: string, raw: string) => {
    if (sent++ % 100 === 0)
      token = await chancery.token({
        sub: `jake-${sent}`,
        name: 'Jake Smith',
        email: 'jake@example.org',
        roles: [role, ...(role === 'operator' ? ['developer'] : [])],
      });
    const answer = await chancery.call('POST', path, { token, raw });
    expect(answer.status, answer.text).not.toBe(429);
    expect(answer.status, `${raw}\n${answer.text}`).toBeLessThan(500);
    return answer;
  };
}

describe.each(DOORS)('$name', (door) => {
  it('is allowed as it stands', async () => {
    const send = await sender(door.role);
    const { status, body } = await send(door.path, JSON.stringify(door.body));
    expect(door.allows(status, body), JSON.stringify(body)).toBe(true);
  });

  it('is not let through with any member that cannot be read', async () => {
    const send = await sender(door.role);
    const through: string[] = [];
    let tried = 0;
    for (const [place, value] of [[[], door.body] as [Place, Json], ...places(door.body)]) {
      if (door.free.some((path) => pointer(place).startsWith(`${path}/`))) continue;
      const generated = place.length === 0 ? rootFaults(door) : faults(door, place, value);
      for (const { what, text } of generated) {
        tried += 1;
        const { status, body } = await send(door.path, text);
        if (door.allows(status, body)) through.push(what);
      }
    }
    expect(tried).toBeGreaterThan(80);
    expect(through).toEqual([]);
  }, 120_000);
});

function* rootFaults({ body, open }: Door): Generator<Fault> {
  for (const doc of [null, true, 7, 'x', [], [body]] as Json[])
    yield { what: `a body that is ${JSON.stringify(doc).slice(0, 20)}`, text: JSON.stringify(doc) };
  yield { what: 'no body', text: '' };
  yield { what: 'a body that is cut off', text: JSON.stringify(body).slice(0, -1) };
  yield { what: 'something after the body', text: `${JSON.stringify(body)}{}` };
  for (const name of Object.keys(body).filter((each) => each.length > 3)) {
    for (const other of [`${name}s`, name.toUpperCase(), `${name} `, `\u200b${name}`])
      yield {
        what: `member ${JSON.stringify(other)} besides`,
        text: JSON.stringify({ ...body, [other]: 'x' }),
      };
  }
  if (!open) yield { what: 'a stranger', text: JSON.stringify({ ...body, xyzzy: 1 }) };
}

describe('the bodies of the table', () => {
  const members = (schema: z.ZodType): string[] => {
    const known: string[] = [];
    const walk = (json: unknown, path: string): void => {
      if (typeof json !== 'object' || json === null) return;
      const { properties, items } = json as { properties?: Record<string, unknown>; items?: unknown };
      for (const [name, inner] of Object.entries(properties ?? {})) {
        known.push(`${path}/${name}`);
        walk(inner, `${path}/${name}`);
      }
      walk(items, `${path}/0`);
    };
    walk(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), '');
    return known;
  };

  it.each([
    ['governed', governedRequestSchema, FULL],
    ['action on a resource', actionQuestion, tool],
  ] as const)('hold every member that the schema of a %s body knows', (_name, schema, body) => {
    const held = [...places(body)].map(([place]) => pointer(place));
    expect(members(schema).filter((path) => !held.includes(path))).toEqual([]);
  });
});
