/**
 * AuthZEN with a charter of another application: requests in the forms of the specification (single, batch with
 * defaults, short-circuits), and a decision table in the style of its interoperability scenario, a shared list of
 * tasks with four roles. Names and data are our own.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { bundleWith, edited, shippedFiles } from './world.ts';

const SCHEMA = `namespace Tasks {
  entity Role;
  entity Principal in [Role] = { sub: String };
  entity User;
  entity Task = { ownerID: String };
  entity Account;
  entity Document = { classification?: String };
  action can_read_user appliesTo { principal: [Principal], resource: [User], context: {} };
  action can_read_tasks, can_create_task appliesTo { principal: [Principal], resource: [Task, User], context: {} };
  action can_update_task, can_delete_task appliesTo { principal: [Principal], resource: [Task], context: {} };
  action can_read appliesTo { principal: [Principal], resource: [Account, Document], context: { time: String } };
  action can_edit appliesTo { principal: [Principal], resource: [Document], context: { time: String } };
}
`;
const POLICIES = `@id("readers-read")
permit (principal in Tasks::Role::"reader", action in [Tasks::Action::"can_read_user"], resource);
@id("readers-read-tasks")
permit (principal in Tasks::Role::"reader", action == Tasks::Action::"can_read_tasks", resource);
@id("writers-create")
permit (principal in Tasks::Role::"writer", action == Tasks::Action::"can_create_task", resource);
@id("writers-change-their-own")
permit (principal in Tasks::Role::"writer", action in [Tasks::Action::"can_update_task", Tasks::Action::"can_delete_task"], resource is Tasks::Task)
when { resource.ownerID == principal.sub };
@id("keepers-delete-any")
permit (principal in Tasks::Role::"keeper", action == Tasks::Action::"can_delete_task", resource);
@id("meddlers-update-any")
permit (principal in Tasks::Role::"meddler", action == Tasks::Action::"can_update_task", resource);
@id("anna-reads")
permit (principal == Tasks::Principal::"anna@example.com", action == Tasks::Action::"can_read", resource);
@id("anna-edits-one")
permit (principal == Tasks::Principal::"anna@example.com", action == Tasks::Action::"can_edit", resource == Tasks::Document::"boxcarring.md");
`;

const ROLES = ['reader', 'writer', 'keeper', 'meddler'] as const;
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  'uma@example.com': ['reader', 'writer', 'keeper', 'meddler'],
  'vic@example.com': ['reader', 'writer'],
  'wes@example.com': ['reader', 'writer', 'keeper'],
  'xia@example.com': ['reader'],
  'yan@example.com': [],
};

let chancery: TestRuntime;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chancery-tasks-'));
  const changes: Record<string, string | null> = {
    'schema.cedarschema': SCHEMA,
    'roles.yaml': edited(
      'roles.yaml',
      '\nroles:\n',
      `\nroles:\n${ROLES.map((role) => `  ${role}: { description: ${role}, scopes: [] }\n`).join('')}`,
    ),
    'policies/tasks.cedar': POLICIES,
  };
  for (const name of shippedFiles.keys()) if (/^(policies|tests)\//.test(name)) changes[name] = null;
  for (const [name, text] of bundleWith(changes)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  chancery = await startTestRuntime({ charterFolder: folder });
});
afterAll(async () => {
  await chancery.stop();
  rmSync(folder, { recursive: true });
});

async function post(path: string, body: unknown) {
  const token = await chancery.token({
    sub: 'pep',
    kind: 'service',
    roles: [],
    scopes: ['decisions:evaluate'],
  } as never);
  const answer = await chancery.call('POST', path, { token, body });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}
const subject = (id: string) => ({ type: 'user', id, properties: { roles: PEOPLE[id] ?? [] } });

describe('the shared list of tasks', () => {
  const OWN = 'own';
  const rows: readonly (readonly [
    string,
    string,
    Record<string, unknown> | typeof OWN,
    readonly boolean[],
  ])[] = [
    // action, what it is about, and the answers for uma, vic, wes, xia, yan
    ['can_read_user', 'user', {}, [true, true, true, true, false]],
    ['can_read_tasks', 'task', { ownerID: 'nobody' }, [true, true, true, true, false]],
    ['can_create_task', 'task', { ownerID: 'nobody' }, [true, true, true, false, false]],
    ['can_update_task', 'task', OWN, [true, true, true, false, false]],
    ['can_update_task', 'task', { ownerID: 'somebody@example.com' }, [true, false, false, false, false]],
    ['can_delete_task', 'task', OWN, [true, true, true, false, false]],
    ['can_delete_task', 'task', { ownerID: 'somebody@example.com' }, [true, false, true, false, false]],
  ];
  const table = rows.flatMap(([action, type, properties, answers]) =>
    Object.keys(PEOPLE).map((id, index) => {
      const about = properties === OWN ? { ownerID: id } : properties;
      return { id, action, resource: { type, id: 'task-1', properties: about }, decision: answers[index] };
    }),
  );

  it.each(table)(
    '$action by $id on $resource.properties: $decision',
    async ({ id, action, resource, decision }) => {
      expect(
        await post('/access/v1/evaluation', { subject: subject(id), action: { name: action }, resource }),
      ).toMatchObject({ decision });
    },
  );

  it('gives the same answers in one batch', async () => {
    const { evaluations } = await post('/access/v1/evaluations', {
      evaluations: table.map(({ id, action, resource }) => ({
        subject: subject(id),
        action: { name: action },
        resource,
      })),
    });
    expect(evaluations.map((one: { decision: boolean }) => one.decision)).toEqual(
      table.map(({ decision }) => decision),
    );
  });
});

describe('requests in the forms of the specification', () => {
  const anna = { type: 'user', id: 'anna@example.com' };
  const context = { time: '2026-11-21T09:45:00Z' };

  it('a single evaluation with the least that there can be', async () => {
    const request = {
      subject: anna,
      action: { name: 'can_read' },
      resource: { type: 'account', id: '123' },
      context,
    };
    expect(await post('/access/v1/evaluation', request)).toMatchObject({ decision: true });
    expect(
      await post('/access/v1/evaluation', { ...request, subject: { type: 'user', id: 'eve@example.com' } }),
    ).toMatchObject({ decision: false });
  });

  it('an attribute that the charter requires and nobody gave denies, by its name', async () => {
    const { decision, context: said } = await post('/access/v1/evaluation', {
      subject: anna,
      action: { name: 'can_read' },
      resource: { type: 'account', id: '123' },
    });
    expect(decision).toBe(false);
    expect(said.reasons[0]).toMatchObject({ code: 'missing_attribute', path: '/context/time' });
  });

  it('a batch with defaults for subject and context, actions and resources of their own', async () => {
    const { evaluations } = await post('/access/v1/evaluations', {
      subject: anna,
      context,
      evaluations: [
        { action: { name: 'can_read' }, resource: { type: 'document', id: 'boxcarring.md' } },
        { action: { name: 'can_edit' }, resource: { type: 'document', id: 'boxcarring.md' } },
        { action: { name: 'can_edit' }, resource: { type: 'document', id: 'roadmap.md' } },
      ],
    });
    expect(evaluations.map((one: { decision: boolean }) => one.decision)).toEqual([true, true, false]);
  });

  it('a batch of resources under one default action, with a context of its own for one', async () => {
    const { evaluations } = await post('/access/v1/evaluations', {
      subject: anna,
      action: { name: 'can_read' },
      context,
      evaluations: [
        { resource: { type: 'document', id: 'a.md' } },
        { resource: { type: 'document', id: 'b.md' }, context: { time: 12 } },
      ],
    });
    expect(evaluations).toMatchObject([
      { decision: true },
      { decision: false, context: { reasons: [{ code: 'wrong_attribute_type' }] } },
    ]);
  });

  it('each short-circuit stops where it says', async () => {
    const on = (id: string, action: string) => ({
      action: { name: action },
      resource: { type: 'document', id },
    });
    const mixed = [
      on('roadmap.md', 'can_edit'),
      on('boxcarring.md', 'can_edit'),
      on('roadmap.md', 'can_read'),
    ];
    const run = async (evaluations_semantic: string, evaluations: unknown[]) =>
      (
        await post('/access/v1/evaluations', {
          subject: anna,
          context,
          evaluations,
          options: { evaluations_semantic },
        })
      ).evaluations.map((one: { decision: boolean }) => one.decision);
    expect(await run('execute_all', mixed)).toEqual([false, true, true]);
    expect(await run('deny_on_first_deny', mixed)).toEqual([false]);
    expect(await run('permit_on_first_permit', mixed)).toEqual([false, true]);
  });
});
