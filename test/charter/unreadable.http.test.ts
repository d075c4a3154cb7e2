/**
 * What cannot be read can only make an answer stricter: requests that are not allowed as they stand, with one value or
 * one name changed into something that nobody can read, through every door that decides.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/json.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Table } from '../../src/ports.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let chancery: TestRuntime;
let token: string;
let ledger: Table;
beforeAll(async () => {
  chancery = await startTestRuntime(
    {},
    {
      table: (table) => {
        ledger = table;
        return table;
      },
    },
  );
  token = await chancery.token();
});
afterAll(() => chancery.stop());

const post = (path: string, body: unknown) => chancery.call('POST', path, { token, body });

/** Not allowed as they stand: by a forbid on the data, by the risk, by the mode, by a parameter. */
const ASKED = [
  governed({ data_classes: ['credentials'], parameters: {} }),
  governed({ risk_level: 5, parameters: {} }),
  governed({ workflow_name: 'deploy-to-staging', drag_mode: 'draft', parameters: {} }),
  governed({
    workflow_name: 'deploy-to-staging',
    drag_mode: 'execute',
    parameters: { environment: 'production' },
  }),
] as readonly JsonObject[];
const OPERATOR = { type: 'user', id: 'ann', properties: { roles: ['operator'] } };
const run = (id: string) => ({ action: { name: 'execute' }, resource: { type: 'workflow', id } });
const evaluation: JsonObject = {
  subject: OPERATOR,
  ...run('deploy-to-staging'),
  context: { risk_level: 5 },
};
/** Each is not allowed for one reason alone, which the mutation may not take away. */
const EVALUATIONS: readonly JsonObject[] = [
  evaluation,
  { ...evaluation, ...run('compliance-report'), context: { data_classes: ['credentials'] } },
  {
    subject: { ...OPERATOR, properties: { roles: ['operator'], actor_type: 'external_party' } },
    ...run('deploy-to-staging'),
  },
  {
    subject: { ...OPERATOR, type: 'agent' },
    ...run('data-export'),
    context: { parameters: { subject: 's-1' } },
  },
  {
    subject: {
      ...OPERATOR,
      properties: { roles: ['operator'], act: { sub: 'a', act: { sub: 'b', act: { sub: 'c' } } } },
    },
    ...run('deploy-to-staging'),
  },
  {
    subject: { type: 'agent', id: 'release-agent' },
    action: { name: 'a2a:delegate' },
    resource: { type: 'agent', id: 'report-agent' },
    context: { delegation_depth: 3 },
  },
];
const toolCall: JsonObject = {
  action: 'gateway:tool:invoke',
  resource: { type: 'tool', id: 'search-mcp.search', properties: { sensitivity: 'critical' } },
};

interface DoorCase {
  readonly door: string;
  readonly bodies: readonly JsonObject[];
  /** Sent, and whether anything was let through. */
  readonly allowed: (body: Json) => Promise<boolean>;
}
const DOORS: readonly DoorCase[] = [
  {
    door: 'governed execution',
    bodies: ASKED,
    allowed: async (body) => {
      const answer = await post('/workflows/governed/execute', body);
      return answer.status === 200 && answer.body.outcome !== 'deny';
    },
  },
  {
    door: 'validation',
    bodies: ASKED,
    allowed: async (body) => (await post('/governance/validate', body)).body.decision?.outcome === 'allow',
  },
  {
    door: 'a decision on a workflow',
    bodies: ASKED,
    allowed: async (body) => (await post('/decisions', body)).body.outcome === 'allow',
  },
  {
    door: 'a decision on a tool',
    bodies: [toolCall],
    allowed: async (body) => (await post('/decisions', body)).body.outcome === 'allow',
  },
  {
    door: 'an evaluation',
    bodies: EVALUATIONS,
    allowed: async (body) => (await post('/access/v1/evaluation', body)).body.decision === true,
  },
  {
    door: 'a batch of evaluations',
    bodies: EVALUATIONS,
    allowed: async (body) => {
      const { evaluations } = (await post('/access/v1/evaluations', { evaluations: [body] })).body;
      return evaluations?.[0]?.decision === true;
    },
  },
];

type Path = readonly (string | number)[];
function places(value: Json | undefined, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return at.length > 0 ? [at] : [];
  const inner = Object.entries(value).flatMap(([name, one]) =>
    places(one, [...at, Array.isArray(value) ? Number(name) : name]),
  );
  return at.length > 0 ? [at, ...inner] : inner;
}

/** A copy in which the parent of a place was changed. */
function changed(
  body: JsonObject,
  path: Path,
  change: (parent: Record<string, unknown>, name: string) => void,
): Json {
  const copy = structuredClone(body);
  let parent: unknown = copy;
  for (const step of path.slice(0, -1)) parent = (parent as Record<string, unknown>)[step];
  change(parent as Record<string, unknown>, String(path.at(-1)));
  return copy as Json;
}

const WRONG: readonly ((value: unknown) => unknown)[] = [
  () => null,
  () => '',
  () => ' ',
  () => true,
  () => -1,
  () => 6,
  () => 2.5,
  // An empty list where a list stands, and the same of objects, says something that can be read.
  (value) => (Array.isArray(value) ? 'x' : [7]),
  (value) => (typeof value === 'object' ? 'x' : {}),
  () => [[]],
  (value) => (typeof value === 'string' ? `${value} ` : String(value)),
  (value) => (typeof value === 'string' ? value.toUpperCase() : [value]),
  (value) =>
    typeof value === 'string'
      ? value.replace(/[aeo]/, (letter) => ({ a: '\u0430', e: '\u0435', o: '\u043e' })[letter] ?? letter)
      : 7,
];
const MISSPELT: readonly ((name: string) => string)[] = [
  (name) => name.slice(0, -1),
  (name) => `${name}s`,
  (name) => name.toUpperCase(),
  (name) => `${name} `,
  (name) => name.replaceAll('_', ''),
  (name) => name.replaceAll('_', '-'),
];

describe.each(DOORS)('$door', ({ bodies, allowed }) => {
  const somewhere = (wanted: (path: Path) => boolean) =>
    fc.constantFrom(
      ...bodies.flatMap((body) =>
        places(body)
          .filter(wanted)
          .map((path) => ({ body, path })),
      ),
    );

  it('does not allow what was asked', async () => {
    for (const body of bodies) expect(await allowed(body), JSON.stringify(body)).toBe(false);
  });

  it('allows nothing more when one value cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(
        somewhere(() => true),
        fc.constantFrom(...WRONG),
        async ({ body, path }, wrong) => {
          const mutated = changed(body, path, (parent, name) => {
            parent[name] = wrong(parent[name]);
          });
          expect(await allowed(mutated), JSON.stringify(mutated)).toBe(false);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('allows nothing more when one name is misspelt', async () => {
    const named = (path: Path) => typeof path.at(-1) === 'string' && !path.includes('parameters');
    await fc.assert(
      fc.asyncProperty(somewhere(named), fc.constantFrom(...MISSPELT), async ({ body, path }, misspell) => {
        const mutated = changed(body, path, (parent, name) => {
          const other = misspell(name);
          if (other === name || other === '') return;
          parent[other] = parent[name];
          delete parent[name];
        });
        expect(await allowed(mutated), JSON.stringify(mutated)).toBe(false);
      }),
      { numRuns: 80 },
    );
  });
});

describe('a refusal', () => {
  it.each([
    [{ option: { mode: 'dry_run' } }, '/option', 'did you mean options?'],
    [{ dry_run: true }, '/dry_run', 'unknown member'],
    [{ data_classes: ['Credentials'] }, '/data_classes/0', 'one of'],
    [{ options: { mod: 'dry_run' } }, '/options/mod', 'did you mean mode?'],
    [{ risk_level: 6 }, '/risk_level', '1 to 5'],
  ])('of %j names the field and the fix, and runs nothing', async (more, path, message) => {
    for (const route of ['/workflows/governed/execute', '/governance/validate', '/decisions']) {
      const { status, body } = await post(route, governed(more));
      expect(status).toBe(400);
      expect(body.reasons[0]).toMatchObject({ code: 'schema_error', path });
      expect(body.reasons[0].message).toContain(message);
    }
  });

  it.each([
    [{ risk_level: '5' }, '/context/risk_level'],
    [{ risk_level: 6 }, '/context/risk_level'],
    [{ data_classes: 'credentials' }, '/context/data_classes'],
    [{ delegation_depth: '5' }, '/context/delegation_depth'],
    [{ risk_levle: 5 }, '/context/risk_levle'],
    [{ drag_mode: 'draft' }, '/context/drag_mode'],
    [{ aim: 'deploy' }, '/context/aim'],
  ])('of an evaluation with %j is an error of that item', async (context, path) => {
    const subject = { type: 'user', id: 'ann', properties: { roles: ['operator'] } };
    const item = { ...evaluation, subject, context };
    expect((await post('/access/v1/evaluation', { ...item, context: {} })).body.decision).toBe(true);
    expect((await post('/access/v1/evaluation', item)).body).toMatchObject({
      decision: false,
      context: { error: { status: 400, path } },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['context', { act: 'bot' }, '/context/act'],
    ['context', { act: { sub: 'a', act: { sub: 'b', act: { sub: 'c' } } } }, '/context/act'],
    ['context', { actor_type: 'external_party' }, '/context/actor_type'],
    ['context', { trust: 'untrusted' }, '/context/trust'],
    ['subject', { risk_level: 5 }, '/subject/properties/risk_level'],
    ['subject', { data_classes: ['credentials'] }, '/subject/properties/data_classes'],
    ['subject', { delegation_depth: 5 }, '/subject/properties/delegation_depth'],
    ['resource', { risk_level: 5 }, '/resource/properties/risk_level'],
    ['resource', { data_classes: ['credentials'] }, '/resource/properties/data_classes'],
    ['resource', { act: 'bot' }, '/resource/properties/act'],
  ])('in the %s of an evaluation, where %j is not read, is one too', async (place, said, path) => {
    const properties = { roles: ['operator'], ...(place === 'subject' ? said : {}) };
    const asked = {
      ...evaluation,
      subject: { type: 'user', id: 'ann', properties },
      context: place === 'context' ? said : {},
      ...(place === 'resource'
        ? { resource: { type: 'tool', id: 'search-mcp.search', properties: said } }
        : {}),
    };
    const error = { status: 400, path };
    expect((await post('/access/v1/evaluation', asked)).body).toMatchObject({
      decision: false,
      context: { error },
    });
    const { evaluations } = (await post('/access/v1/evaluations', { evaluations: [asked] })).body;
    expect(evaluations[0]).toMatchObject({ decision: false, context: { error } });
  });

  it.each([
    ['User', { kind: 'human' }, '/subject/type'],
    ['agnet', {}, '/subject/type'],
    ['agent', { kind: 'human' }, '/subject/properties/kind'],
    ['service', { kind: 'human' }, '/subject/properties/kind'],
  ])(
    'of a subject of type %s with %j is one too: it would be taken for somebody else',
    async (type, said, path) => {
      const subject = { type, id: 'ann', properties: { roles: ['operator'], ...said } };
      expect(
        (await post('/access/v1/evaluation', { ...evaluation, context: {}, subject })).body,
      ).toMatchObject({
        decision: false,
        context: { error: { status: 400, path } },
      });
    },
  );

  it('of a subject of a type that nobody knows makes no insider of it', async () => {
    const subject = {
      type: 'partner',
      id: 'ann',
      properties: { kind: 'human', actor_type: 'human_user', roles: ['operator'] },
    };
    const asked = { ...evaluation, subject, context: {} };
    expect((await post('/access/v1/evaluation', asked)).body.decision).toBe(false);
  });

  it('is recorded, whatever its text', async () => {
    const raw = JSON.stringify(governed()).replace('{', '{"\\ud800": 1, ');
    for (const path of ['/workflows/governed/execute', '/decisions']) {
      const { status, body } = await chancery.call('POST', path, { token, raw });
      expect([status, body.reasons[0].code]).toEqual([400, 'schema_error']);
      const { entries } = await readEntries(ledger, { type: 'decision.*' }, { limit: 1, order: 'newest' });
      expect(entries[0]?.record.data).toMatchObject({ decision_id: body.decision_id, outcome: 'rejected' });
    }
  });

  it('meets a type in another case too: what the charter knows of a tool is looked up by it', async () => {
    const properties = {
      server: 'x',
      category: 'x',
      sensitivity: 'low',
      environment: 'x',
      listed: true,
      writes: false,
    };
    for (const type of ['Tool', 'TOOL']) {
      const resource = { type, id: 'postgres-mcp.execute', properties };
      const { body } = await post('/decisions', { action: 'gateway:tool:invoke', resource });
      expect(body.outcome ?? 'refused').not.toBe('allow');
    }
  });
});

describe('an actor in between', () => {
  it('is understood as RFC 8693 writes it', async () => {
    const about = (act: Json) => ({
      subject: { type: 'user', id: 'ann', properties: { roles: ['operator'], fresh_mfa: true, act } },
      action: { name: 'a2a:query' },
      resource: { type: 'agent', id: 'lookup-agent' },
    });
    const decided = async (act: Json) => (await post('/access/v1/evaluation', about(act))).body;
    expect(await decided({ sub: 'report-agent' })).toMatchObject({ decision: true });
    expect(await decided(['report-agent'])).toMatchObject({ decision: true });
    expect(await decided({ name: 'report-agent' })).toMatchObject({
      decision: false,
      context: { error: { status: 400, path: '/subject/properties/act' } },
    });
  });
});
