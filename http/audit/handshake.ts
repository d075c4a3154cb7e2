/**
 * The opening handshake of a WebSocket (RFC 6455 §4) as a request: where its token stands and which subprotocol is agreed
 * on. A page cannot set headers on it, and an address is written into logs, so the token may come as a subprotocol.
 */
import type { Reservation } from '../../src/watch/live/visitor.ts';

/** The one that a client asks for; `bearer.{token}`, or `bearer` and the token, come beside it. */
export const SUBPROTOCOL = 'chancery.live';
const BEARER = 'bearer';

export interface Offered {
  /** Undefined when there is none among them. */
  readonly token?: string;
  /** The one to agree on; never one that holds the token. */
  readonly agreed?: string;
}

/** @param header `Sec-WebSocket-Protocol`, as it came */
export function offeredIn(header: string | undefined): Offered {
  const offered = (header ?? '').split(',').map((each) => each.trim());
  const agreed = [SUBPROTOCOL, BEARER].find((each) => offered.includes(each));
  const dotted = offered.find((each) => each.startsWith(`${BEARER}.`))?.slice(BEARER.length + 1);
  const beside = offered.includes(BEARER) ? offered[offered.indexOf(BEARER) + 1] : undefined;
  const token = dotted ?? (beside === SUBPROTOCOL ? undefined : beside);
  return {
    ...(token === undefined || token === '' ? {} : { token }),
    ...(agreed === undefined ? {} : { agreed }),
  };
}

/**
 * The credentials of a handshake: of its header, or of its subprotocol. Where both are given the header counts, so that
 * nobody is let in by the one and recorded by the other.
 */
export function authorizationOf(headers: {
  readonly authorization?: string | undefined;
  readonly 'sec-websocket-protocol'?: string | undefined;
}): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization;
  const { token } = offeredIn(headers['sec-websocket-protocol']);
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** What a server that speaks WebSocket gives along with a handshake. */
export interface Handshake<R extends Reservation> {
  /** How a gateway that holds the connection calls it. */
  readonly gateway?: string;
  /** The handshake is good: open it on this seat. */
  accept(seat: R): void;
}

/** RFC 6455 §4.2.1: what is wrong with it as a handshake, in words. */
export function handshakeFault(header: (name: string) => string | undefined): string | undefined {
  if (header('upgrade')?.toLowerCase() !== 'websocket') return 'the request asks for no upgrade to websocket';
  if (header('sec-websocket-version') !== '13') return 'Sec-WebSocket-Version is not 13';
  if (!/^[A-Za-z0-9+/]{22}==$/.test(header('sec-websocket-key') ?? ''))
    return 'Sec-WebSocket-Key is not 16 bytes in base64';
  const { token, agreed } = offeredIn(header('sec-websocket-protocol'));
  return token !== undefined && agreed === undefined
    ? `offer the subprotocol ${SUBPROTOCOL} beside the one that holds the token: a server may not give that one back`
    : undefined;
}
