/**
 * The console: one page and the files that it loads. They hold nothing that is not public, so they are served to everybody; what they show
 * they ask of the API, under the token of whoever sits before them.
 */
import type { SignIn } from '../../src/identity/settings.ts';
import { problem } from '../problem.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface ConsoleDeps {
  /** Bytes by name; `index.html` is the page, all others bear a digest of their content in their name. */
  readonly files: () => Promise<ReadonlyMap<string, Uint8Array>>;
  /** Issuers at which people may sign in. */
  readonly signIns: readonly SignIn[];
  /** Where the live feed is, where something else than this server holds its connections. */
  readonly live?: string;
}

const PAGE = 'index.html';
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export function consoleRoutes({ files, signIns, live }: ConsoleDeps): RouteFamily {
  const about = { method: 'get', scope: null, tag: 'console' } as const;

  async function send(c: Ctx, name: string): Promise<Response> {
    const bytes = (await files()).get(name);
    if (bytes === undefined) return problem(c, 'NOT_FOUND', 'The console has no such file; reload /console.');
    return c.body(Uint8Array.from(bytes), 200, {
      'content-type': TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      'content-length': String(bytes.length),
      'cache-control': name === PAGE ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': contentPolicy(signIns, live),
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  }

  return (mount) => {
    mount(
      {
        ...about,
        path: '/console',
        summary: 'The console: a page for people, which asks this API under the token of whoever opens it',
        produces: ['text/html'],
        responses: { 200: { description: 'The page' } },
      },
      (c) => send(c, PAGE),
    );
    mount(
      {
        ...about,
        path: '/console/sign-in',
        summary: 'Where the console lets people sign in, if not by a token that they bring',
        responses: { 200: { description: '`issuers`, each with the client that the console is there' } },
      },
      (c) => c.json({ issuers: signIns }),
    );
    mount(
      {
        ...about,
        path: '/console/:file',
        summary: 'What the page of the console loads',
        produces: ['text/javascript', 'text/css', 'image/svg+xml', 'text/html'],
        responses: { 200: { description: 'The file; it never changes under this name' } },
      },
      (c) => send(c, c.req.param('file') ?? ''),
    );
  };
}

/**
 * Scripts, styles and requests of this server alone; codes of a sign-in are redeemed at the issuers that are configured, and the
 * live feed may be at a gateway of its own.
 */
function contentPolicy(signIns: readonly SignIn[], live: string | undefined): string {
  const issuers = signIns.flatMap(({ issuer, tokenEndpoint }) => [
    new URL(issuer).origin,
    ...(tokenEndpoint === undefined ? [] : [new URL(tokenEndpoint).origin]),
  ]);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...new Set(issuers), ...(live === undefined ? [] : [new URL(live).origin])].join(
      ' ',
    ),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
