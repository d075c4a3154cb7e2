/** The live feed of a service, as a command follows it: over restarts, with nothing missed and nothing twice. */
import { WebSocket } from 'ws';
import * as z from 'zod';
import { DISCOVERY_PATH, feedAddress } from '../client/feed.ts';
import { textOf } from './body.ts';
import { jsonOf } from './client.ts';
import { pause } from './interrupted.ts';
import { CommandEnd, EXIT } from './world.ts';

export interface Reached {
  readonly url: string;
  readonly token: string;
}

/** A record as the feed shows it. */
export type Told = z.infer<typeof toldSchema>;

const toldSchema = z.looseObject({
  id: z.string(),
  record_hash: z.string(),
  record: z.looseObject({
    type: z.string(),
    time: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
});
const messageSchema = z.looseObject({
  kind: z.string(),
  cursor: z.string().optional(),
  /** Of the greeting. */
  heartbeat_seconds: z.number().positive().max(3_600).optional(),
});
const problemSchema = z.looseObject({ code: z.string(), error: z.string() });

export interface FeedAsked {
  /** Asked before each connection: a token of our own may have to be made anew. */
  readonly reach: () => Promise<Reached>;
  readonly query: URLSearchParams;
  /** Called once it listens for the first time: everything from then on comes. */
  readonly listening: () => Promise<void>;
  readonly told: (told: Told) => void;
  readonly waiting: (why: string) => void;
}

type Ended =
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly why: string }
  /** The service does not answer, or its feed alone does not: it may be at another place, which a firewall keeps from us. */
  | { readonly kind: 'unreached'; readonly what: 'service' | 'feed'; readonly why: string };

const RETRY_MS = 500;
/** A function that lets in may have to start first. */
const HANDSHAKE_MS = 30_000;
/** So many heartbeats that do not come, and nobody is there any more: a network that went away closes nothing. */
const MISSED_BEATS = 2.5;
/** A gateway may tell of a record again: so many are remembered. */
const REMEMBERED = 1_000;
/** Of a refusal; it is one as a rule. */
const MOST_CHUNKS = 64;
/** Where a feed is not spoken: an older service, or one that is deployed without. */
const NO_FEED = new Set([404, 405, 426, 501]);
/** RFC 6455 codes and ours (docs/live.md) after which there is no coming back. */
const FINAL = new Set([1003, 1007, 1008, 4403]);

/** Returns false where there is no feed, or none that can be reached, at once; true when it was ended. Throws CommandEnd for a refusal. */
export async function followFeed(asked: FeedAsked, ended: AbortSignal): Promise<boolean> {
  let cursor: string | undefined;
  let listened = false;
  let waits = false;
  const told = onceEach(asked.told);
  while (!ended.aborted) {
    const end = await connection({ ...asked, told }, cursor, ended, async (at, first) => {
      cursor = at;
      if (!first) return;
      waits = false;
      if (!listened) await asked.listening();
      listened = true;
    });
    if (ended.aborted) break;
    if (end.kind === 'refused') {
      if (!listened && NO_FEED.has(end.status)) return false;
      if (end.status < 500 && end.status !== 429) throw new CommandEnd(end.why, EXIT.negative, end.code);
    }
    if (end.kind === 'closed' && FINAL.has(end.code))
      throw new CommandEnd(`The feed was closed: ${end.reason || end.code}`, EXIT.negative);
    if (!listened && end.kind === 'unreached') {
      if (end.what === 'feed') return false;
      throw new CommandEnd(end.why, EXIT.unavailable);
    }
    if (!waits) asked.waiting(end.kind === 'closed' ? end.reason || `closed (${end.code})` : end.why);
    waits = true;
    await pause(RETRY_MS, ended);
  }
  return true;
}

/** Passes each record on once. */
function onceEach(told: FeedAsked['told']): FeedAsked['told'] {
  const known = new Set<string>();
  return (record) => {
    if (known.has(record.id)) return;
    known.add(record.id);
    const [oldest] = known;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    told(record);
  };
}

/** Where the feed of a service is; the end of the attempt where nothing of it answers. */
async function feedOf(url: string): Promise<URL | Ended> {
  try {
    const answer = await fetch(`${url}${DISCOVERY_PATH}`, { signal: AbortSignal.timeout(HANDSHAKE_MS) });
    const said = await textOf(answer, DISCOVERY_PATH);
    if (answer.status >= 500) return refusal(answer.status, said);
    return feedAddress(url, answer.ok ? jsonOf(said) : undefined);
  } catch (error) {
    if (error instanceof TypeError && error.cause === undefined)
      throw new CommandEnd(error.message, EXIT.negative);
    const why = `Nothing answers at ${url}; start it with \`npm start\`, or set CHANCERY_URL. (${messageOf(error)})`;
    return { kind: 'unreached', what: 'service', why };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function connection(
  { reach, query, told }: FeedAsked,
  cursor: string | undefined,
  ended: AbortSignal,
  moved: (cursor: string, first: boolean) => Promise<void>,
): Promise<Ended> {
  const { url, token } = await reach();
  const feed = await feedOf(url);
  if (!(feed instanceof URL)) return feed;
  for (const [name, value] of query) feed.searchParams.append(name, value);
  if (cursor !== undefined) feed.searchParams.set('cursor', cursor);
  const socket = new WebSocket(feed, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
  });
  const stop = (): void => socket.terminate();
  ended.addEventListener('abort', stop);
  let silence: NodeJS.Timeout | undefined;
  let beat: number | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    if (beat !== undefined) silence = setTimeout(stop, beat * MISSED_BEATS * 1_000);
  };
  /** One message after the other: the first may have to wait for what is shown before. */
  let turn: Promise<void> = Promise.resolve();
  let failed: unknown;
  const end = await new Promise<Ended>((resolve) => {
    socket.on('message', (data) => {
      heard();
      turn = turn
        .then(async () => {
          const text = data.toString();
          const message = messageSchema.parse(JSON.parse(text));
          beat = message.heartbeat_seconds ?? beat;
          heard();
          if (message.kind === 'record') told(toldSchema.parse(message));
          if (message.cursor !== undefined) await moved(message.cursor, message.kind === 'hello');
        })
        .catch((error: unknown) => {
          failed ??= error;
          socket.terminate();
        });
    });
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        if (chunks.push(chunk) > MOST_CHUNKS) response.destroy();
      });
      response.on('close', () => resolve(refusal(response.statusCode ?? 0, '')));
      response.on('end', () => resolve(refusal(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
    });
    socket.on('error', ({ message }) => {
      const why = `Nothing answers at ${feed.origin}. (${message})`;
      resolve({ kind: 'unreached', what: 'feed', why });
    });
    socket.on('close', (code, reason) => resolve({ kind: 'closed', code, reason: reason.toString() }));
  });
  ended.removeEventListener('abort', stop);
  await turn;
  clearTimeout(silence);
  if (failed !== undefined) throw failed;
  return end;
}

function refusal(status: number, body: string): Ended {
  const said = problemSchema.safeParse(jsonOf(body));
  return said.success
    ? { kind: 'refused', status, code: said.data.code, why: `${said.data.code}: ${said.data.error}` }
    : // What stands in between answered, as API Gateway does, and the status is all there is.
      { kind: 'refused', status, code: 'UNREADABLE', why: `the live feed answered ${status}` };
}
