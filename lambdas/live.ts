/**
 * Who comes to the live feed, says something there and leaves, as API Gateway tells it. A handshake is a request like any
 * other: the application answers it (door, records, figures, refusals). What is told to listeners, `broadcast` tells.
 */
import * as z from 'zod';
import { need } from '../adapters/aws/settings.ts';
import type { App } from '../http/app.ts';
import { live } from '../http/audit/families.ts';
import { authorizationOf, type Handshake, offeredIn } from '../http/audit/handshake.ts';
import { covers } from '../src/identity/scopes.ts';
import type { Front } from '../src/office/front.ts';
import { openReception, type Reception } from '../src/watch/live/gateway/reception.ts';
import { openRoster } from '../src/watch/live/gateway/roster.ts';
import type { Reservation } from '../src/watch/live/visitor.ts';
import { openAwsFront } from './shared/front.ts';
import { type HttpHandler, type Kit, serve } from './shared/http.ts';
import { ringer } from './shared/ring.ts';

const eventSchema = z.object({
  headers: z.record(z.string(), z.string()).nullish(),
  multiValueQueryStringParameters: z.record(z.string(), z.array(z.string())).nullish(),
  body: z.string().nullish(),
  requestContext: z.object({
    connectionId: z.string(),
    eventType: z.enum(['CONNECT', 'MESSAGE', 'DISCONNECT']),
    disconnectStatusCode: z.number().optional(),
  }),
});
type SocketEvent = z.infer<typeof eventSchema>;

const TAKEN = { statusCode: 200 };

const receptionOf = ({ office, world, ledgerTable, clock, meter }: Kit<Front>): Reception =>
  openReception({
    roster: openRoster({ table: office.table, clock }),
    ledgerTable,
    ledger: office.lane,
    origin: need(world.settings, 'LOG_ORIGIN'),
    rolesSuffice: (roles) => covers(office.scopesOfRoles(roles), 'ledger:read'),
    clock,
    ids: world.ids,
    meter,
  });

function sockets({ hono }: App, kit: Kit<Front>): HttpHandler {
  const { world, meter } = kit;
  const reception = receptionOf(kit);
  const ring = ringer(world);
  const broadcaster = need(world.settings, 'BROADCAST_FUNCTION');

  async function connect({ headers, ...event }: SocketEvent, whole: unknown) {
    const given = new Headers(Object.entries(headers ?? {}));
    const offered = offeredIn(given.get('sec-websocket-protocol') ?? undefined);
    const asked: { seat?: Reservation } = {};
    const handshake: Handshake<Reservation> = {
      gateway: event.requestContext.connectionId,
      accept(seat) {
        asked.seat = seat;
      },
    };
    const response = await hono.fetch(requestOf(given, event), { event: whole, handshake });
    const accepted = asked.seat !== undefined;
    const result = accepted ? 'accepted' : response.status < 500 ? 'refused' : 'failed';
    meter.count('ws_connections_total', { result });
    if (accepted) await ring('broadcast', broadcaster);
    return {
      statusCode: response.status,
      headers: {
        ...Object.fromEntries(response.headers),
        ...(offered.agreed === undefined ? {} : { 'sec-websocket-protocol': offered.agreed }),
      },
      body: await response.text(),
    };
  }

  return async (whole) => {
    const event = eventSchema.parse(whole);
    const { connectionId, eventType, disconnectStatusCode } = event.requestContext;
    switch (eventType) {
      case 'CONNECT':
        return connect(event, whole);
      case 'MESSAGE': {
        const { answer, ends } = await reception.said(connectionId, event.body ?? '');
        if (ends) await ring('broadcast', broadcaster);
        return answer === undefined ? TAKEN : { ...TAKEN, body: answer };
      }
      case 'DISCONNECT':
        await reception.left(connectionId, disconnectStatusCode);
        return TAKEN;
    }
  };
}

/** The handshake, which API Gateway has looked at and keeps to itself in parts, as the application reads one. */
function requestOf(
  given: Headers,
  { multiValueQueryStringParameters }: Omit<SocketEvent, 'headers'>,
): Request {
  const headers = new Headers(given);
  headers.set('upgrade', 'websocket');
  for (const [name, value] of Object.entries(LOOKED_AT)) if (!headers.has(name)) headers.set(name, value);
  const authorization = authorizationOf({
    authorization: given.get('authorization') ?? undefined,
    'sec-websocket-protocol': given.get('sec-websocket-protocol') ?? undefined,
  });
  if (authorization !== undefined) headers.set('authorization', authorization);
  const url = new URL('http://gateway/live');
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {}))
    for (const value of values) url.searchParams.append(name, value);
  return new Request(url, { headers });
}

const LOOKED_AT = { 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };

export const handler = await serve(
  openAwsFront,
  (kit) => [
    live({
      ...kit,
      trust: { origin: need(kit.world.settings, 'LOG_ORIGIN') },
      desk: receptionOf(kit),
      liveDoor: kit.door,
    }),
  ],
  { respond: sockets },
);
