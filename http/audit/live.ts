/** `GET /live`: the ledger's records as they are appended, over a WebSocket. That it is read is on record before it is. */
import { hash } from 'node:crypto';
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import type { Flood, Refused } from '../../src/identity/flood.ts';
import type { TableReader } from '../../src/ledger/entry.ts';
import { wantedType } from '../../src/ledger/entry-filter.ts';
import { aheadOf, type LedgerPosition } from '../../src/ledger/places/reading-on.ts';
import { type Ledger, metaOf } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { parseCursor } from '../../src/watch/live/position.ts';
import type { Reservation, Seating, Visitor } from '../../src/watch/live/visitor.ts';
import type { WantedRecords } from '../../src/watch/live/wanted.ts';
import { parseWith } from '../body.ts';
import type { Door } from '../door.ts';
import { admitsOrigin } from '../origins.ts';
import { type People, subjectNamed } from '../person.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { authorizationOf, type Handshake, handshakeFault } from './handshake.ts';

export interface LiveRoutesDeps<R extends Reservation> extends People {
  /** Holds a place. `gateway`: how the gateway that holds the connection calls it, where there is one. */
  readonly desk: { seat(visitor: Visitor, gateway?: string): Seating<R> | Promise<Seating<R>> };
  readonly door: Pick<Door, 'stillAdmits'>;
  readonly table: TableReader;
  readonly ledger: Ledger;
  readonly refusals: Pick<Flood, 'single'>;
  /** The name of the log: cursors are good for it alone. */
  readonly log: string;
  readonly origins: ReadonlySet<string>;
  readonly draining: () => boolean;
  readonly clock: Clock;
}

type VisitorDeps = Omit<LiveRoutesDeps<Reservation>, 'desk'>;

const SCOPE = 'ledger:read';
const PATH = '/live';

const types = z.array(wantedType).max(50);

export const liveQuery = closed({
  /** May be given several times: any of them. */
  type: types.optional(),
  /** A `sub`, or the pseudonym that entries show. */
  subject: z.string().min(1).max(256).optional(),
  /** Whose person a `sub` is; needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
  /** Of the last message that was taken: everything since comes. */
  cursor: z.string().max(12_000).optional(),
});

export function liveRoutes<R extends Reservation>(deps: LiveRoutesDeps<R>): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: PATH,
        scope: SCOPE,
        summary: 'Records as they are appended, over a WebSocket (docs/live.md)',
        tag: 'live',
        query: liveQuery,
        responses: {
          101: { description: 'The connection speaks WebSocket from here on' },
          426: { description: 'The request is no WebSocket handshake' },
        },
      },
      async (c) => {
        const handshake = requireHandshake(deps, c);
        const seat = await takeSeat(deps, c, await visitorOf(deps, c), handshake.gateway);
        await seat.record();
        handshake.accept(seat);
        c.set('upgraded', true);
        return c.body(null, 200);
      },
    );
  };
}

/** Throws UPGRADE_REQUIRED, ORIGIN_REFUSED or DRAINING. */
function requireHandshake<R extends Reservation>(deps: LiveRoutesDeps<R>, c: Ctx): Handshake<R> {
  const { handshake } = (c.env ?? {}) as { readonly handshake?: Handshake<R> };
  const fault = handshakeFault((name) => c.req.header(name));
  if (fault !== undefined || handshake === undefined) {
    throw new ChanceryError('UPGRADE_REQUIRED', `${fault ?? 'no WebSocket is spoken here'}.`, {
      headers: { upgrade: 'websocket', 'sec-websocket-version': '13' },
    });
  }
  const origin = c.req.header('origin');
  // A page that somebody was led to must not listen with what their browser has.
  if (origin !== undefined && origin !== new URL(c.get('base')).origin && !admitsOrigin(deps.origins, origin))
    throw new ChanceryError('ORIGIN_REFUSED', 'Pages of this origin may not listen to this address.');
  if (deps.draining())
    throw new ChanceryError('DRAINING', 'The service drains and opens no connection.', {
      headers: { 'retry-after': '5' },
    });
  return handshake;
}

/** Throws VALIDATION_ERROR that names what of the query is wrong, and INVALID_TOKEN. */
async function visitorOf(deps: VisitorDeps, c: Ctx): Promise<Visitor> {
  const { wanted, from } = await askedFor(deps, c);
  const who = c.get('principal');
  // A request may come a minute late. A connection that lasts goes by the second.
  if (who.expires_at <= deps.clock()) throw new ChanceryError('INVALID_TOKEN', 'the token has expired');
  const authorization = authorizationOf(c.req.header()) ?? '';
  return {
    who,
    pseudonym: deps.pseudonym(who),
    token: hash('sha256', authorization, 'hex'),
    trace: c.get('trace'),
    meta: metaOf({ principal: who, request_id: c.get('requestId') }),
    personal: { sub: who.sub, ...c.get('seen') },
    wanted,
    from,
    expires_at: who.expires_at,
    async check() {
      const lapsed = await deps.door.stillAdmits(authorization, SCOPE);
      return lapsed && { ending: lapsed.of === 'token' ? 'token_over' : 'not_allowed', reason: lapsed.why };
    },
  };
}

async function askedFor(
  deps: VisitorDeps,
  c: Ctx,
): Promise<{ readonly wanted: WantedRecords; readonly from: LedgerPosition | undefined }> {
  const { type, ...rest } = c.req.queries();
  const twice = Object.entries(rest).find(([, values]) => values.length > 1);
  if (twice !== undefined) throw mistake('given_twice', twice[0], `${twice[0]} is given more than once`);
  const asked = parseWith(liveQuery, {
    ...Object.fromEntries(Object.entries(rest).map(([name, [value]]) => [name, value])),
    ...(type === undefined ? {} : { type }),
  });
  const subject =
    asked.subject === undefined ? {} : { subject: subjectNamed(deps, asked.subject, asked.issuer) };
  return {
    wanted: { types: asked.type ?? [], ...subject },
    from: asked.cursor === undefined ? undefined : await positionOf(deps, asked.cursor),
  };
}

async function positionOf({ table, log }: VisitorDeps, cursor: string): Promise<LedgerPosition> {
  const position = parseCursor(cursor, log);
  if (typeof position === 'string')
    throw mistake('invalid_cursor', 'cursor', `${position}; begin without one, or with one of this ledger`);
  const ahead = await aheadOf(table, position);
  if (ahead === undefined) return position;
  throw mistake(
    'invalid_cursor',
    'cursor',
    `${ahead}, so the cursor is of another ledger or of a store that was replaced; begin without one`,
  );
}

function mistake(code: string, name: string, message: string): ChanceryError {
  const reason: Reason = { code, path: `query:${name}`, message, kind: 'invalid' };
  return new ChanceryError('VALIDATION_ERROR', message, { reasons: [reason] });
}

/** Throws RATE_LIMITED, on record, where there are too many. */
async function takeSeat<R extends Reservation>(
  deps: LiveRoutesDeps<R>,
  c: Ctx,
  visitor: Visitor,
  gateway: string | undefined,
): Promise<R> {
  const seat = await deps.desk.seat(visitor, gateway);
  if ('seat' in seat) return seat.seat;
  const { limit } = seat;
  const message =
    seat.full === 'principal'
      ? `this principal has ${limit} connections already`
      : `there are ${limit} connections already`;
  const refused: Refused = {
    type: 'rate_limit.hit',
    who: c.get('principal'),
    data: { reason: 'live_connections', scope: SCOPE, limit, window_seconds: 0 },
  };
  if (deps.refusals.single(refused)) {
    const { trace, meta } = visitor;
    await deps.ledger.append({ ...refused, trace, meta });
  }
  throw new ChanceryError('RATE_LIMITED', `${message}.`, {
    reasons: [{ code: 'live_connections', path: 'token:sub', message, kind: 'not_permitted' }],
    headers: { 'retry-after': '10' },
  });
}
