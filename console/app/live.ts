/**
 * The live feed (docs/live.md) for a page. Where there is none, or while it is away, the page asks as it did before: the
 * feed makes it faster, and nothing depends on it.
 */
import * as z from 'zod/mini';
import { type Entry, entry } from './shapes.ts';

export interface Ear {
  /** A record that came. One that is shown already may come again. */
  readonly told: (entry: Entry) => void;
  /** Whether records come by themselves at the moment. */
  readonly live: (is: boolean) => void;
}

const message = z.looseObject({
  kind: z.string(),
  cursor: z.optional(z.string()),
  /** Of the greeting. */
  heartbeat_seconds: z.optional(z.number().check(z.positive())),
});

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** So many heartbeats that do not come, and nobody is there any more: a network that went away closes nothing. */
const MISSED_BEATS = 2.5;

/**
 * @param find where the feed is, with its query; asked before each connection
 * @returns what ends it
 */
export function listen(find: () => Promise<URL>, token: string, { told, live }: Ear): () => void {
  let end: () => void = () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let cursor: string | undefined;
  let over = false;

  function again(): void {
    if (over) return;
    live(false);
    timer = setTimeout(begin, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function begin(): void {
    find().then((url) => {
      if (!over) connect(url);
    }, again);
  }

  function connect(url: URL): void {
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    let [greeted, ended] = [false, false];
    let silence: ReturnType<typeof setTimeout> | undefined;
    let beat: number | undefined;
    // A page cannot set headers, and an address is written into logs.
    const socket = new WebSocket(url, ['chancery.live', `bearer.${token}`]);
    // Once, and at once: where the network went away a socket takes its time to close.
    const close = (): void => {
      clearTimeout(silence);
      if (ended) return;
      ended = true;
      socket.close();
      // What was refused with a cursor may be taken without: the page asks for what lies between.
      if (!greeted) cursor = undefined;
      again();
    };
    socket.onclose = close;
    socket.onmessage = ({ data }) => {
      const read = message.safeParse(parsed(data));
      if (!read.success || ended) return;
      const found = entry.safeParse(read.data);
      if (found.success) told(found.data);
      cursor = read.data.cursor ?? cursor;
      beat = read.data.heartbeat_seconds ?? beat;
      clearTimeout(silence);
      if (beat !== undefined) silence = setTimeout(close, beat * MISSED_BEATS * 1_000);
      if (greeted) return;
      [greeted, wait] = [true, FIRST_WAIT_MS];
      live(true);
    };
    end = close;
  }

  begin();
  return () => {
    over = true;
    clearTimeout(timer);
    end();
  };
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    // Not of our feed: passed over.
    return undefined;
  }
}
