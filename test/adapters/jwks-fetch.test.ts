import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchJwksOverHttp } from '../../adapters/jwks-fetch.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function served(answer: RequestListener): Promise<string> {
  const opened = createServer(answer);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(opened.address() as AddressInfo).port}/keys`;
}

describe('the keys of an issuer over HTTP', () => {
  it('are what it answers with', async () => {
    const uri = await served((_, response) => response.end('{"keys":[]}'));
    expect(await fetchJwksOverHttp(uri)).toEqual({ keys: [] });
  });

  it('are asked for over TLS where the address says https', async () => {
    const hello = Promise.withResolvers<Buffer>();
    const listening = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        hello.resolve(bytes);
        socket.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    await expect(fetchJwksOverHttp(`https://127.0.0.1:${port}/keys`)).rejects.toThrow();
    // A handshake (RFC 8446, 5.1).
    expect((await hello.promise)[0]).toBe(22);
    listening.close();
  });

  it.each<[string, RequestListener]>([
    ['an error', (_, response) => response.writeHead(500).end('{}')],
    ['another success', (_, response) => response.writeHead(204).end()],
    [
      'a redirect, even to itself',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
    ],
    ['no JSON', (_, response) => response.end('<html>')],
    ['more than 256 KB', (_, response) => response.end(`{"keys":[${' '.repeat(300_000)}]}`)],
    [
      'a broken answer',
      (_, response) =>
        response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
    ],
  ])('are not taken from %s', async (_, answer) => {
    await expect(fetchJwksOverHttp(await served(answer))).rejects.toThrow();
  });

  it.each([
    'http://issuer.example.org/keys',
    'http://127.0.0.1.example.org/keys',
    'file:///etc/passwd',
    'keys',
  ])('are not asked for at %s', async (uri) => {
    await expect(fetchJwksOverHttp(uri)).rejects.toThrow(/https|URL/);
  });
});
