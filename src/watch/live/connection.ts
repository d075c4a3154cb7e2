/**
 * One client that listens: what it is sent, what it may say, and how it ends. It holds no more than a bounded backlog of
 * what the client has not taken; a client that is slower than the records is cut off and comes back with its cursor.
 */

import type { LedgerPosition } from '../../ledger/places/reading-on.ts';
import type { Clock } from '../../ports.ts';
import type { LiveFeed, News } from './feed.ts';
import {
  CLOSE,
  HEARTBEAT_MS,
  heartbeatMessage,
  helloMessage,
  MAX_SAID,
  parseIncoming,
  SAID_MS,
} from './messages.ts';
import { type WantedRecords, wishOf } from './wanted.ts';

/** The connection as the server has it. */
export interface Wire {
  /** Bytes that were handed to `send` and are not on their way yet. */
  waiting(): number;
  /** In this order, in as few writes as can be. */
  send(messages: readonly Uint8Array[]): void;
  /** Resolves when nothing waits any more, or nothing can be sent any more. */
  drained(): Promise<void>;
  ping(): void;
  close(code: number, reason: string): void;
  /** Without a farewell. */
  terminate(): void;
}

/** Why it ended: by us with a close code, by the client, or without a word. */
export const ENDINGS = [
  'going_away',
  'binary',
  'malformed',
  'policy',
  'too_large',
  'fault',
  'token_over',
  'not_allowed',
  'slow',
  'client',
  'lost',
  'protocol',
] as const satisfies readonly (keyof typeof CLOSE | 'client' | 'lost' | 'protocol')[];
export type Ending = (typeof ENDINGS)[number];

/** Ends as they should be. */
export const GOOD_ENDINGS = ['going_away', 'token_over', 'not_allowed', 'client'] as const;
export type WireError = Exclude<Ending, (typeof GOOD_ENDINGS)[number]>;

export interface Sent {
  records: number;
  bytes: number;
  /** Ids of the first and the last of them. */
  first?: string;
  last?: string;
}

export interface ConnectionDeps {
  readonly id: string;
  readonly feed: LiveFeed;
  readonly wire: Wire;
  readonly wanted: WantedRecords;
  readonly from: LedgerPosition | undefined;
  readonly expires_at: number;
  readonly clock: Clock;
  /** Told once. */
  readonly ended: (ending: Ending) => void;
}

/** Of one client, beside what the operating system holds for it. */
export const MAX_WAITING = 1_048_576;
/** Messages that are gathered before they are sent, however long a reading goes on. */
const GATHERED = 64;

export class Connection {
  readonly #deps: ConnectionDeps;
  #ending: Ending | undefined;
  #leave = (): void => {};
  #gathered: Uint8Array[] = [];
  #listening = false;
  #beat: number;
  #answered = true;
  #said = { since: 0, count: 0 };
  /** Since they were last taken. */
  #sent: Sent = { records: 0, bytes: 0 };
  /** All that was sent, and all that was said. */
  readonly messages = { sent: 0, received: 0 };

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#beat = deps.clock();
  }

  /** Sends what it has missed and goes on from there. Throws as the store does. */
  async listen(): Promise<void> {
    const { feed, from, id, expires_at } = this.#deps;
    const wish = wishOf(this.#deps.wanted);
    this.#leave = await feed.join(from, {
      begun: (cursor) => {
        this.#send([bytesOf(helloMessage(id, cursor, expires_at))]);
      },
      caughtUp: async (news) => {
        if (!news.isWanted(wish)) return;
        this.#gather(news);
        if (this.#gathered.length < GATHERED) return;
        this.#flush();
        await this.#deps.wire.drained();
      },
      heard: (news) => {
        if (!news.isWanted(wish)) return;
        this.#gather(news);
        if (this.#gathered.length >= GATHERED) this.#flush();
      },
      rest: () => this.#flush(),
      gone: () => this.#ending !== undefined,
    });
    this.#flush();
    this.#listening = this.#ending === undefined;
    if (!this.#listening) this.#leave();
  }

  /** A message of the client; undefined for one that is no text. */
  said(text: string | undefined): void {
    this.messages.received += 1;
    if (!this.#maySay()) return;
    if (text === undefined) {
      this.end('binary', 'send text');
      return;
    }
    switch (parseIncoming(text)) {
      case 'ping':
        this.#heartbeat();
        return;
      case 'malformed':
        this.end('malformed', 'send JSON, such as {"kind":"ping"}');
        return;
      case 'unknown':
        this.end('policy', 'the only message that is taken is {"kind":"ping"}');
    }
  }

  /** A ping frame, which the server has answered. */
  pinged(): void {
    this.#maySay();
  }

  ponged(): void {
    this.#answered = true;
  }

  /** Called every second: time for a heartbeat, and the end of who does not answer any. */
  tick(now: number): void {
    if (now >= this.#deps.expires_at) this.end('token_over', 'the token has expired');
    if (now - this.#beat < HEARTBEAT_MS) return;
    if (!this.#answered) this.end('lost', '');
    [this.#beat, this.#answered] = [now, false];
    this.#deps.wire.ping();
    this.#heartbeat();
  }

  /** Ends it, once. */
  end(ending: Ending, reason: string): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#gathered = [];
    this.#leave();
    const { wire } = this.#deps;
    if (ending === 'lost') wire.terminate();
    else if (ending !== 'client' && ending !== 'protocol') wire.close(CLOSE[ending], reason);
    this.#deps.ended(ending);
  }

  /** What was sent since this was last asked. */
  takeSent(): Sent {
    const sent = this.#sent;
    this.#sent = { records: 0, bytes: 0 };
    return sent;
  }

  #heartbeat(): void {
    const { feed, clock } = this.#deps;
    this.#flush();
    // Whoever catches up is behind the feed: until then it goes by the cursors of its records.
    const cursor = this.#listening ? feed.cursor() : undefined;
    this.#send([bytesOf(heartbeatMessage(cursor, clock()))]);
  }

  #gather({ entry, message }: News): void {
    if (this.#ending !== undefined) return;
    const bytes = message();
    this.#gathered.push(bytes);
    // Its own doing is no reason to put on record what it was sent.
    if (entry.record.type.startsWith('ws.')) return;
    this.#sent.records += 1;
    this.#sent.bytes += bytes.length;
    this.#sent.first ??= entry.id;
    this.#sent.last = entry.id;
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#send(gathered);
  }

  #send(messages: readonly Uint8Array[]): void {
    if (this.#ending !== undefined) return;
    const { wire } = this.#deps;
    if (wire.waiting() > MAX_WAITING) {
      this.end('slow', 'the client reads slower than records come; come back with the last cursor');
      return;
    }
    this.messages.sent += messages.length;
    wire.send(messages);
  }

  /** Ends it where a client says more than it can have to say. */
  #maySay(): boolean {
    const now = this.#deps.clock();
    if (now - this.#said.since >= SAID_MS) this.#said = { since: now, count: 0 };
    this.#said.count += 1;
    if (this.#said.count <= MAX_SAID) return this.#ending === undefined;
    this.end('policy', `more than ${MAX_SAID} messages in ${SAID_MS / 1_000} s`);
    return false;
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
