/** The records of one lane, forwards or backwards, as far as they are allowed: the merge allows more and more. */
import type { Item } from '../../ports.ts';
import { laneKey, placeOf, seqKey } from '../bytes.ts';
import { type Entry, type TableReader, toEntry } from '../entry.ts';

/** A record's place in the order of reading: by time, then lane, then place in the lane, whatever the order of arrival. */
export interface PlaceInTime {
  /** RFC 3339 UTC with milliseconds, so that text order is time order. */
  readonly time: string;
  readonly lane: number;
  readonly seq: number;
}

export function compare(left: PlaceInTime, right: PlaceInTime): number {
  if (left.time !== right.time) return left.time < right.time ? -1 : 1;
  return left.lane - right.lane || left.seq - right.seq;
}

export const placeOfEntry = ({ record, lane, seq }: Entry): PlaceInTime => ({ time: record.time, lane, seq });

/** Places `first`…`last`, to be read; `head`: the time of the one that is read first, where that is known. */
export interface Allowed {
  readonly first: number;
  readonly last: number;
  readonly head?: string;
}

/** Beyond every place that a lane can have. */
export const END_OF_LANE = 9_999_999_999;

/** A page asks for few records at first, and for more the longer a lane is read. */
const FIRST_READ = 100;
const NEXT_READ = 250;

export class LaneStream {
  readonly lane: number;
  readonly #table: TableReader;
  readonly #newest: boolean;
  /** What is allowed lies far apart: nothing is read beyond it. */
  readonly #sparse: boolean;
  /** What is allowed and not taken, in the order of reading. */
  readonly #allowed: Allowed[] = [];
  /** Read ahead, in the order of reading; may reach beyond what is allowed. */
  #ahead: Item[] = [];
  #reads = 0;
  /** Nothing of the lane is left in this direction: it was pruned, or ends here. */
  #over = false;
  /** The last place that was taken: notes that overlap show nothing twice. */
  #taken: number | undefined;
  #head: PlaceInTime | undefined;
  #entry: Entry | undefined;

  constructor(
    table: TableReader,
    lane: number,
    { newest, sparse }: { readonly newest: boolean; readonly sparse: boolean },
  ) {
    this.#table = table;
    this.lane = lane;
    this.#newest = newest;
    this.#sparse = sparse;
  }

  /**
   * What is allowed already, or was taken, is not allowed again. A range usually comes behind all others; one of a note that was
   * written in the place of another, which was gone, may come before what is read ahead.
   */
  allow(range: Allowed): void {
    if (this.#over) return;
    const fresh = this.#allowed.reduce(
      (left, known) => left.flatMap((one) => this.#without(one, known)),
      this.#beyondTaken(range),
    );
    if (fresh.length === 0) return;
    const next = this.#allowed[0];
    this.#allowed.push(...fresh);
    this.#allowed.sort((left, right) => (this.#newest ? right.last - left.last : left.first - right.first));
    if (next !== undefined && this.#allowed[0] !== next)
      [this.#ahead, this.#head, this.#entry] = [[], undefined, undefined];
  }

  #beyondTaken(range: Allowed): readonly Allowed[] {
    if (this.#taken === undefined) return [range];
    const behind = this.#newest ? { first: this.#taken, last: END_OF_LANE } : { first: 0, last: this.#taken };
    return this.#without(range, behind);
  }

  /** What of a range lies outside of another. The time of its head holds for the part that begins with it. */
  #without(range: Allowed, other: Allowed): readonly Allowed[] {
    const { first, last, head } = range;
    if (last < other.first || first > other.last) return [range];
    return [
      { first, last: other.first - 1 },
      { first: other.last + 1, last },
    ]
      .filter((part) => part.first <= part.last)
      .map((part) => {
        const begins = this.#newest ? part.last === last : part.first === first;
        return head !== undefined && begins ? { ...part, head } : part;
      });
  }

  /** Where the next record stands; undefined when nothing more is allowed. Reads only where no note tells. */
  async head(): Promise<PlaceInTime | undefined> {
    if (this.#head !== undefined) return this.#head;
    const [next] = this.#allowed;
    if (next === undefined) return undefined;
    if (next.head === undefined) {
      const entry = await this.#read();
      this.#head = entry && placeOfEntry(entry);
    } else {
      this.#head = { time: next.head, lane: this.lane, seq: this.#newest ? next.last : next.first };
    }
    return this.#head;
  }

  /** Takes the next record; undefined when the one that a note told of is not there. */
  async take(): Promise<Entry | undefined> {
    const told = await this.head();
    const entry = this.#entry ?? (await this.#read());
    if (entry === undefined || told === undefined) return undefined;
    if (entry.seq !== told.seq) {
      // Another than the note told of: it comes when its own turn is.
      this.#head = placeOfEntry(entry);
      return undefined;
    }
    this.#take(entry.seq);
    return entry;
  }

  #take(seq: number): void {
    this.#taken = seq;
    [this.#head, this.#entry] = [undefined, undefined];
    const [range] = this.#allowed;
    if (range === undefined) return;
    const { first, last } = range;
    const rest = this.#newest ? { first, last: seq - 1 } : { first: seq + 1, last };
    if (rest.first > rest.last) this.#allowed.shift();
    else this.#allowed[0] = rest;
  }

  /** The next readable record that is allowed. An unreadable item is for verification to name; readers go on. */
  async #read(): Promise<Entry | undefined> {
    this.#head = undefined;
    for (let range = this.#allowed[0]; range !== undefined; range = this.#allowed[0]) {
      const item = await this.#itemIn(range);
      if (item === undefined) {
        if (this.#over) this.#allowed.length = 0;
        else this.#allowed.shift();
        continue;
      }
      const entry = toEntry(item);
      if (entry === undefined) {
        this.#take(placeOf(item.sk));
        continue;
      }
      this.#entry = entry;
      const { first, last } = range;
      this.#allowed[0] = this.#newest ? { first, last: entry.seq } : { first: entry.seq, last };
      return entry;
    }
    return undefined;
  }

  /** The first stored item of the range in the order of reading. */
  async #itemIn(range: Allowed): Promise<Item | undefined> {
    for (;;) {
      const [item] = this.#ahead;
      if (item === undefined) {
        await this.#fetch(range);
        if (this.#ahead.length === 0) return undefined;
        continue;
      }
      const seq = placeOf(item.sk);
      const before = this.#newest ? seq > range.last : seq < range.first;
      if (before) {
        this.#ahead.shift();
        continue;
      }
      const beyond = this.#newest ? seq < range.first : seq > range.last;
      if (beyond) return undefined;
      this.#ahead.shift();
      return item;
    }
  }

  async #fetch({ first, last }: Allowed): Promise<void> {
    const bound = this.#newest ? { to: seqKey(last) } : { from: seqKey(first) };
    const most = this.#reads === 0 ? FIRST_READ : NEXT_READ;
    const limit = this.#sparse ? Math.min(most, last - first + 1) : most;
    this.#reads += 1;
    const page = await this.#table.query(laneKey(this.lane), { ...bound, reverse: this.#newest, limit });
    this.#ahead = [...page.items];
    if (this.#ahead.length === 0) this.#over = true;
  }
}
