/** A list that is followed: what is there, what comes, what changes, each once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { follow } from '../../cli/follow.ts';
import { newsOf } from '../../cli/news.ts';
import { type CliWorld, CommandEnd, EXIT } from '../../cli/world.ts';

describe('a list that is followed', () => {
  const shown = async (
    json: boolean,
    ...reads: ({ id: string; status: string }[] | 'away' | 'refused')[]
  ) => {
    const lines: string[] = [];
    const left = [...reads];
    const ended = new AbortController();
    await follow(
      { json, out: (line) => void lines.push(line), err: (line) => void lines.push(line) },
      {
        read: async () => {
          const read = left.shift() ?? [];
          if (left.length === 0) ended.abort();
          if (read === 'away') throw new CommandEnd('nothing answers', EXIT.unavailable);
          if (read === 'refused') throw new CommandEnd('no scope');
          return read;
        },
        id: ({ id }) => id,
        line: ({ id, status }) => `${id} ${status}`,
      },
      async () => {},
    )(ended.signal);
    return lines;
  };

  it('shows the oldest first, then what comes and what changes, and nothing twice', async () => {
    const [a, b] = [
      { id: 'a', status: 'open' },
      { id: 'b', status: 'open' },
    ];
    expect(
      await shown(false, [b, a], [b, a], [b, { ...a, status: 'closed' }], [{ id: 'c', status: 'open' }, b]),
    ).toEqual(['a open', 'b open', 'a closed', 'c open']);
  });

  it('is one object a line with --json', async () => {
    expect(await shown(true, [{ id: 'a', status: 'open' }])).toEqual(['{"id":"a","status":"open"}']);
  });

  it('goes on where the service was away for a while, and says so once', async () => {
    const a = { id: 'a', status: 'open' };
    const lines = await shown(false, [a], 'away', 'away', [{ ...a, status: 'closed' }]);
    expect(lines).toEqual(['a open', 'The service does not answer; waiting for it.', 'a closed']);
  });

  it('ends with a refusal, and where the service never was there', async () => {
    await expect(shown(false, [], 'refused', [])).rejects.toThrow('no scope');
    await expect(shown(false, 'away', [])).rejects.toThrow('nothing answers');
  });
});

describe('when it is looked at again', () => {
  /** An older service with a live feed, which says nowhere where that is, and who listens. */
  async function fed() {
    const server = createServer((_, answer) => answer.writeHead(404).end());
    const sockets = new WebSocketServer({ server });
    const listening = Promise.withResolvers<{ socket: WebSocket; asked: string }>();
    sockets.on('connection', (socket, { url = '' }) => {
      socket.send(JSON.stringify({ kind: 'hello', cursor: '1' }));
      listening.resolve({ socket, asked: url });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const cli: Pick<CliWorld, 'url' | 'token' | 'place' | 'err'> = {
      url: `http://127.0.0.1:${port}`,
      token: 'a.b.c',
      place: { kind: 'local' },
      err: () => {},
    };
    const close = () => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    };
    return { cli: cli as CliWorld, listening: listening.promise, close };
  }

  it('is when the feed tells of a record that may have changed it, and once more soon after', async () => {
    const { cli, listening, close } = await fed();
    const ended = new AbortController();
    const next = newsOf(cli, ['override.*', 'violation.*'], []);
    await next(ended.signal);
    const { socket, asked } = await listening;
    expect(asked).toBe('/live?type=override.*&type=violation.*');
    await next(ended.signal);
    // From here on it would be half a minute without the feed.
    const record = { type: 'override.ended', time: '2026-11-29T10:00:00Z', data: {} };
    socket.send(JSON.stringify({ kind: 'record', cursor: '2', id: '1.2', record_hash: '', record }));
    await next(ended.signal);
    ended.abort();
    close();
  });
});
