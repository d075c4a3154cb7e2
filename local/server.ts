/** The HTTP server of one machine: on loopback only, unless a container's port is to be reached from outside. */
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import type { App } from '../http/app.ts';
import type { Ctx } from '../http/routes.ts';
import { acceptWebSockets, isWebSocket, type LiveDeps } from './live.ts';
import { SettingsError } from './settings-error.ts';

/** How long a stop waits for requests that still run. */
const STOP_MS = 30_000;
/** How often a stop looks for connections on which nothing runs any more. */
const IDLE_MS = 50;
/**
 * How long a connection may rest. Longer than clients keep theirs: one that both ends give up at the same moment takes
 * a request with it.
 */
const REST_MS = 75_000;

export interface LocalServer {
  readonly url: string;
  /** Requests that run may finish; a client that keeps a connection open for nothing is not waited for. */
  close(): Promise<void>;
}

/** `host` is an address to listen at, `0.0.0.0` every one of IPv4; `port` 0 takes any free one. Throws SettingsError when the port is taken or may not be had. */
export async function listen(
  app: Pick<App, 'hono'>,
  { host, port }: { readonly host: string; readonly port: number },
  said: Omit<LiveDeps, 'app'>,
): Promise<LocalServer> {
  const server = serve({
    fetch: app.hono.fetch,
    port,
    hostname: host,
    serverOptions: { keepAliveTimeout: REST_MS, shouldUpgradeCallback: isWebSocket },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, host, port)));
  });
  if (server instanceof Server) acceptWebSockets(server, { ...said, app });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${EVERY.has(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async close() {
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      // One that was busy is idle when its answer is out, and its client may keep it: it is not waited for.
      const idle = setInterval(() => {
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      }, IDLE_MS);
      const late = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      }, STOP_MS);
      await done;
      clearTimeout(late);
      clearInterval(idle);
    },
  };
}

/** Addresses that stand for all of the machine's: the machine itself reaches them by loopback. */
const EVERY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new SettingsError(`This machine has no address ${host}: set CHANCERY_HOST to one that it has.`);
  const why = { EADDRINUSE: 'is in use', EACCES: 'may not be opened by this user' }[error.code ?? ''];
  if (why === undefined) return error;
  return new SettingsError(
    `Port ${port} on ${host} ${why}: set PORT to another (0 takes any free one), or stop what listens there.`,
  );
}

/** The peer as the socket sees it: nothing stands in front of the local runtime. */
export function addressOf(c: Ctx): string | undefined {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return bindings?.incoming?.socket.remoteAddress;
}
