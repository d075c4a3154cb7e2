/** The live feed of a real runtime, as a client sees it. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { followFeed } from '../../cli/live-feed.ts';
import { CLOSE } from '../../src/watch/live/messages.ts';
import { freePort } from '../support/free-port.ts';
import { type Answered, governed, startTestRuntime, type TestRuntime } from './support.ts';

interface Message {
  readonly kind: string;
  readonly cursor: string;
  readonly id: string;
  readonly record: Answered['body'];
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: readonly Message[];
  /** The next message that fits, also one that came before. */
  until(fits: (message: Message) => boolean): Promise<Message>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

interface Options {
  readonly token?: string;
  readonly protocols?: readonly string[];
  readonly origin?: string;
}

/** A connection, or the answer that refused it. */
function listen(url: string, path: string, options: Options = {}): Promise<Client | Answered> {
  const { token, protocols = [], origin } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, [...protocols], {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(origin === undefined ? {} : { origin }),
  });
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()));
    for (const look of waiting) look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  const until: Client['until'] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = messages.find(fits);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void closed.then(({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)));
      look();
    });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket, messages, until, closed }));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const headers = new Headers(response.headers as Record<string, string>);
        resolve({ status: response.statusCode ?? 0, headers, text, body: JSON.parse(text) });
      });
    });
  });
}

async function open(url: string, path: string, options: Options): Promise<Client> {
  const client = await listen(url, path, options);
  if ('status' in client) throw new Error(`refused: ${client.status} ${client.text}`);
  await client.until(({ kind }) => kind === 'hello');
  return client;
}

const isRecord = (message: Message): boolean => message.kind === 'record';
const ofType = (type: string) => (message: Message) => message.record?.type === type;

let chancery: TestRuntime;
let token: string;
const url = (): string => chancery.runtime.url;

beforeAll(async () => {
  chancery = await startTestRuntime();
  token = await chancery.token({ roles: ['operator', 'auditor'] });
});
afterAll(() => chancery.stop());

/** Records of a connection, in the order of the lane, once it is on record that it ended. */
async function recordsOf(connection_id: string): Promise<readonly Answered['body'][]> {
  for (;;) {
    const { body } = await chancery.call('GET', '/ledger/entries?type=ws.*&limit=200', { token });
    const own = body.entries
      .map((entry: Answered['body']) => entry.record)
      .filter((record: Answered['body']) => record.meta.connection_id === connection_id)
      .toSorted((one: Answered['body'], other: Answered['body']) => one.seq - other.seq);
    if (own.some(({ type }: { type: string }) => type === 'ws.disconnect')) return own;
  }
}

describe('records', () => {
  it('come as they are appended, each as the ledger shows it', async () => {
    const client = await open(url(), '/live?type=decision.made&type=workflow.*', { token });
    const { body } = await chancery.execute(governed());
    const made = await client.until(ofType('decision.made'));
    await client.until(ofType('workflow.succeeded'));
    expect(made.record.data.decision_id).toBe(body.decision_id);
    const { kind, cursor, ...entry } = made;
    const shown = await chancery.call('GET', `/ledger/entries/${made.id}`, { token });
    expect(entry).toEqual(shown.body);
    expect(entry.record.personal.box).toEqual(expect.any(String));
    expect(client.messages.filter(isRecord).map(({ record }) => record.type)).toEqual([
      'decision.made',
      'workflow.succeeded',
    ]);
    client.socket.close();
  });

  it('are of one subject where one is asked for, by name or by pseudonym', async () => {
    const other = await chancery.token({ sub: 'mary', roles: ['operator'] });
    const byName = await open(url(), '/live?type=admin.access&subject=mary', { token });
    await chancery.call('GET', '/ledger/entries?limit=1', { token });
    await chancery.call('GET', '/ledger/entries?limit=1', { token: await chancery.token() });
    await chancery.call('GET', '/ledger/report', { token: other });
    const first = await chancery.call('GET', '/ledger/entries?limit=1&subject=mary', { token });
    const [{ record }] = first.body.entries;
    const byPseudonym = await open(url(), `/live?subject=${record.subject}`, { token });
    const auditor = await chancery.token({ sub: 'mary', roles: ['auditor'] });
    await chancery.call('GET', '/ledger/entries?limit=1', { token: auditor });
    for (const client of [byName, byPseudonym]) {
      await client.until(ofType('admin.access'));
      const subjects = client.messages.filter(isRecord).map((message) => message.record.subject);
      expect(new Set(subjects)).toEqual(new Set([record.subject]));
      client.socket.close();
    }
  });

  it('leave out what feeds are recorded as, unless it is asked for', async () => {
    const all = await open(url(), '/live', { token });
    const feeds = await open(url(), '/live?type=ws.connect', { token });
    const third = await open(url(), '/live', { token });
    await feeds.until(ofType('ws.connect'));
    await chancery.execute(governed());
    await all.until(ofType('workflow.succeeded'));
    expect(all.messages.some(({ record }) => record?.type.startsWith('ws.'))).toBe(false);
    for (const client of [all, feeds, third]) client.socket.close();
  });

  it('are missed by nobody who comes back with a cursor, and come once, over a restart as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chancery-live-'));
    let runtime = await startTestRuntime({ dataFolder: folder });
    const auditor = await runtime.token({ roles: ['operator', 'auditor'] });
    const client = await open(runtime.runtime.url, '/live', { token: auditor });
    // A command that follows comes back by itself.
    const followed: string[] = [];
    const stop = new AbortController();
    const listening = Promise.withResolvers<void>();
    const following = followFeed(
      {
        reach: async () => ({ url: runtime.runtime.url, token: auditor }),
        query: new URLSearchParams({ type: 'workflow.succeeded' }),
        listening: async () => listening.resolve(),
        told: ({ id }) => {
          followed.push(id);
          if (followed.length === 4) stop.abort();
        },
        waiting: () => {},
      },
      stop.signal,
    );
    await listening.promise;
    await runtime.execute(governed());
    const last = await client.until(ofType('workflow.succeeded'));
    client.socket.terminate();
    await runtime.execute(governed());
    await runtime.stop();
    runtime = await startTestRuntime({ dataFolder: folder });
    await runtime.execute(governed());
    const after = await open(runtime.runtime.url, `/live?cursor=${last.cursor}`, { token: auditor });
    await runtime.execute(governed());
    const missed = () => after.messages.filter(ofType('workflow.succeeded'));
    await after.until(() => missed().length === 3);
    const ids = after.messages.filter(isRecord).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(last.id);
    const { body } = await runtime.call('GET', '/ledger/entries?order=oldest&limit=500', { token: auditor });
    const due = body.entries
      .filter(({ record }: Answered['body']) => !record.type.startsWith('ws.'))
      .map(({ id }: { id: string }) => id);
    expect(ids).toEqual(due.slice(due.indexOf(last.id) + 1, due.indexOf(last.id) + 1 + ids.length));
    expect(await following).toBe(true);
    expect(followed).toEqual([last, ...missed()].map(({ id }) => id));
    await runtime.stop();
    expect((await after.closed).code).toBe(CLOSE.going_away);
    await rm(folder, { recursive: true });
  });
});

/** An API without a feed of its own, as on AWS, and what it says of where that is. */
async function apart(live: unknown): Promise<{ readonly url: string; stop(): void }> {
  const api = createServer((asked, answer) => {
    if (asked.url === '/.well-known/chancery') answer.end(JSON.stringify({ live }));
    else answer.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  return {
    url: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    stop: () => void api.close().closeAllConnections(),
  };
}

const followed = (at: string, told: string[], ended: AbortSignal, listening = () => {}) =>
  followFeed(
    {
      reach: async () => ({ url: at, token }),
      query: new URLSearchParams({ type: 'workflow.succeeded' }),
      listening: async () => listening(),
      told: ({ id }) => void told.push(id),
      waiting: () => {},
    },
    ended,
  );

describe('a feed that something else than the API holds', () => {
  it('is found by what the API says, and followed over an end that nobody tells of', async () => {
    const [stop, told] = [new AbortController(), [] as string[]];
    const queries: string[] = [];
    // Greets the first with a heartbeat of 0.1 s and falls silent; leads the others to the runtime.
    const gateway = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    gateway.on('connection', (near, { url: path = '', headers }) => {
      queries.push(path);
      if (queries.length === 1) return near.send(JSON.stringify({ kind: 'hello', heartbeat_seconds: 0.1 }));
      const far = new WebSocket(`${url().replace('http', 'ws')}${path}`, {
        headers: { authorization: String(headers.authorization) },
      });
      // At least once: a gateway may say each thing again.
      far.on('message', (data) => [data, data].forEach((each) => void near.send(each.toString())));
      near.on('close', () => far.terminate());
    });
    await once(gateway, 'listening');
    const api = await apart(`ws://127.0.0.1:${(gateway.address() as AddressInfo).port}/live`);
    const listening = Promise.withResolvers<void>();
    const following = followed(api.url, told, stop.signal, listening.resolve);
    await expect.poll(() => queries.length).toBe(2);
    await listening.promise;
    const { body } = await chancery.execute(governed());
    const end = body.outcome_receipt.id;
    await expect.poll(() => told).toEqual([end]);
    await chancery.execute(governed());
    await expect.poll(() => told.length).toBe(2);
    stop.abort();
    expect(await following).toBe(true);
    api.stop();
    gateway.close();
  });

  it('is left aside where it cannot be reached, and no token goes where the API does not mean', async () => {
    const ended = new AbortController().signal;
    const nobody = await apart(`ws://127.0.0.1:${await freePort()}/live`);
    expect(await followed(nobody.url, [], ended)).toBe(false);
    const strange = await apart('ftp://example.org/live');
    await expect(followed(strange.url, [], ended)).rejects.toThrow('a token must not go there');
    for (const api of [nobody, strange]) api.stop();
  });
});

describe('a handshake', () => {
  it('takes the token as a subprotocol, and never gives it back', async () => {
    for (const [protocols, agreed] of [
      [['chancery.live', `bearer.${token}`], 'chancery.live'],
      [[`bearer.${token}`, 'chancery.live'], 'chancery.live'],
      [['bearer', token], 'bearer'],
    ] as const) {
      const client = await open(url(), '/live', { protocols: [...protocols] });
      expect(client.socket.protocol).toBe(agreed);
      client.socket.close();
    }
  });

  it.each([
    ['without a token', '/live', {}, 401, 'AUTH_REQUIRED'],
    ['with a token in the address', '/live?access_token=TOKEN', {}, 401, 'AUTH_REQUIRED'],
    ['with a token that is none', '/live', { token: 'x.y.z' }, 401, 'INVALID_TOKEN'],
    [
      'with two tokens, of which the header is bad',
      '/live',
      { token: 'x', protocols: ['bearer', 'TOKEN'] },
      401,
      'INVALID_TOKEN',
    ],
    [
      'from a page elsewhere',
      '/live',
      { token: 'TOKEN', origin: 'https://elsewhere.example' },
      403,
      'ORIGIN_REFUSED',
    ],
    ['from a page without an origin', '/live', { token: 'TOKEN', origin: 'null' }, 403, 'ORIGIN_REFUSED'],
    ['with a parameter that is not known', '/live?types=ws.*', { token: 'TOKEN' }, 400, 'VALIDATION_ERROR'],
    [
      'with a type in another spelling',
      '/live?type=Decision.made',
      { token: 'TOKEN' },
      400,
      'VALIDATION_ERROR',
    ],
    ['with a type that is no type', '/live?type=decision', { token: 'TOKEN' }, 400, 'VALIDATION_ERROR'],
    ['with two subjects', '/live?subject=jake&subject=mary', { token: 'TOKEN' }, 400, 'VALIDATION_ERROR'],
    ['with a blank cursor', '/live?cursor=', { token: 'TOKEN' }, 400, 'VALIDATION_ERROR'],
    [
      'with a cursor of another ledger',
      '/live?cursor=00000000.1.1-3',
      { token: 'TOKEN' },
      400,
      'VALIDATION_ERROR',
    ],
    [
      'with a token that no subprotocol goes beside',
      '/live',
      { protocols: ['bearer.TOKEN'] },
      426,
      'UPGRADE_REQUIRED',
    ],
    ['at another path', '/alive', { token: 'TOKEN' }, 404, 'NOT_FOUND'],
  ] as const)('%s is refused', async (_, path, options: Options, status, code) => {
    const filled = (text: string): string => text.replace('TOKEN', token);
    const answer = await listen(url(), filled(path), {
      ...options,
      ...(options.token === undefined ? {} : { token: filled(options.token) }),
      protocols: (options.protocols ?? []).map(filled),
    });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('is refused with a cursor that is ahead of the ledger', async () => {
    const client = await open(url(), '/live', { token });
    const { cursor } = await client.until(({ kind }) => kind === 'hello');
    client.socket.close();
    for (const ahead of [cursor.replace(/[0-9a-z]+$/, 'zzzz'), cursor.replace(/\.1\./, '.2.')]) {
      const answer = await listen(url(), `/live?cursor=${ahead}`, { token });
      expect(answer).toMatchObject({ status: 400, body: { reasons: [{ code: 'invalid_cursor' }] } });
    }
  });

  it('needs the scope that reads the ledger, and its refusal is on record', async () => {
    const caller = await chancery.token({ sub: 'cora', roles: [], scopes: ['metrics:read'] });
    expect(await listen(url(), '/live', { token: caller })).toMatchObject({
      status: 403,
      body: { code: 'INSUFFICIENT_SCOPE' },
    });
    const { body } = await chancery.call('GET', '/ledger/entries?type=auth.scope_denied&subject=cora', {
      token,
    });
    expect(body.entries[0].record.data).toMatchObject({ route: '/live', scope: 'ledger:read' });
  });

  it('is a plain request where no upgrade is asked for, and another upgrade is passed over', async () => {
    expect(await chancery.call('GET', '/live', { token })).toMatchObject({
      status: 426,
      body: { code: 'UPGRADE_REQUIRED' },
    });
    const status = await new Promise((resolve, reject) => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      const asked = request(`${url()}/health/live`, { headers }, (answer) => resolve(answer.statusCode));
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
  });
});

describe('a connection', () => {
  it.each([
    [
      'something binary',
      (socket: WebSocket) => socket.send(Buffer.from('{"kind":"ping"}'), { binary: true }),
      CLOSE.binary,
      'binary',
    ],
    ['no JSON', (socket: WebSocket) => socket.send('{'), CLOSE.malformed, 'malformed'],
    [
      'a message of another kind',
      (socket: WebSocket) => socket.send('{"kind":"subscribe"}'),
      CLOSE.policy,
      'policy',
    ],
    ['a message that is no object', (socket: WebSocket) => socket.send('null'), CLOSE.policy, 'policy'],
    ['a huge message', (socket: WebSocket) => socket.send('x'.repeat(2_000)), CLOSE.too_large, 'too_large'],
    [
      'a message without an end',
      (socket: WebSocket) => {
        for (let at = 0; at < 20; at += 1) socket.send('x'.repeat(100), { fin: false });
      },
      CLOSE.too_large,
      'too_large',
    ],
    [
      'a flood',
      (socket: WebSocket) => {
        for (let at = 0; at < 60; at += 1) socket.send('{"kind":"ping"}');
      },
      CLOSE.policy,
      'policy',
    ],
    [
      'a flood of pings',
      (socket: WebSocket) => {
        for (let at = 0; at < 60; at += 1) socket.ping();
      },
      CLOSE.policy,
      'policy',
    ],
  ] as const)(
    'that sends %s is closed, and that is recorded and counted',
    async (_, send, code, error_type) => {
      const client = await open(url(), '/live?type=ws.*', { token });
      const hello = await client.until(({ kind }) => kind === 'hello');
      send(client.socket);
      expect((await client.closed).code).toBe(code);
      const { connection_id } = hello as unknown as { connection_id: string };
      const records = await recordsOf(connection_id);
      expect(records.map(({ type }) => type)).toEqual(['ws.connect', 'ws.error', 'ws.disconnect']);
      expect(records[1].data).toEqual({ error_type });
    },
  );

  it('with a frame that the protocol does not know is closed (1002)', async () => {
    const client = await open(url(), '/live?type=ws.*', { token });
    // biome-ignore lint/suspicious/noExplicitAny: a client of the library sends no such frame.
    (client.socket as any)._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    expect((await client.closed).code).toBe(1002);
  });

  it('answers a ping, and says on record how many records it was sent', async () => {
    const client = await open(url(), '/live?type=decision.made', { token });
    const hello = await client.until(({ kind }) => kind === 'hello');
    await chancery.execute(governed());
    const made = await client.until(isRecord);
    client.socket.send('{"kind":"ping"}');
    const beat = await client.until(({ kind }) => kind === 'heartbeat');
    expect(beat.cursor).toMatch(/^[0-9a-f]{8}\./);
    client.socket.close();
    const { connection_id } = hello as unknown as { connection_id: string };
    const records = await recordsOf(connection_id);
    expect(records.map(({ type }) => type)).toEqual(['ws.connect', 'ws.message_sent', 'ws.disconnect']);
    expect(records[1].data).toMatchObject({ records: 1, first: made.id, last: made.id });
    expect(records[2].data).toMatchObject({ reason: 'client', received: 1, sent: 3 });
  });

  it('ends when its token does', async () => {
    const short = await chancery.token({ roles: ['auditor'], ttlSeconds: 2 });
    const client = await open(url(), '/live', { token: short });
    expect((await client.closed).code).toBe(CLOSE.token_over);
  });

  it('ends when its principal is revoked, and opens no more', async () => {
    const revoked = await chancery.token({ sub: 'bea', roles: ['auditor'] });
    const client = await open(url(), '/live', { token: revoked });
    const admin = await chancery.token({ sub: 'ada', roles: ['admin'] });
    const order = { subject: 'bea', reason: 'security_incident' };
    expect((await chancery.call('POST', '/revocations', { token: admin, body: order })).status).toBeLessThan(
      300,
    );
    expect((await client.closed).code).toBe(CLOSE.not_allowed);
    expect(await listen(url(), '/live', { token: revoked })).toMatchObject({
      status: 403,
      body: { code: 'SANCTIONED' },
    });
  });

  it('that goes without a word leaves nothing behind', async () => {
    const client = await open(url(), '/live', { token });
    const hello = await client.until(({ kind }) => kind === 'hello');
    client.socket.terminate();
    const { connection_id } = hello as unknown as { connection_id: string };
    expect((await recordsOf(connection_id)).at(-1).data).toMatchObject({ reason: 'lost' });
  });

  it('half opened is given up with its socket', async () => {
    const { port } = new URL(url());
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    socket.destroy();
    expect((await chancery.call('GET', '/health/live')).status).toBe(200);
  });
});
