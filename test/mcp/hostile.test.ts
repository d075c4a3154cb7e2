/**
 * Everything that is done to the MCP door by those in front of it and behind it, in one table and on one runtime: what each of them is
 * answered, what of it is on record, and that nothing else was called.
 */
import { randomBytes } from 'node:crypto';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_TOOLS, type HostileServer, openHostileServer } from '../fixtures/mcp/hostile-server.ts';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;
type Expected = Record<string, unknown>;

let world: McpWorld;
let hostile: HostileServer;
let client: Client;

const LOW = { sensitivity: 'low', environment: 'local' };
const QUICK = { ...LOW, limits: { seconds: 2, bytes: 20_000 } };
const SECRETS: Readonly<Record<string, string>> = { UPSTREAM: 's3cret', OAUTH: 'client-secret' };
const oauth = (kind: string, path: string) => ({
  kind,
  token_endpoint: `${hostile.url}${path}`,
  client_id: 'office',
  secret: 'OAUTH',
});

/** Servers of one port, apart from each other by their paths; each has the tool `echo` unless it lists none. */
const serversOf = (): { id: string; path: string; more?: Expected }[] => [
  { id: 'hostile', path: '/' },
  { id: 'patient', path: '/patient', more: { limits: { seconds: 30, bytes: 20_000 } } },
  ...['twice', 'crowd', 'pages', 'page', 'one', 'two'].map((id) => ({ id, path: `/${id}` })),
  { id: 'forgetful', path: '/forgetful' },
  { id: 'a', path: '/a' },
  { id: 'a.b', path: '/a.b' },
  { id: 'keyed', path: '/keyed', more: { credentials: { kind: 'secret', secret: 'UPSTREAM' } } },
  { id: 'keyless', path: '/keyless', more: { credentials: { kind: 'secret', secret: 'NOT_THERE' } } },
  { id: 'client', path: '/client', more: { credentials: oauth('client_credentials', '/token/own') } },
  { id: 'refused', path: '/refused', more: { credentials: oauth('client_credentials', '/token/none') } },
  {
    id: 'exchanged',
    path: '/exchanged',
    more: { credentials: { ...oauth('token_exchange', '/token/exchange'), audience: 'upstream' } },
  },
];

beforeAll(async () => {
  hostile = await openHostileServer();
  const servers = serversOf().map(({ id, path, more }) => ({
    id,
    ...QUICK,
    ...more,
    endpoint: `${hostile.url}${path}`,
  }));
  const tool = (server: string, name: string) => ({ id: `${server}.${name}`, server });
  world = await openMcpWorld({
    servers: [...servers, { id: 'gone', ...QUICK, endpoint: 'http://127.0.0.1:9/' }],
    tools: [
      ...HOSTILE_TOOLS.map((name) => tool('hostile', name)),
      ...['never_ends', 'silent'].map((name) => tool('patient', name)),
      ...['twice', 'crowd', 'pages', 'page', 'gone', 'keyless', 'refused'].map((server) => tool(server, 'x')),
      ...['one', 'two', 'forgetful', 'keyed', 'client', 'exchanged'].map((server) => tool(server, 'echo')),
      tool('a.b', 'c'),
    ],
    settings: { secret: (name) => SECRETS[name] },
  });
  client = await world.client();
}, 120_000);
afterAll(async () => {
  await world.stop();
  await hostile.close();
});

/** Calls in a trace of its own, so that its records are found whatever else happens. */
async function call(name: string, given: Expected = {}, meta: Expected = {}, by = client) {
  const trace = randomBytes(16).toString('hex');
  const _meta = { traceparent: `00-${trace}-${'1'.repeat(16)}-01`, ...meta };
  const answer: Seen = await by.callTool({ name, arguments: given, _meta });
  const records = await world.trace(trace);
  return { answer, records, trace };
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const message = (changes: Expected = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: { _meta: ENVELOPE },
  ...changes,
});
const HEADERS = {
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/list',
};
interface Sent {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly method?: string;
}
async function send({ token, body = message(), raw, headers = {}, path = '/mcp', method = 'POST' }: Sent) {
  const bearer = token === undefined ? await world.chancery.token() : token;
  const content = method !== 'POST' ? {} : raw === undefined ? { body } : { raw };
  return world.chancery.call(method, path, {
    ...(bearer === null ? {} : { token: bearer }),
    ...content,
    headers: { ...HEADERS, ...headers },
  });
}

describe('who comes in', () => {
  const METADATA = /resource_metadata="([^"]+\/\.well-known\/oauth-protected-resource\/mcp)"/;

  it('without a token is told where the metadata of the resource is, and that says whom to ask', async () => {
    const answer = await send({ token: null });
    expect(answer.status).toBe(401);
    const [, metadata = ''] = METADATA.exec(answer.headers.get('www-authenticate') ?? '') ?? [];
    expect(metadata).toBe(`${world.chancery.runtime.url}/.well-known/oauth-protected-resource/mcp`);
    const described = await world.chancery.call('GET', new URL(metadata).pathname);
    expect(described.body).toMatchObject({
      resource: `${world.chancery.runtime.url}/mcp`,
      authorization_servers: ['urn:chancery:development'],
      scopes_supported: ['decisions:evaluate'],
      bearer_methods_supported: ['header'],
    });
  });

  const claims = (changes: Expected) => async (): Promise<string> => {
    const { runtime, folder } = world.chancery;
    const { openDevIssuer } = await import('../../adapters/local/dev-issuer.ts');
    const [, payload = ''] = (await runtime.mint({ sub: 'jake', roles: ['operator'] })).split('.');
    const issuer = await openDevIssuer(folder);
    return issuer.sign({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...changes });
  };
  it.each<[string, () => Promise<string>]>([
    ['no token at all but text', async () => 'x.y.z'],
    ['a token for another resource (RFC 8707)', claims({ aud: 'https://elsewhere.example/mcp' })],
    ['a token for several others', claims({ aud: ['https://a.example', 'https://b.example/mcp'] })],
    ['a token for nobody', claims({ aud: undefined })],
    ['a token that is over', claims({ exp: 1_000_000_000 })],
    ['a token of an issuer that nobody trusts', claims({ iss: 'https://evil.example' })],
  ])('with %s is told that it does not count', async (_what, token) => {
    const answer = await send({ token: await token() });
    expect(answer).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN' } });
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toMatch(METADATA);
    expect(challenge).toContain('error="invalid_token"');
  });

  it('without the scope is told which one is wanted', async () => {
    const token = await world.chancery.token({
      sub: 'eve',
      name: 'Eve',
      roles: [],
      scopes: ['metrics:read'],
    });
    const answer = await send({ token });
    expect(answer.status).toBe(403);
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="decisions:evaluate"');
    expect(challenge).toMatch(METADATA);
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
    ['http://localhost', 200],
    ['http://127.0.0.1:6274', 200],
    ['http://localhost:6274@evil.example', 403],
  ])('from a page of %s is answered %i', async (origin, status) => {
    const answer = await send({ headers: { origin } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.code).toBe('ORIGIN_REFUSED');
  });

  it.each(['GET', 'DELETE'])('with %s is told that there are no sessions', async (method) => {
    const answer = await send({ method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
  });
});

describe('what is no message of the protocol', () => {
  const toCall = (name: string) =>
    message({ method: 'tools/call', params: { name, arguments: {}, _meta: ENVELOPE } });
  const version = (text: string) =>
    message({ params: { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': text } } });
  it.each<[string, Sent, number]>([
    [
      'a version that does not exist',
      { body: version('2099-01-01'), headers: { 'mcp-protocol-version': '2099-01-01' } },
      -32022,
    ],
    ['a method in the header that is not the body’s', { headers: { 'mcp-method': 'tools/call' } }, -32020],
    [
      'a version in the header that is not the body’s',
      { headers: { 'mcp-protocol-version': '2025-11-25' } },
      -32020,
    ],
    [
      'a name in the header that is not the body’s',
      {
        body: toCall('fixture.echo'),
        headers: { 'mcp-method': 'tools/call', 'mcp-name': 'fixture.replace' },
      },
      -32020,
    ],
    [
      'a call whose name is not in the header',
      { body: toCall('fixture.echo'), headers: { 'mcp-method': 'tools/call' } },
      -32020,
    ],
    [
      'a name in the header that is not the body’s, of a client of before',
      {
        body: message({ method: 'tools/call', params: { name: 'fixture.echo', arguments: {} } }),
        headers: {
          'mcp-protocol-version': '2025-11-25',
          'mcp-method': 'tools/call',
          'mcp-name': 'fixture.replace',
        },
      },
      -32020,
    ],
    [
      'a method in the header that is not the body’s, of a client of before',
      {
        body: message({ method: 'tools/call', params: { name: 'fixture.echo', arguments: {} } }),
        headers: { 'mcp-protocol-version': '2025-06-18', 'mcp-method': 'tools/list' },
      },
      -32020,
    ],
    [
      'a stream that tells of changes and never ends',
      {
        body: message({
          method: 'subscriptions/listen',
          params: { _meta: ENVELOPE, notifications: { toolsListChanged: true } },
        }),
        headers: { 'mcp-method': 'subscriptions/listen' },
      },
      -32601,
    ],
    [
      'a method that nobody knows',
      { body: message({ method: 'tools/steal' }), headers: { 'mcp-method': 'tools/steal' } },
      -32601,
    ],
    [
      'what only a server may ask',
      {
        body: message({
          method: 'sampling/createMessage',
          params: { messages: [], maxTokens: 1, _meta: ENVELOPE },
        }),
        headers: { 'mcp-method': 'sampling/createMessage' },
      },
      -32601,
    ],
  ])('is an error of the protocol, and nothing is called: %s', async (_what, sent, code) => {
    const before = world.calls().length;
    expect((await send(sent)).body).toMatchObject({ error: { code } });
    expect(world.calls()).toHaveLength(before);
  });

  it.each<[string, string, number, string]>([
    [
      'a name that stands twice, of which others read the first',
      JSON.stringify(toCall('fixture.replace')).replace('"name"', '"name":"fixture.echo","name"'),
      400,
      '/params/name a name stands twice in one object',
    ],
    [
      'arguments that would change what an object is',
      JSON.stringify(toCall('fixture.echo')).replace('{}', '{"__proto__":{"text":"x"}}'),
      400,
      '/params/arguments/__proto__ the name is reserved',
    ],
    [
      'a number that is read as another one',
      JSON.stringify(toCall('fixture.echo')).replace('{}', '{"n":9007199254740993}'),
      400,
      expect.stringMatching('^/params/arguments/n the number would be read as another one'),
    ],
    [
      'half a character',
      JSON.stringify(toCall('fixture.echo')).replace('{}', '{"text":"\\ud800"}'),
      400,
      '/params/arguments/text the text holds half a character',
    ],
    ['brackets without end', '['.repeat(900_000), 400, ' the value is nested more than 64 levels deep'],
    ['nothing', '', 400, ' the text is not JSON'],
    [
      'more than anybody needs',
      ' '.repeat(1_048_577),
      413,
      expect.stringMatching('^ the body is larger than 1048576 bytes'),
    ],
  ])(
    'is refused in the words of the protocol before anything reads it: %s',
    async (_what, raw, status, why) => {
      const before = world.calls().length;
      const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'fixture.echo' };
      const answer = await send({ raw, headers });
      expect(answer).toMatchObject({ status, body: { jsonrpc: '2.0', id: null, error: { code: -32700 } } });
      const [reason] = answer.body.error.data.reasons;
      expect(`${reason.path} ${reason.message}`).toEqual(why);
      expect(world.calls()).toHaveLength(before);
    },
  );

  it.each<[string, Sent, number]>([
    ['a batch', { body: [message(), message({ id: 2 })] }, 400],
    ['no JSON-RPC', { body: { hello: 'world' } }, 400],
    ['a text', { body: 'tools/list' }, 400],
    ['cut JSON', { raw: '{"jsonrpc":"2.0","id":1' }, 400],
    [
      'a medium that is no JSON',
      { raw: JSON.stringify(message()), headers: { 'content-type': 'text/plain' } },
      415,
    ],
    ['a server that the charter does not list', { path: '/mcp/nobody' }, 404],
  ])('is refused: %s', async (_what, sent, status) => {
    expect((await send(sent)).status).toBe(status);
  });
});

describe('a name that is not quite the tool’s', () => {
  it.each([
    ['a tool that nobody listed', 'fixture.unlisted', 'unlisted_tool'],
    ['another case', 'fixture.Echo', 'lookalike_tool'],
    ['a Cyrillic letter', 'fixture.еcho', 'lookalike_tool'],
    ['another separator', 'fixture/echo', 'lookalike_tool'],
    ['a blank behind it', 'fixture.echo ', 'lookalike_tool'],
    ['a character that nobody sees', 'fixture.ec\u200bho', 'lookalike_tool'],
    ['without its server', 'echo', 'unlisted_tool'],
    ['a tool that the charter lists and no server has', 'fixture.absent', 'unknown_tool'],
    ['the tool of a server whose name ends where another’s goes on', 'a.b.echo', 'unlisted_tool'],
  ])('is refused, recorded, and nothing is called: %s', async (_what, name, code) => {
    const before = world.calls().length;
    const { answer, records } = await call(name);
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'CHARTER_DENIED', reasons: [{ code }] },
    });
    expect(records).toMatchObject([
      { type: 'decision.made', data: { outcome: 'deny', reasons: [{ code }] } },
    ]);
    expect(world.calls()).toHaveLength(before);
  });

  it('of two servers with one tool leads to the one that it names, and each is itself under its own path', async () => {
    expect((await call('one.echo')).answer.content[0].text).toBe('/one echo');
    expect((await call('two.echo')).answer.content[0].text).toBe('/two echo');
    // `a` offers `b.c` and `a.b` offers `c`: one name, which the charter lists for `a.b`.
    expect((await call('a.b.c')).answer.content[0].text).toBe('/a.b c');
    const { tools } = await client.listTools();
    expect(tools.filter(({ name }) => name === 'a.b.c')).toHaveLength(1);
    const alone = await world.client({}, {}, '/mcp/two');
    expect((await call('echo', {}, {}, alone)).answer.content[0].text).toBe('/two echo');
  });
});

describe('arguments', () => {
  it.each<[string, string, Expected, string]>([
    ['that miss the schema', 'fixture.echo', { text: 7 }, 'schema_error'],
    ['without what is required', 'fixture.echo', {}, 'schema_error'],
  ])('are refused %s', async (_what, name, given, code) => {
    const before = world.calls().length;
    const { answer, records } = await call(name, given);
    expect(answer).toMatchObject({ isError: true, structuredContent: { reasons: [{ code }] } });
    expect(records).toMatchObject([
      { type: 'decision.made', data: { outcome: 'rejected', reasons: [{ code }] } },
    ]);
    expect(world.calls()).toHaveLength(before);
  });

  it.each<[string, Expected, string]>([
    ['an aim that is none', { 'org.chancery/aim': 'because' }, 'missing_actor'],
    ['an aim of somebody else', { 'org.chancery/aim': aim('Eve Other') }, 'actor_mismatch'],
    ['a mission that is none', { 'org.chancery/mission': 'mis_nothing' }, 'unknown_mission'],
  ])('are refused with %s', async (_what, meta, code) => {
    const { answer, records } = await call('fixture.replace', {}, meta);
    expect(answer.structuredContent.reasons.map((reason: { code: string }) => reason.code)).toContain(code);
    expect(records.map(({ type }) => type)).toEqual(['decision.made']);
  });

  it('count whatever trace they come with: one that is none is left aside', async () => {
    const answer: Seen = await client.callTool({
      name: 'fixture.echo',
      arguments: { text: 'x' },
      _meta: { traceparent: '00-zz-zz-99' },
    });
    expect(answer._meta['org.chancery/trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });
});

function aim(name: string) {
  return {
    actor: { name },
    input: { sources: [{ type: 'ticket', description: 'what was asked for' }] },
    mission: { objective: 'Replace what the ticket names', success_criteria: ['it is replaced'] },
  };
}

describe('a server that misbehaves', () => {
  it.each([
    ['leads elsewhere', 'hostile.moved', 'redirected'],
    ['leads elsewhere for good', 'hostile.moved_for_good', 'redirected'],
    ['answers a page', 'hostile.html', 'malformed'],
    ['breaks', 'hostile.broken', 'unreachable'],
    ['is away', 'hostile.away', 'unreachable'],
    ['does not know its own address', 'hostile.missing', 'malformed'],
    ['wants to be shown more', 'hostile.locked', 'credentials'],
    ['forbids it', 'hostile.forbidden', 'credentials'],
    ['says nothing', 'hostile.silent', 'timeout'],
    ['stops in the middle of a word', 'hostile.cut', 'malformed'],
    ['breaks the connection off', 'hostile.resets', 'unreachable'],
    ['answers another question', 'hostile.stranger', 'timeout'],
    ['answers without content', 'hostile.no_content', 'malformed'],
    ['answers content that is none', 'hostile.texts', 'malformed'],
    ['asks for a model’s work instead of answering', 'hostile.asks_back', 'calls_back'],
    ['answers a kind that nobody has heard of', 'hostile.unheard_of', 'calls_back'],
    ['refuses by the protocol', 'hostile.refuses', 'refused'],
    ['answers more than it may', 'hostile.huge', 'too_large'],
    ['turns to another protocol of the network', 'hostile.upgrades', 'malformed'],
    ['answers with nothing', 'hostile.no_answer', 'malformed'],
    ['answers a status that is none', 'hostile.odd_status', 'malformed'],
    ['answers headers without end', 'hostile.long_headers', 'unreachable'],
    ['says twice how long its answer is', 'hostile.two_lengths', 'unreachable'],
    ['answers a blank at a time', 'hostile.drips', 'timeout'],
    ['answers in an alphabet that JSON does not have', 'hostile.other_alphabet', 'malformed'],
    ['answers a kind of content that nobody has heard of', 'hostile.hologram', 'malformed'],
    ['answers so deep that nobody can look through it', 'hostile.deep', 'malformed'],
    ['says something so deep in a text', 'hostile.deep_text', 'malformed'],
    ['says something so deep beside its answer', 'hostile.deep_meta', 'malformed'],
    ['says neither that it failed nor that it did not', 'hostile.half_error', 'malformed'],
    ['speaks another revision by now', 'hostile.other_revision', 'refused'],
    ['tells so much that its answer does not come', 'hostile.floods', 'too_large'],
    ['answers compressed, which nobody asked for', 'hostile.bomb', 'malformed'],
    ['sends a stream without end', 'hostile.endless', 'too_large'],
    ['opens a stream and says nothing', 'hostile.never_ends', 'timeout'],
    ['ends its stream without an answer', 'hostile.hangs_up', 'unreachable'],
    ['answers more than it may (a program)', 'fixture.huge', 'too_large'],
    ['answers something else than it promised', 'fixture.shapeless', 'malformed'],
    ['calls back (a program)', 'fixture.asks', 'refused'],
    ['dies', 'fixture.dies', 'unreachable'],
    ['tells of so much that nobody listens any more (a program)', 'fixture.chatters', 'unreachable'],
  ])('is never recorded as a success: it %s', async (_what, name, kind) => {
    const { answer, records } = await call(name);
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'EXECUTION_FAILED', reasons: [{ code: kind }] },
    });
    expect(records).toMatchObject([
      { type: 'decision.made', data: { outcome: 'allow', execution_id: expect.any(String) } },
      { type: 'tool.failed', data: { tool: name, outcome: 'failure', error_type: kind } },
    ]);
  });

  it('says itself that it failed, and that is its answer', async () => {
    const { answer, records } = await call('fixture.fails');
    expect(answer).toMatchObject({ isError: true, content: [{ text: 'it did not work' }] });
    expect(records.at(-1)).toMatchObject({ type: 'tool.failed', data: { error_type: 'tool_error' } });
  });

  it('hands on no secret, in a list or in a resource that it brings along', async () => {
    const { answer, records } = await call('hostile.list_of_secrets');
    expect(answer.content).toMatchObject([
      { text: '[{"user":"ada"}]' },
      { resource: { text: '{"user":"ada"}' } },
    ]);
    expect(records.at(-1)?.data.stripped).toEqual([
      '/content/0/text/0/password',
      '/content/1/resource/text/api_key',
    ]);
  });

  it('cannot speak in the name of the office', async () => {
    const { answer } = await call('hostile.impersonates');
    expect(answer._meta).toMatchObject({ 'theirs/own': 1, 'org.chancery/decision_id': expect.any(String) });
    expect(answer._meta['org.chancery/decision_id']).not.toBe('dec_forged');
    expect(answer._meta['org.chancery/receipt']).toMatchObject({ id: expect.any(String) });
  });

  it('is asked anew after it forgot its session, by the next call: the one that met it failed', async () => {
    expect((await call('forgetful.echo')).answer.content[0].text).toBe('session 1');
    hostile.restart();
    const { answer, records } = await call('forgetful.echo');
    expect(answer.structuredContent).toMatchObject({
      code: 'EXECUTION_FAILED',
      reasons: [{ code: 'malformed' }],
    });
    expect(records.at(-1)).toMatchObject({ type: 'tool.failed' });
    expect((await call('forgetful.echo')).answer.content[0].text).toBe('session 2');
  });

  it('answers once: what it says after that reaches nobody', async () => {
    const { answer, records } = await call('hostile.says_twice');
    expect(answer.content).toEqual([{ type: 'text', text: 'one' }]);
    expect(records.map(({ type }) => type)).toEqual(['decision.made', 'tool.invoked']);
  });

  it('hands on a result and nothing else: no state to come back with, and not for how long it may be kept', async () => {
    const { answer, records } = await call('hostile.promises_more');
    expect(Object.keys(answer).sort()).toEqual(['_meta', 'content']);
    expect(records.at(-1)).toMatchObject({ type: 'tool.invoked', data: { outcome: 'success' } });
  });

  it.each([
    ['lists one name twice', 'twice', 'malformed'],
    ['lists more tools than anybody needs', 'crowd', 'too_large'],
    ['lists pages without end', 'pages', 'too_large'],
    ['lists a page of HTML', 'page', 'malformed'],
    ['is not there', 'gone', 'unreachable'],
    ['there is no secret for', 'keyless', 'credentials'],
    ['the token endpoint gives no token for', 'refused', 'credentials'],
  ])('that %s has no tools, and its calls are denied', async (_what, server, fault) => {
    const { answer, records } = await call(`${server}.x`);
    expect(answer.structuredContent).toMatchObject({
      code: 'CHARTER_DENIED',
      reasons: [{ code: 'server_unavailable', message: expect.stringContaining(fault) }],
    });
    expect(records).toMatchObject([{ type: 'decision.made', data: { outcome: 'deny' } }]);
    const { tools } = await client.listTools();
    expect(tools.filter(({ name }) => name.startsWith(`${server}.`))).toEqual([]);
  });

  it('leaves the others as they were', async () => {
    expect((await call('hostile.echo')).answer.isError).toBeUndefined();
    expect((await call('fixture.echo', { text: 'still here' })).answer.isError).toBeUndefined();
  });
});

describe('what a server is shown of who calls', () => {
  const shown = (path: string) => hostile.heard(path).at(-1)?.headers.authorization;

  it('is nothing where it has no credentials, least of all the caller’s token', async () => {
    await call('one.echo');
    expect(shown('/one')).toBeUndefined();
  });

  it('is the secret of its own', async () => {
    await call('keyed.echo');
    expect(shown('/keyed')).toBe('Bearer s3cret');
  });

  it('is a token of the office’s, which is asked for once', async () => {
    await call('client.echo');
    await call('client.echo');
    expect(shown('/client')).toMatch(/^Bearer issued-/);
    expect(hostile.heard('/token/own').map(({ said }) => said)).toMatchObject([
      { grant_type: 'client_credentials' },
    ]);
  });

  it('is a token in exchange for the caller’s, which goes to the token endpoint and nowhere else', async () => {
    const { answer } = await call('exchanged.echo');
    expect(answer.isError).toBeUndefined();
    expect(shown('/exchanged')).toMatch(/^Bearer issued-/);
    const [asked] = hostile.heard('/token/exchange');
    expect(asked?.said).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: 'upstream',
      subject_token: expect.stringMatching(/^ey/),
    });
    expect(asked?.headers.authorization).toBe(
      `Basic ${Buffer.from('office:client-secret').toString('base64')}`,
    );
  });
});

describe('a call that is under way', () => {
  it('is stopped and recorded as cancelled when its caller cancels', async () => {
    const stop = new AbortController();
    const before = (await world.records('tool.failed')).length;
    const calling = client.callTool({ name: 'patient.silent', arguments: {} }, { signal: stop.signal });
    await expect.poll(() => hostile.heard('/patient').length).toBe(1);
    stop.abort();
    await expect(calling).rejects.toThrow();
    await expect.poll(async () => (await world.records('tool.failed')).length).toBe(before + 1);
    expect((await world.records('tool.failed')).at(-1)?.record.data).toMatchObject({
      outcome: 'cancelled',
      error_type: 'cancelled',
    });
  });

  it('is stopped when its caller is revoked meanwhile, and so is everything after', async () => {
    const who = { sub: 'vic', name: 'Vic Gone', email: 'vic@example.org', roles: ['operator', 'admin'] };
    const vic = await world.client(who);
    const before = hostile.heard('/patient').length;
    const calling = call('patient.never_ends', {}, {}, vic);
    await expect.poll(() => hostile.heard('/patient').length).toBe(before + 1);
    const token = await world.chancery.token(who);
    const body = { subject: 'vic', reason: 'user_request' };
    expect((await world.chancery.call('POST', '/revocations', { token, body })).status).toBeLessThan(300);
    const { answer, records } = await calling;
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'SANCTIONED', reasons: [{ code: 'standing_lost' }] },
    });
    expect(records.at(-1)).toMatchObject({
      type: 'tool.failed',
      data: { outcome: 'cancelled', error_type: 'standing_lost' },
    });
    const next = await call('fixture.echo', { text: 'x' }, {}, vic);
    expect(next.answer.structuredContent).toMatchObject({ code: 'SANCTIONED' });
  });
});

describe('a definition', () => {
  it('that changed after it was reviewed is denied, recorded once, and allowed again after a review', async () => {
    expect((await call('fixture.shifty')).answer.isError).toBeUndefined();
    world.change();
    // As if the time for which a list is believed were over: the server says that its list changed.
    world.forgetLists();
    const before = (await world.records('tool.unreviewed')).length;
    for (const _ of [1, 2])
      expect((await call('fixture.shifty')).answer.structuredContent).toMatchObject({
        code: 'CHARTER_DENIED',
        reasons: [{ code: 'unreviewed_tool' }],
      });
    const told = await world.records('tool.unreviewed');
    expect(told.slice(before).map(({ record }) => record.data)).toMatchObject([
      { tool: 'fixture.shifty', change: 'changed' },
    ]);
    const token = await world.chancery.token({ roles: ['admin'] });
    await expect
      .poll(async () => (await world.chancery.call('GET', '/metrics', { token })).text)
      .toMatch(/chancery_tools_unreviewed_total\{tool="fixture.shifty"\} 2/);
    // Not by `listTools`, which keeps what it was told for as long as it was told to.
    const listed: Seen = await client.request({ method: 'tools/list', params: {} });
    expect(listed.tools.map(({ name }: { name: string }) => name)).not.toContain('fixture.shifty');
    await world.review('fixture.shifty');
    expect((await call('fixture.shifty')).answer.isError).toBeUndefined();
  });

  it('is shown with those that this principal may call, in one order, for the caller alone', async () => {
    const listed: Seen = await client.request({ method: 'tools/list', params: {} });
    const names = listed.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).not.toContain('fixture.unlisted');
    expect(listed).toMatchObject({ cacheScope: 'private', ttlMs: expect.any(Number) });
    const nobody = await world.client(NOBODY);
    expect((await nobody.listTools()).tools).toEqual([]);
  });
});

const NOBODY = { sub: 'nobody', name: 'No Body', roles: [], scopes: ['decisions:evaluate'] };

describe('resources and prompts', () => {
  it('are listed and read under the same door, decided and recorded', async () => {
    const alone = await world.client({}, {}, '/mcp/fixture');
    expect((await alone.listResources()).resources).toMatchObject([{ uri: 'note://one' }]);
    expect((await client.readResource({ uri: 'fixture+note://one' })).contents).toMatchObject([
      { text: 'a note' },
    ]);
    expect((await world.records('tool.invoked')).at(-1)?.record).toMatchObject({
      data: { tool: 'fixture:resources/read', outcome: 'success', asked_digest: expect.any(String) },
    });
    expect((await alone.listPrompts()).prompts).toMatchObject([{ name: 'greet' }]);
    expect((await client.getPrompt({ name: 'fixture.greet' })).messages).toHaveLength(1);
    const nobody = await world.client(NOBODY);
    await expect(nobody.readResource({ uri: 'fixture+note://one' })).rejects.toThrow();
    await expect(client.readResource({ uri: 'nobody+note://one' })).rejects.toThrow(/no server/);
  });
});
