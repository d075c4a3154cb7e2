/** The live feed of a service, as a command follows it: over restarts, with nothing missed and nothing twice. */
import { WebSocket } from 'ws';
import * as z from 'zod';
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
const messageSchema = z.looseObject({ kind: z.string(), cursor: z.string().optional() });
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
  | { readonly kind: 'unreached'; readonly why: string };

const RETRY_MS = 500;
/** Where a feed is not spoken: an older service, or one that is deployed without. */
const NO_FEED = new Set([404, 405, 426, 501]);
/** RFC 6455 codes and ours (docs/live.md) after which there is no coming back. */
const FINAL = new Set([1003, 1007, 1008, 4403]);

/** Returns false where there is no feed, at once; true when it was ended. Throws CommandEnd for a refusal. */
export async function followFeed(asked: FeedAsked, ended: AbortSignal): Promise<boolean> {
  let cursor: string | undefined;
  let listened = false;
  let waits = false;
  while (!ended.aborted) {
    const end = await connection(asked, cursor, ended, async (at, first) => {
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
    if (!listened && end.kind === 'unreached') throw new CommandEnd(end.why, EXIT.unavailable);
    if (!waits) asked.waiting(end.kind === 'closed' ? end.reason || `closed (${end.code})` : end.why);
    waits = true;
    await pause(RETRY_MS, ended);
  }
  return true;
}

async function connection(
  { reach, query, told }: FeedAsked,
  cursor: string | undefined,
  ended: AbortSignal,
  moved: (cursor: string, first: boolean) => Promise<void>,
): Promise<Ended> {
  const { url, token } = await reach();
  const wanted = new URLSearchParams(query);
  if (cursor !== undefined) wanted.set('cursor', cursor);
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/live?${wanted}`, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
  });
  const stop = (): void => socket.terminate();
  ended.addEventListener('abort', stop);
  /** One message after the other: the first may have to wait for what is shown before. */
  let turn: Promise<void> = Promise.resolve();
  let failed: unknown;
  const end = await new Promise<Ended>((resolve) => {
    socket.on('message', (data) => {
      turn = turn
        .then(async () => {
          const text = data.toString();
          const message = messageSchema.parse(JSON.parse(text));
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
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(refusal(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
    });
    socket.on('error', (error) =>
      resolve({
        kind: 'unreached',
        why: `Nothing answers at ${url}; start it with \`npm start\`, or set CHANCERY_URL. (${error.message})`,
      }),
    );
    socket.on('close', (code, reason) => resolve({ kind: 'closed', code, reason: reason.toString() }));
  });
  ended.removeEventListener('abort', stop);
  await turn;
  if (failed !== undefined) throw failed;
  return end;
}

function refusal(status: number, body: string): Ended {
  const said = problemSchema.safeParse(parsed(body));
  return said.success
    ? { kind: 'refused', status, code: said.data.code, why: `${said.data.code}: ${said.data.error}` }
    : { kind: 'refused', status, code: 'UNREADABLE', why: `the API answered ${status}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No document of ours: what stands in between answered, and the status is all there is.
    return undefined;
  }
}
