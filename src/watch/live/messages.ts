/** What goes over a live connection: three kinds of message out, one in, and what a close code means. */
import * as z from 'zod';
import type { Json } from '../../json.ts';
import type { Entry } from '../../ledger/entry.ts';

/** RFC 6455 §7.4: 1000–1015 as it says, 4000–4999 are ours. */
export const CLOSE = {
  /** The service stops or drains. */
  going_away: 1001,
  /** A binary message. */
  binary: 1003,
  /** A message that is no JSON in UTF-8. */
  malformed: 1007,
  /** Too many messages, or one of a kind that is not taken. */
  policy: 1008,
  /** A message over the limit. */
  too_large: 1009,
  /** Something went wrong on our side. */
  fault: 1011,
  /** The token is over, or its issuer's keys do not verify it any more. */
  token_over: 4401,
  /** The principal was revoked or banned, or its roles do not hold the scope any more. */
  not_allowed: 4403,
  /** The client reads slower than records come. */
  slow: 4408,
} as const;

/** Bytes of a message that a client may send: it has little to say. */
export const MAX_INCOMING = 1_024;

/** A record as `GET /ledger/entries` shows it, and the cursor behind it. */
export const recordMessage = (entry: Entry, cursor: string): string =>
  JSON.stringify({ kind: 'record', cursor, ...entry });

/** A record that is larger than a message may be: what it is and where, to be asked for by its id. */
export const shortMessage = ({ id, lane, seq, record_hash, record }: Entry, cursor: string): string =>
  JSON.stringify({
    kind: 'record',
    cursor,
    id,
    lane,
    seq,
    record_hash,
    shortened: true,
    record: { lane, seq, type: record.type, time: record.time, trace: record.trace, data: {} },
  });

/** First of a connection: from here on everything comes. */
export const helloMessage = (
  connection_id: string,
  cursor: string,
  expires_at: number,
  beat_ms = HEARTBEAT_MS,
): string =>
  JSON.stringify({
    kind: 'hello',
    connection_id,
    cursor,
    expires_at: new Date(expires_at).toISOString(),
    heartbeat_seconds: beat_ms / 1_000,
  });

/** Nothing that is wanted came: how far the feed is all the same. Also what a `ping` is answered with. */
export const heartbeatMessage = (cursor: string | undefined, now: number): string =>
  JSON.stringify({ kind: 'heartbeat', cursor, time: new Date(now).toISOString() });

export const HEARTBEAT_MS = 15_000;

/** What a client may say: that it is there. */
const incoming = z.strictObject({ kind: z.literal('ping') });

export type Incoming = 'ping' | 'malformed' | 'unknown';

/** What a client may say in ten seconds. */
export const MAX_SAID = 50;
export const SAID_MS = 10_000;

export function parseIncoming(text: string): Incoming {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: the connection is closed with the code for that.
    return 'malformed';
  }
  return incoming.safeParse(value).success ? 'ping' : 'unknown';
}
