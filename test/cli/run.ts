/** The command line in this process: what it prints, what it exits with, and what reached the API. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { main } from '../../cli/main.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Variables that are not given are none of the person's who runs the tests. */
export async function run(line: string | readonly string[], env: Record<string, string>): Promise<Ran> {
  const said = { out: '', err: '' };
  const write = (to: 'out' | 'err') => (text: unknown) => {
    said[to] += String(text);
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(write('out'));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(write('err'));
  const cleared = { CHANCERY_TOKEN: '', CHANCERY_URL: '', FORCE_COLOR: '', NO_COLOR: '' };
  for (const [name, value] of Object.entries({ ...cleared, ...env })) vi.stubEnv(name, value);
  try {
    const code = await main(typeof line === 'string' ? line.split(' ') : line);
    return { code, ...said };
  } finally {
    vi.unstubAllEnvs();
    out.mockRestore();
    err.mockRestore();
  }
}

export interface StandIn {
  readonly url: string;
  /** `GET /slos` and the token that came with it, in order. */
  readonly reached: { readonly what: string; readonly token: string }[];
  close(): Promise<void>;
}

/** A server that answers with what is given for a path, and remembers who came. */
export async function standIn(
  answers: (request: IncomingMessage) => { readonly status?: number; readonly body: unknown },
): Promise<StandIn> {
  const reached: { what: string; token: string }[] = [];
  const server = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    reached.push({ what: `${request.method} ${request.url}`, token });
    const { status = 200, body } = answers(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reached,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
