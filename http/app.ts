/**
 * The one HTTP application, mounted on Lambda and on the local server alike. It gives every request a trace
 * id, sends it through the door, counts it, and turns coded errors into problem documents.
 */
import type { Context } from 'hono';
import { HonoBase } from 'hono/hono-base';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { mediaQuality } from '../src/basics/accept.ts';
import type { ResponseClass } from '../src/catalogue/values.ts';
import { ChanceryError } from '../src/errors.ts';
import type { Clock, Ids, Log, Meter, Random, Tracer } from '../src/ports.ts';
import type { Principal } from '../src/terms.ts';
import type { Door } from './door.ts';
import { addCommonHeaders } from './headers.ts';
import { json } from './json.ts';
import { type Known, openMethods } from './methods.ts';
import { PlainPaths } from './plain-paths.ts';
import { problem, problemOf } from './problem.ts';
import type { Ctx, Env, RouteFamily, RouteSpec } from './routes.ts';
import { callerSpanOf, traceIdOf } from './trace.ts';

export interface AppDeps {
  readonly door: Door;
  readonly families: readonly RouteFamily[];
  /** Routes that other processes answer, for whose preflights this one does. */
  readonly elsewhere?: readonly Known[];
  readonly meter: Meter;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ids: Ids;
  readonly random: Random;
  readonly clock: Clock;
  /** Where this service is reached, without a slash at its end: as configured, never as a caller addressed it. */
  readonly url: (c: Ctx) => string;
  /** Origins of pages that may call. */
  readonly origins: ReadonlySet<string>;
  /** The caller's address as the server sees it; behind API Gateway from the request context. */
  readonly address: (c: Ctx) => string | undefined;
}

export interface App {
  readonly hono: HonoBase<Env>;
  /** Every mounted route, for OpenAPI and for the tests that walk them all. */
  readonly routes: readonly RouteSpec[];
}

export function buildApp(deps: AppDeps): App {
  const hono = new HonoBase<Env>({ router: new PlainPaths() });
  const routes: RouteSpec[] = [];
  let inFlight = 0;
  /** First words of the paths that take nobody's name. */
  const nameless = new Set<string>();

  /** Also of a path that only resembles one: who mistypes the way to a report is not to be known by it. */
  function mayBeNameless(path: string): boolean {
    const read = unescaped(path).toLowerCase();
    return [...nameless].some((word) => read.includes(word));
  }

  /** What the caller says and shows of itself; of who stays unnamed nothing, and a trace that is nobody's. */
  function introduce(c: Ctx, unnamed: boolean): void {
    const fresh = (): string => hex(deps.random(16));
    c.set('trace', unnamed ? fresh() : traceIdOf({ get: (name) => c.req.header(name) }, fresh));
    const userAgent = unnamed ? undefined : c.req.header('user-agent');
    const ip = unnamed ? undefined : deps.address(c);
    c.set('seen', { ...(ip ? { ip } : {}), ...(userAgent ? { user_agent: userAgent.slice(0, 256) } : {}) });
  }

  const methods = openMethods(deps.origins);
  for (const route of deps.elsewhere ?? []) methods.add(route);

  hono.use('*', async (c, next) => {
    const began = performance.now();
    introduce(c, mayBeNameless(c.req.path));
    c.set('requestId', deps.ids('req'));
    c.set('base', deps.url(c));
    c.set('route', 'unmatched');
    c.set('scope', null);
    c.set('resource', {});
    c.set('governed', false);
    c.set('context', {});
    c.json = ((value: unknown, status?: ContentfulStatusCode, headers?: Record<string, string>) =>
      json(c, value, status, headers)) as Context<Env>['json'];
    deps.meter.set('http_requests_in_flight', {}, ++inFlight);
    try {
      await methods.handler(c, next);
    } finally {
      deps.meter.set('http_requests_in_flight', {}, --inFlight);
      finish(deps, c, (performance.now() - began) / 1000);
    }
  });

  for (const family of deps.families) {
    family((spec, handler) => {
      routes.push(spec);
      methods.add(spec);
      if (spec.anonymous === true) nameless.add(spec.path.split('/')[1] ?? '');
      hono.on(spec.method.toUpperCase(), spec.path, async (c) => {
        const { scope } = spec;
        c.set('route', spec.path);
        c.set('scope', scope);
        if (spec.resource !== undefined)
          c.set('resource', { metadata: `${c.get('base')}${filled(spec.resource, c.req.param())}` });
        if (spec.anonymous === true) return sized(c, await deps.tracer.untraced(async () => handler(c)));
        if (mayBeNameless(c.req.path)) introduce(c, false);
        const named = c.req.header('x-request-id');
        if (spec.echoesRequestId && named) c.set('echoedId', named);
        const caller = callerSpanOf({ get: (name) => c.req.header(name) }, c.get('trace'));
        return deps.tracer.span(
          `${c.req.method} ${spec.path}`,
          requestSpan(c, spec, caller),
          async (note) => {
            const answer = await answered(c, async () => {
              if (scope !== null) {
                const admitted = await deps.tracer.span('authenticate', { scope }, () =>
                  deps.door.admit(c, { ...spec, scope }),
                );
                c.set('principal', admitted);
              }
              accepted(c, spec);
              return sized(c, await handler(c));
            });
            const { status } = answer;
            note({
              'http.response.status_code': status,
              ...(status < 500 ? {} : { 'error.type': String(status) }),
            });
            return answer;
          },
        );
      });
    });
  }

  hono.notFound((c) =>
    problem(c, 'NOT_FOUND', 'There is nothing at this path; GET /openapi.json lists the routes.'),
  );

  hono.onError((error, c) => {
    if (error instanceof ChanceryError) {
      if (error.status >= 500) {
        const cause = error.cause instanceof Error ? error.cause.message : undefined;
        deps.log.write('error', 'http', error.message, {
          trace_id: c.get('trace'),
          request_id: c.get('requestId'),
          code: error.code,
          ...(cause ? { cause } : {}),
        });
        deps.meter.count('errors_total', { error_type: error.code, severity: 'error', component: 'http' });
      }
      return problemOf(c, error);
    }
    deps.log.write('error', 'http', 'unexpected exception', {
      trace_id: c.get('trace'),
      request_id: c.get('requestId'),
      error: error.name,
      stack: error.stack,
    });
    deps.meter.count('errors_total', {
      error_type: 'INTERNAL_ERROR',
      severity: 'critical',
      component: 'http',
    });
    deps.meter.count('exceptions_total', { class: error.name, route: c.get('route') });
    return problem(
      c,
      'INTERNAL_ERROR',
      'Something went wrong on our side; the trace id finds it in the logs.',
    );
  });

  return { hono, routes };
}

/**
 * By the conventions for HTTP servers. Its path is the route: what stands in a path can be a person's name. No address is in it,
 * and not the caller's agent.
 */
function requestSpan(c: Ctx, { path }: RouteSpec, caller: ReturnType<typeof callerSpanOf>) {
  return {
    kind: 'server',
    trace_id: c.get('trace'),
    ...caller,
    'http.request.method': c.req.method,
    'http.route': path,
    'url.path': path,
    'url.scheme': c.get('base').startsWith('https:') ? 'https' : 'http',
  } as const;
}

/** A refusal is an answer: what the caller did wrong is no failure of the request's span. */
async function answered(c: Ctx, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChanceryError && error.status < 500) return problemOf(c, error);
    throw error;
  }
}

/** Counts the request and writes its access line. The line names no address and no agent on any route. */
function finish(deps: AppDeps, c: Context<Env>, seconds: number): void {
  const status = c.get('upgraded') === true ? 101 : c.res.status;
  const size = completed(c);
  const route = c.get('route');
  const method = c.req.method;
  deps.meter.count('http_requests_total', {
    method,
    route,
    status: String(status),
    class: classOf(status, c.get('governed')),
  });
  const trace = c.get('trace');
  deps.meter.observe('http_request_duration_seconds', { method, route }, seconds, trace);
  const scope = c.get('scope');
  if (scope !== null) deps.meter.observe('scope_request_duration_seconds', { scope }, seconds, trace);
  if (size > 0) deps.meter.observe('http_response_size_bytes', { route }, size);
  // Nobody came in where the route takes no token, or the token was refused.
  const session = (c.get('principal') as Principal | undefined)?.session;
  deps.log.write(status >= 500 && !c.get('governed') ? 'error' : 'info', 'http', 'request', {
    trace_id: c.get('trace'),
    request_id: c.get('requestId'),
    method,
    route,
    status,
    ...(scope === null ? {} : { scope }),
    ...(session === undefined ? {} : { session_id: session }),
    ...c.get('context'),
    duration_seconds: Math.round(seconds * 1e6) / 1e6,
  });
}

/** Sees to it that an answer has every header. How long its body is; 0 where nobody knows. */
function completed(c: Context<Env>): number {
  const whole = c.get('whole');
  if (whole?.answer === c.res) return whole.bytes;
  addCommonHeaders(c, c.res);
  return Number(c.res.headers.get('content-length') ?? 0);
}

/** Gives JSON that was not written here, an MCP server's or a file, its length too. */
function sized(c: Ctx, response: Response): Response | Promise<Response> {
  if (c.get('whole')?.answer === response) return response;
  const { headers } = response;
  if (headers.has('content-length') || headers.get('content-type')?.includes('json') !== true)
    return response;
  return read(response);
}

async function read(response: Response): Promise<Response> {
  // As bytes: an `ArrayBuffer` the server sends as a stream, turn by turn.
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('content-length', String(body.byteLength));
  return new Response(body, { status: response.status, headers });
}

/** Before the handler does anything that an answer would be due for. Throws NOT_ACCEPTABLE. */
function accepted(c: Ctx, { produces = JSON_TYPES }: RouteSpec): void {
  const accept = c.req.header('accept');
  if (accept === undefined || produces.some((type) => mediaQuality(accept, type) > 0)) return;
  throw new ChanceryError('NOT_ACCEPTABLE', `This route answers in ${produces.join(' or ')}.`);
}

const JSON_TYPES = ['application/json', 'application/problem+json'];

/** A pattern with its parameters in place. */
function filled(pattern: string, parameters: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

/** A governed answer (rejected, denied, waiting, failed workflow) is the service doing its work. */
function classOf(status: ContentfulStatusCode | number, governed: boolean): ResponseClass {
  if (governed) return 'governed';
  if (status < 400) return 'ok';
  return status < 500 ? 'client' : 'fault';
}

/** As it stands where it cannot be read. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
