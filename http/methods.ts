/** What may be asked of a path: 405 with `Allow`, `OPTIONS`, and the pages of other origins that may ask (Fetch, "CORS protocol"). */
import type { Context, MiddlewareHandler } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { SENT_HEADERS, SHOWN_HEADERS } from '../src/catalogue/headers.ts';
import { problem } from './problem.ts';
import type { Env, RouteSpec } from './routes.ts';

/** A browser asks again after this. */
const PREFLIGHT_SECONDS = 600;

export interface Methods {
  /** Answers `OPTIONS`, and what no route takes. */
  readonly handler: MiddlewareHandler<Env>;
  /** Called for each route. */
  add(route: Known): void;
}

/** A route of the API, as far as a preflight asks. */
export type Known = Pick<RouteSpec, 'method' | 'path'>;

/** @param origins of pages that may call, as a browser writes them; nobody else's page may read an answer */
export function openMethods(origins: ReadonlySet<string>): Methods {
  const known = new TrieRouter<string>();

  function taken(path: string): string[] {
    const methods = new Set(known.match('ALL', path)[0].map(([method]) => method));
    return [...methods, ...(methods.has('GET') ? ['HEAD'] : [])];
  }

  /** What lets a page read the answer. Cookies are no part of this API: no credentials. */
  function sharedWith(origin: string | undefined): Readonly<Record<string, string>> {
    if (origin === undefined || !origins.has(origin)) return NOBODY;
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': SHOWN_HEADERS };
  }

  function permit({ res: { headers } }: Context<Env>, methods: readonly string[]): void {
    headers.set('access-control-allow-methods', methods.join(', '));
    headers.set('access-control-allow-headers', SENT_HEADERS);
    headers.set('access-control-max-age', String(PREFLIGHT_SECONDS));
  }

  return {
    add({ method, path }) {
      known.add('ALL', path, method.toUpperCase());
    },
    async handler(c, next) {
      const { method, path } = c.req;
      const preflight = method === 'OPTIONS';
      const shared = sharedWith(c.req.header('origin'));
      c.set('shared', shared);
      if (!preflight) await next();
      // What a route answered stands; only what none took is looked up.
      const methods = preflight || c.get('route') === 'unmatched' ? taken(path) : [];
      const allow = [...methods, 'OPTIONS'].join(', ');
      if (preflight && methods.length > 0) c.res = c.body(null, 204, { allow });
      else if (preflight) await next();
      else if (methods.length > 0) {
        // Hono would keep headers of the 404 that stood here, its length among them.
        c.res = undefined;
        c.res = problem(c, 'METHOD_NOT_ALLOWED', `${path} takes ${allow}.`, { headers: { allow } });
      }
      const asks = preflight && c.req.header('access-control-request-method') !== undefined;
      if (asks && shared !== NOBODY) permit(c, methods);
    },
  };
}

const NOBODY = {};
