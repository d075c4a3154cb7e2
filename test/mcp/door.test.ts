/** The door of the MCP server over HTTP: who may come in, and what is no message of the protocol. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type McpWorld, openMcpWorld } from './world.ts';

let world: McpWorld;
beforeAll(async () => {
  world = await openMcpWorld({ reviewed: false });
}, 60_000);
afterAll(() => world.stop());

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const ping = (changes: Record<string, unknown> = {}) => ({
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

async function post(body: unknown, headers: Record<string, string> = {}, path = '/mcp') {
  const token = await world.chancery.token();
  return world.chancery.call('POST', path, { token, body, headers: { ...HEADERS, ...headers } });
}

describe('who comes in', () => {
  it('without a token is told where the metadata of the resource is, and that says whom to ask', async () => {
    const answer = await world.chancery.call('POST', '/mcp', { body: ping(), headers: HEADERS });
    expect(answer.status).toBe(401);
    const challenge = answer.headers.get('www-authenticate') ?? '';
    const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    expect(metadata).toBe(`${world.chancery.runtime.url}/.well-known/oauth-protected-resource/mcp`);
    const described = await world.chancery.call('GET', new URL(metadata).pathname);
    expect(described.body).toMatchObject({
      resource: `${world.chancery.runtime.url}/mcp`,
      authorization_servers: ['urn:chancery:development'],
      scopes_supported: ['decisions:evaluate'],
      bearer_methods_supported: ['header'],
    });
  });

  it('with a bad token is told so', async () => {
    const answer = await world.chancery.call('POST', '/mcp', {
      token: 'x.y.z',
      body: ping(),
      headers: HEADERS,
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('without the scope is told which one is wanted', async () => {
    const token = await world.chancery.token({
      sub: 'eve',
      name: 'Eve',
      roles: [],
      scopes: ['metrics:read'],
    });
    const answer = await world.chancery.call('POST', '/mcp', { token, body: ping(), headers: HEADERS });
    expect(answer.status).toBe(403);
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="decisions:evaluate"');
  });

  it('from a page of an unknown origin is turned away', async () => {
    const answer = await post(ping(), { origin: 'https://evil.example' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'ORIGIN_REFUSED' } });
    expect((await post(ping(), { origin: 'http://localhost' })).status).toBe(200);
  });

  it.each(['GET', 'DELETE'])('with %s is told that there are no sessions', async (method) => {
    const token = await world.chancery.token();
    const answer = await world.chancery.call(method, '/mcp', { token });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });
});

describe('what is no message of the protocol', () => {
  it.each([
    [
      'a version that does not exist',
      ping({ params: { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } } }),
      { 'mcp-protocol-version': '2099-01-01' },
      -32022,
    ],
    ['a method in the header that is not the body’s', ping(), { 'mcp-method': 'tools/call' }, -32020],
    [
      'a version in the header that is not the body’s',
      ping(),
      { 'mcp-protocol-version': '2025-11-25' },
      -32020,
    ],
    [
      'a name in the header that is not the body’s',
      ping({ method: 'tools/call', params: { name: 'fixture.echo', arguments: {}, _meta: ENVELOPE } }),
      { 'mcp-method': 'tools/call', 'mcp-name': 'fixture.replace' },
      -32020,
    ],
    ['a method that nobody knows', ping({ method: 'tools/steal' }), { 'mcp-method': 'tools/steal' }, -32601],
  ])('is an error of the protocol, and nothing is called: %s', async (_what, body, headers, code) => {
    const before = world.calls().length;
    const answer = await post(body, headers);
    expect(answer.body).toMatchObject({ error: { code } });
    expect(world.calls()).toHaveLength(before);
  });

  it.each([
    ['a batch', [ping(), ping({ id: 2 })]],
    ['no JSON-RPC', { hello: 'world' }],
    ['a text', 'tools/list'],
  ])('is refused: %s', async (_what, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
  });

  it('is refused as a medium that is no JSON', async () => {
    const token = await world.chancery.token();
    const raw = JSON.stringify(ping());
    const headers = { ...HEADERS, 'content-type': 'text/plain' };
    expect((await world.chancery.call('POST', '/mcp', { token, raw, headers })).status).toBe(415);
  });

  it('is not found for a server that the charter does not list', async () => {
    expect(await post(ping(), {}, '/mcp/nobody')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});
