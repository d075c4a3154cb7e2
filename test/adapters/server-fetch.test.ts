import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { serverFetch } from '../../adapters/mcp/server-fetch.ts';

it('asks twice over one connection, and closes it itself where the server would keep it', async () => {
  const connections: Socket[] = [];
  const server = createServer((_, response) => response.end('{}'));
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it listens on a port');
    const ask = serverFetch(100, () => undefined);
    const answer = async () => (await ask(`http://127.0.0.1:${address.port}/`)).text();
    expect([await answer(), await answer()]).toEqual(['{}', '{}']);
    expect(connections).toHaveLength(1);
    for (const socket of connections) if (!socket.closed) await once(socket, 'close');
    expect(connections.every(({ closed }) => closed)).toBe(true);
  } finally {
    server.close();
  }
}, 30_000);
