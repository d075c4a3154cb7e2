/**
 * One reader for all connections of a process: it reads each new record once, writes it as a message once, and tells
 * everybody who is as far as it is. Whoever comes from further back reads alone until then (`join`).
 */
import type { Entry, TableReader } from '../../ledger/entry.ts';
import { headOf, type LedgerPosition, readingOn } from '../../ledger/places/reading-on.ts';
import { recordMessage } from './messages.ts';
import { formatCursor, samePlace } from './position.ts';
import { isWanted, type Wish } from './wanted.ts';

export interface News {
  readonly entry: Entry;
  /** The message that tells of it, as bytes: made once, however many are told. */
  readonly message: () => Uint8Array;
  /** `isWanted`, looked at once for all who want the same. */
  readonly isWanted: (by: Wish) => boolean;
}

export interface FeedListener {
  /** Told first: from which cursor on it is told of everything. */
  readonly begun: (cursor: string) => void;
  /** Told of what lies between where it begins and the feed; awaited, so that nothing is read that it cannot take. */
  readonly caughtUp: (news: News) => Promise<void>;
  /** Told of every record from then on, in the order in which this process reads them. Must not throw. */
  readonly heard: (news: News) => void;
  /** Nothing more comes at the moment: what was gathered since is sent in one go. Must not throw. */
  readonly rest: () => void;
  /** True once it wants nothing any more. */
  readonly gone: () => boolean;
}

export interface LiveFeedDeps {
  readonly table: TableReader;
  /** The name of the log: cursors are good for it alone. */
  readonly origin: string;
}

export class LiveFeed {
  readonly #deps: LiveFeedDeps;
  readonly #listeners = new Set<FeedListener>();
  /** Those that listen, and those that are on their way there. */
  #users = 0;
  #position: LedgerPosition | undefined;
  #opening: Promise<LedgerPosition> | undefined;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(deps: LiveFeedDeps) {
    this.#deps = deps;
  }

  /** Tells what is new, if anybody listens. Throws as the store does; nothing is lost by that. */
  async run(): Promise<void> {
    if (this.#listeners.size > 0) await this.#readAll();
  }

  /** Behind the last record that everybody was told of; undefined while nobody listens. */
  cursor(): string | undefined {
    return this.#position && this.#format(this.#position);
  }

  /**
   * Listens from a position on, or from now. What lies between it and the feed is told first, everything once and in
   * the order of its lane. Returns the function that stops listening. Throws as the store does.
   */
  async join(from: LedgerPosition | undefined, listener: FeedListener): Promise<() => void> {
    this.#users += 1;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#listeners.delete(listener);
      this.#users -= 1;
      if (this.#users === 0) [this.#position, this.#opening] = [undefined, undefined];
    };
    try {
      const head = await this.#head();
      const begin = from ?? head;
      listener.begun(this.#format(begin));
      await this.#catchUp(begin, listener);
      // Nothing was awaited since the two were found the same: no record falls in between.
      if (listener.gone()) leave();
      else this.#listeners.add(listener);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Returns in the moment in which the listener is where the feed is, or is gone. */
  async #catchUp(from: LedgerPosition, listener: FeedListener): Promise<void> {
    let own = from;
    for (let to = this.#position; to !== undefined && !samePlace(own, to); to = this.#position)
      for await (const { entry, position } of readingOn(this.#deps.table, own, to)) {
        own = position;
        if (listener.gone()) return;
        if (entry !== undefined) await listener.caughtUp(this.#news(entry, position));
      }
  }

  /** Where the feed is when it has read everything that was durable before. */
  async #head(): Promise<LedgerPosition> {
    this.#opening ??= headOf(this.#deps.table);
    const opened = await this.#opening;
    this.#position ??= opened;
    await this.#readAll();
    return this.#position ?? opened;
  }

  /** One reads at a time; whoever asks meanwhile gets what is read after it. */
  #readAll(): Promise<void> {
    if (this.#reading === undefined) return this.#begin();
    this.#next ??= this.#reading.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#position === undefined) return;
    for await (const { entry, position } of readingOn(this.#deps.table, this.#position)) {
      // Everybody left: who comes next begins anew.
      if (this.#position === undefined) return;
      this.#position = position;
      if (entry === undefined) continue;
      const news = this.#news(entry, position);
      for (const { heard } of this.#listeners) heard(news);
    }
    for (const { rest } of this.#listeners) rest();
  }

  #news(entry: Entry, position: LedgerPosition): News {
    let message: Uint8Array | undefined;
    const looked = new Map<string, boolean>();
    return {
      entry,
      isWanted: ({ key, wanted }) => {
        const known = looked.get(key);
        if (known !== undefined) return known;
        const is = isWanted(entry, wanted);
        looked.set(key, is);
        return is;
      },
      message: () => {
        message ??= Buffer.from(recordMessage(entry, this.#format(position)));
        return message;
      },
    };
  }

  #format(position: LedgerPosition): string {
    return formatCursor(position, this.#deps.origin);
  }
}
