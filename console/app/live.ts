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

const message = z.looseObject({ kind: z.string(), cursor: z.optional(z.string()) });

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** @param address of the feed, as `http:`; @returns what ends it */
export function listen(address: URL, token: string, { told, live }: Ear): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let cursor: string | undefined;
  let over = false;

  function connect(): void {
    const url = new URL(address);
    url.protocol = url.protocol.replace('http', 'ws');
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    let greeted = false;
    // A page cannot set headers, and an address is written into logs.
    socket = new WebSocket(url, ['chancery.live', `bearer.${token}`]);
    socket.onmessage = ({ data }) => {
      const read = message.safeParse(parsed(data));
      if (!read.success) return;
      const found = entry.safeParse(read.data);
      if (found.success) told(found.data);
      cursor = read.data.cursor ?? cursor;
      if (greeted) return;
      [greeted, wait] = [true, FIRST_WAIT_MS];
      live(true);
    };
    socket.onclose = () => {
      if (over) return;
      live(false);
      // What was refused with a cursor may be taken without: the page asks for what lies between.
      if (!greeted) cursor = undefined;
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  connect();
  return () => {
    over = true;
    clearTimeout(timer);
    socket?.close();
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
