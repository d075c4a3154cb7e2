/**
 * The certification scenario of AuthZEN 1.0 (Basic, Batch, Search, Discovery): its fixture as a charter, and its requests. Decision values
 * are checked for the eight decisions of the fixture, else the form of the answers alone.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { bundleWith, shippedFiles } from './world.ts';

const SCHEMA = `namespace Records {
  entity Role;
  entity Principal in [Role] = { sub: String };
  entity Record = { status?: String, soft?: Bool };
  action read, write, delete appliesTo { principal: [Principal], resource: [Record], context: {} };
}
`;
const POLICIES = `@id("alice-reads")
permit (principal == Records::Principal::"alice", action == Records::Action::"read", resource);
@id("alice-writes-what-is-not-archived")
permit (principal == Records::Principal::"alice", action == Records::Action::"write", resource)
unless { resource has status && resource.status == "archived" };
@id("bob-reads-one")
permit (principal == Records::Principal::"bob", action == Records::Action::"read", resource == Records::Record::"record-1");
@id("admins-write")
permit (principal in Records::Role::"admin", action == Records::Action::"write", resource);
@id("bob-writes-what-is-archived")
permit (principal == Records::Principal::"bob", action == Records::Action::"write", resource == Records::Record::"record-2")
when { resource has status && resource.status == "archived" };
@id("alice-deletes-softly")
permit (principal == Records::Principal::"alice", action == Records::Action::"delete", resource)
when { resource has soft && resource.soft };
`;

let chancery: TestRuntime;
let folder: string;
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chancery-records-'));
  const changes: Record<string, string | null> = {
    'schema.cedarschema': SCHEMA,
    'policies/records.cedar': POLICIES,
  };
  for (const name of shippedFiles.keys()) if (/^(policies|tests)\//.test(name)) changes[name] = null;
  for (const [name, text] of bundleWith(changes)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  chancery = await startTestRuntime({ charterFolder: folder, publicUrl: 'https://pdp.example.com' });
  token = await chancery.token({ sub: 'pep', kind: 'service', roles: [], scopes: ['decisions:evaluate'] });
});
afterAll(async () => {
  await chancery.stop();
  rmSync(folder, { recursive: true });
});

const post = (path: string, body: unknown, headers = {}) =>
  chancery.call('POST', `/access/v1/${path}`, { token, body, headers });
const user = (id: string, properties?: object) => ({
  type: 'user',
  id,
  ...(properties ? { properties } : {}),
});
const record = (id: string, properties?: object) => ({
  type: 'record',
  id,
  ...(properties ? { properties } : {}),
});
const admin = { role: 'admin' };
const archived = { status: 'archived' };
const read = { name: 'read' };
const write = { name: 'write' };

describe('Basic', () => {
  it.each([
    ['c-2-2-1', user('alice'), read, record('record-1'), {}, true],
    ['c-2-2-2', user('bob'), write, record('record-1'), {}, false],
    [
      'c-2-2-3',
      user('alice'),
      read,
      record('record-1'),
      { context: { time: '2025-06-27T18:03-07:00' } },
      true,
    ],
    ['c-2-2-4', user('alice'), write, record('record-2', archived), {}, false],
    ['c-2-2-5', user('bob', admin), write, record('record-2', archived), {}, true],
    ['c-2-2-6', user('alice'), { name: 'delete', properties: { soft: true } }, record('record-1'), {}, true],
    [
      'c-2-2-7',
      user('alice'),
      { name: 'delete', properties: { soft: false } },
      record('record-1'),
      {},
      false,
    ],
    [
      'c-2-2-8',
      user('alice', { department: 'Sales', role: 'manager' }),
      { name: 'read', properties: { method: 'GET' } },
      record('record-1', { status: 'active', owner: 'bob' }),
      {},
      true,
    ],
    ['c-2-2-9', user('alice'), read, record('record-1'), { foo: 'bar', futureField: { nested: true } }, true],
    ['rule 2', user('alice'), write, record('record-1'), {}, true],
    ['rule 3', user('bob'), read, record('record-1'), {}, true],
  ])('%s', async (_, subject, action, resource, further, decision) => {
    const answer = await post('evaluation', { subject, action, resource, ...further });
    expect([answer.status, answer.body.decision], answer.text).toEqual([200, decision]);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.body.context).toBeTypeOf('object');
  });

  it.each([
    [{ action: read, resource: record('record-1') }],
    [{ subject: user('alice'), resource: record('record-1') }],
    [{ subject: user('alice'), action: read }],
    [{ subject: { type: 'user' }, action: read, resource: record('record-1') }],
    [{ subject: user('alice'), action: {}, resource: record('record-1') }],
    [{ subject: user('alice'), action: read, resource: { id: 'record-1' } }],
    [{}],
  ])('answers 400 to %j', async (body) => {
    expect((await post('evaluation', body)).status).toBe(400);
  });

  it('gives the caller’s request id back, refused or not', async () => {
    const headers = { 'x-request-id': 'bfe9eb29 ab87' };
    for (const body of [{}, { subject: user('alice'), action: read, resource: record('record-1') }])
      expect((await post('evaluation', body, headers)).headers.get('x-request-id')).toBe('bfe9eb29 ab87');
    const unknown = await chancery.call('POST', '/access/v1/search/action', { body: {}, headers });
    expect([unknown.status, unknown.headers.get('x-request-id')]).toEqual([401, 'bfe9eb29 ab87']);
  });
});

describe('Batch', () => {
  const decisions = async (body: object) => {
    const answer = await post('evaluations', body);
    expect(answer.status, answer.text).toBe(200);
    return answer.body.evaluations.map(({ decision }: { decision: boolean }) => decision);
  };

  it('answers each in order, with defaults that members replace', async () => {
    const evaluations = [
      { resource: record('record-1') },
      { action: { name: 'delete', properties: { soft: false } }, resource: record('record-1') },
      { subject: user('bob'), action: write, resource: record('record-1') },
      {},
    ];
    expect(await decisions({ subject: user('alice'), action: read, evaluations })).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['execute_all', [true, false, true]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ])('%s', async (evaluations_semantic, wanted) => {
    const evaluations = [user('alice'), user('bob'), user('alice')].map((subject) => ({ subject }));
    expect(
      await decisions({
        action: write,
        resource: record('record-1'),
        evaluations,
        options: { evaluations_semantic },
      }),
    ).toEqual(wanted);
  });

  it.each([[{}], [{ evaluations: [] }]])('without evaluations (%j) is a single one', async (none) => {
    const answer = await post('evaluations', {
      subject: user('alice'),
      action: read,
      resource: record('record-1'),
      ...none,
    });
    expect([answer.status, answer.body.decision]).toEqual([200, true]);
  });
});

describe('Search', () => {
  const search = async (what: 'subject' | 'resource' | 'action', body: object) => {
    const answer = await post(`search/${what}`, body);
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };

  it('finds subjects', async () => {
    const everybody = { subject: { type: 'user' }, action: read, resource: record('record-1') };
    const both = [user('alice'), user('bob')];
    expect(await search('subject', everybody)).toEqual({ results: both });
    expect(await search('subject', { ...everybody, context: { ip: '192.168.1.1' } })).toEqual({
      results: both,
    });
    const writers = { ...everybody, action: write, resource: record('record-2', archived) };
    expect((await search('subject', writers)).results).toEqual([user('bob')]);
    expect(await search('subject', { ...everybody, subject: { type: 'spaceship' } })).toEqual({
      results: [],
    });
  });

  it('finds resources', async () => {
    const of = (subject: object, action: object) =>
      search('resource', { subject, action, resource: { type: 'record' } });
    expect((await of(user('alice'), read)).results).toContainEqual(record('record-1'));
    expect((await of(user('bob', admin), write)).results).toContainEqual(record('record-2'));
    expect((await of(user('nobody'), read)).results).toEqual([]);
    const ships = { subject: user('alice'), action: read, resource: { type: 'spaceship' } };
    expect((await search('resource', ships)).results).toEqual([]);
  });

  it('finds actions', async () => {
    const on = (subject: object, resource: object) => search('action', { subject, resource });
    expect((await on(user('alice'), record('record-1'))).results).toEqual([read, write]);
    expect((await on(user('bob', admin), record('record-2', archived))).results).toContainEqual(write);
    expect((await on(user('nonexistent-user'), record('record-1'))).results).toEqual([]);
  });

  it('gives pages, to the end', async () => {
    const asked = { subject: { type: 'user' }, action: read, resource: record('record-1') };
    const first = await search('subject', { ...asked, page: { limit: 1 } });
    expect(first).toMatchObject({ results: [user('alice')], page: { count: 1, total: 2 } });
    expect(first.page.next_token).not.toBe('');
    const second = await search('subject', { ...asked, page: { limit: 1, token: first.page.next_token } });
    expect(second).toMatchObject({ results: [user('bob')], page: { next_token: '' } });
    expect((await post('search/subject', { ...asked, page: { token: 'made-up' } })).status).toBe(400);
  });

  it.each([
    ['subject', { subject: { type: 'user' }, resource: record('record-1') }],
    ['subject', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['resource', { action: read, resource: { type: 'record' } }],
    ['resource', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['action', { subject: user('alice') }],
  ])('of a %s answers 400 to %j', async (what, body) => {
    expect((await post(`search/${what}`, body)).status).toBe(400);
  });

  it('is one record, whatever was looked at', async () => {
    const auditor = await chancery.token({ sub: 'ada', roles: ['auditor'] });
    const { body } = await chancery.call('GET', '/ledger/entries?type=api.request&limit=1', {
      token: auditor,
    });
    await search('action', { subject: user('alice'), resource: record('record-1') });
    const later = await chancery.call('GET', '/ledger/entries?type=api.request&limit=2', { token: auditor });
    expect(later.body.entries[0].record.data).toMatchObject({ what: 'search_action', found: 2 });
    expect(later.body.entries[1].id).toBe(body.entries[0].id);
  });
});

it('Discovery names every endpoint by the configured address', async () => {
  const { body } = await chancery.call('GET', '/.well-known/authzen-configuration');
  const access = 'https://pdp.example.com/access/v1';
  expect(body).toEqual({
    policy_decision_point: 'https://pdp.example.com',
    access_evaluation_endpoint: `${access}/evaluation`,
    access_evaluations_endpoint: `${access}/evaluations`,
    search_subject_endpoint: `${access}/search/subject`,
    search_resource_endpoint: `${access}/search/resource`,
    search_action_endpoint: `${access}/search/action`,
  });
});
