/** The HTTP application with the families of one function, mounted on API Gateway. */
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { type App, buildApp } from '../../http/app.ts';
import { type Door, openDoor } from '../../http/door.ts';
import type { Kit as RouteKit } from '../../http/kit.ts';
import type { Known } from '../../http/methods.ts';
import { problemBody } from '../../http/problem.ts';
import type { Ctx, RouteFamily } from '../../http/routes.ts';
import { traceIdOf } from '../../http/trace.ts';
import type { Authenticator } from '../../src/identity/authenticator.ts';
import type { Front } from '../../src/office/front.ts';
import type { Meter } from '../../src/ports.ts';
import { authenticatorOf } from './authenticator.ts';
import { isAway, retriedStart } from './start.ts';
import { type AwsWorld, servedWorld } from './world.ts';

export type HttpHandler = (event: LambdaEvent, context?: LambdaContext) => Promise<unknown>;

/** What families of any function may need, with the wings that this one opened. */
export type Kit<Wings extends Front> = RouteKit & {
  readonly office: Wings;
  readonly world: AwsWorld;
  readonly authenticator: Authenticator;
  readonly door: Door;
};

/** Called after each answer, before the function's metrics are written. */
type Answered<Wings> = (office: Wings, meter: Meter) => void;
type FamiliesOf<Wings extends Front> = (
  kit: Kit<Wings>,
) => readonly RouteFamily[] | Promise<readonly RouteFamily[]>;

/** What the function's events are to the application; by default requests of the REST API. */
type Respond<Wings extends Front> = (app: App, kit: Kit<Wings>) => HttpHandler;

/** What differs from one function to another, where it does. */
interface Serving<Wings extends Front> {
  readonly answered?: Answered<Wings>;
  readonly respond?: Respond<Wings>;
  /** Routes whose preflights this function answers, and nothing else of them. */
  readonly elsewhere?: (world: AwsWorld) => readonly Known[];
  /** One that was opened before. */
  readonly world?: AwsWorld;
}

/** Lambda allows a start ten seconds before it begins anew, and API Gateway an answer 29. */
const START_MS = 8_000;
const ANSWER_MS = 20_000;

/**
 * Starts, awaited at module level. While AWS is away the function answers 503, in our own words, and starts
 * again with the next request; any other failure ends it.
 */
export async function serve<Wings extends Front>(
  open: (world: AwsWorld) => Promise<Wings>,
  familiesOf: FamiliesOf<Wings>,
  {
    answered = () => {},
    respond = requests,
    elsewhere = () => [],
    world = servedWorld(),
  }: Serving<Wings> = {},
): Promise<HttpHandler> {
  const started = retriedStart(
    () => mount(world, { open, familiesOf, answered, respond, elsewhere }),
    world.wait,
  );
  try {
    await started(START_MS);
  } catch (error) {
    if (!isAway(error)) throw error;
  }
  return async (event, context) => {
    let handler: HttpHandler;
    try {
      handler = await started(ANSWER_MS);
    } catch (error) {
      if (!isAway(error)) throw error;
      return unavailable(world, event);
    }
    return handler(event, context);
  };
}

/** What API Gateway takes for an answer, before there is an application to give one. */
function unavailable({ random, settings }: AwsWorld, event: LambdaEvent) {
  const { headers } = event;
  const given = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const trace = traceIdOf(given, () => Buffer.from(random(16)).toString('hex'));
  const { status, document } = problemBody(
    trace,
    'LEDGER_UNAVAILABLE',
    'A part that the ledger needs does not answer; nothing was run.',
  );
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'cache-control': 'no-store',
      'x-trace-id': trace,
    },
    body: JSON.stringify({
      ...document,
      type: `${urlOf(settings.PUBLIC_URL, event)}${String(document.type)}`,
    }),
  };
}

type Parts<Wings extends Front> = Required<Omit<Serving<Wings>, 'world'>> & {
  readonly open: (world: AwsWorld) => Promise<Wings>;
  readonly familiesOf: FamiliesOf<Wings>;
};

/** Opens the function's wings and mounts its families. */
async function mount<Wings extends Front>(
  world: AwsWorld,
  { open, familiesOf, answered, respond, elsewhere }: Parts<Wings>,
): Promise<HttpHandler> {
  const { clock, meter, log, tracer, ids, random, wait } = world;
  const authenticator = authenticatorOf(world);
  // The first request must not wait for keys; an issuer that is away now is asked again when its token comes. AWS is asked
  // before it, since loading what fetches takes this thread.
  const [office] = await Promise.all([open(world), wait(0).then(() => authenticator.warm())]);
  const ledgerTable = world.table('LEDGER_TABLE');
  const door = openDoor({
    authenticator,
    scopesOfRoles: office.scopesOfRoles,
    issuers: office.issuers,
    ledger: office.ledger,
    refusals: office.refusals,
    lookout: office.lookout,
    sessions: office.sessions,
    standing: office.standing,
    count: office.count,
    clock,
    meter,
  });
  const url = (c: Ctx): string => urlOf(world.settings.PUBLIC_URL, field(c.env, 'event'));
  const origins = new Set(world.settings.ORIGINS);
  const kit: Kit<Wings> = {
    world,
    authenticator,
    office,
    door,
    ledgerTable,
    clock,
    meter,
    wait,
    started: () => true,
    version: world.settings.CODE_VERSION,
    url,
    origins,
    routes: () => app.routes,
  };
  const families = await familiesOf(kit);
  const app = buildApp({
    door,
    families,
    elsewhere: elsewhere(world),
    meter,
    log,
    tracer,
    ids,
    random,
    clock,
    url,
    origins,
    address: addressOf,
  });
  const answer = respond(app, kit);
  return async (event, context) => {
    // Polled at most every 30 s: a role's scopes are those of the charter in force, on every function.
    await office.charter();
    const response = await answer(event, context);
    answered(office, meter);
    // Nothing runs between two invocations: what was refused in this one is recorded before it ends. A ledger
    // that is away takes no answer back that was given: the counts wait for the next invocation.
    try {
      await office.refusals.flush();
      await office.lookout.flush();
      await office.checkDecisions();
    } catch (error) {
      log.write('error', 'door', 'what was refused or differed could not be recorded yet', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    world.flushMetrics();
    return response;
  };
}

// API Gateway decodes an answer that is marked as binary only for clients that send Accept: text must not be.
const requests = ({ hono }: App): HttpHandler =>
  handle(hono, { isContentTypeBinary: (type) => type.startsWith('application/octet-stream') });

/** As API Gateway saw it. It goes into sealed fields of records only. */
function addressOf(c: Ctx): string | undefined {
  const env: unknown = c.env;
  const address = field(field(field(field(env, 'event'), 'requestContext'), 'identity'), 'sourceIp');
  return typeof address === 'string' ? address : undefined;
}

/** As configured, else where API Gateway itself has the stage: its word, whatever Host the caller wrote. */
function urlOf(configured: string | undefined, event: unknown): string {
  const context = field(event, 'requestContext');
  const [domain, stage] = [field(context, 'domainName'), field(context, 'stage')];
  const known = typeof domain === 'string' && typeof stage === 'string' ? `https://${domain}/${stage}` : '';
  return (configured ?? known).replace(/\/$/, '');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
