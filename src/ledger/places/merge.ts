/**
 * All records in the order of (time, lane, seq), forwards or backwards, out of the notes of what is sealed and the
 * ends of the lanes that are open. Lanes are read only where they have something to give.
 */
import type { Entry, TableReader } from '../entry.ts';
import { later, STRETCH_MS, type Stretch, stretches } from './by-time.ts';
import { compare, END_OF_LANE, LaneStream, type PlaceInTime, placeOfEntry } from './lane-stream.ts';
import { type OpenEnds, openEnds, startInTime } from './open-ends.ts';

export interface MergeOptions {
  readonly newest: boolean;
  /** Only what comes after this place in the order of reading. */
  readonly after?: PlaceInTime;
  /** Only from this time on (backwards: up to it), inclusive. */
  readonly bound?: string;
  /** Pseudonym: only stretches with records of this person are read; others' records in between come along. */
  readonly subject?: string;
}

export async function* mergedEntries(table: TableReader, options: MergeOptions): AsyncGenerator<Entry> {
  const merge = new Merge(table, options, await openEnds(table));
  await merge.open();
  for (let entry = await merge.next(); entry !== undefined; entry = await merge.next()) yield entry;
}

class Merge {
  readonly #table: TableReader;
  readonly #options: MergeOptions;
  readonly #ends: OpenEnds;
  /** Of the notes, by lane. */
  readonly #streams = new Map<number, LaneStream>();
  /** Everything that gives records: the streams of the notes, and one for each open end. */
  readonly #sources: LaneStream[] = [];
  readonly #notes: AsyncGenerator<Stretch>;
  #note: Stretch | undefined;

  constructor(table: TableReader, options: MergeOptions, ends: OpenEnds) {
    this.#table = table;
    this.#options = options;
    this.#ends = ends;
    const { newest, after, bound, subject } = options;
    this.#notes = stretches(table, { newest, bound: after?.time ?? bound, subject });
  }

  async open(): Promise<void> {
    const { newest } = this.#options;
    for (const [lane, end] of this.#ends.ends) {
      const start = await this.#startOf(lane, end);
      const [first, last] = newest ? [end, start - 1] : [start, END_OF_LANE];
      if (first > last) continue;
      const stream = new LaneStream(this.#table, lane, { newest, sparse: false });
      stream.allow({ first, last });
      this.#sources.push(stream);
    }
    await this.#nextNote();
  }

  async next(): Promise<Entry | undefined> {
    for (;;) {
      const best = await this.#best();
      if (this.#note !== undefined && (best === undefined || this.#mayPrecede(this.#note, best.place))) {
        this.#open(this.#note);
        await this.#nextNote();
        continue;
      }
      if (best === undefined) return undefined;
      const entry = await best.source.take();
      if (entry !== undefined && this.#isWanted(entry)) return entry;
    }
  }

  async #best(): Promise<{ place: PlaceInTime; source: LaneStream } | undefined> {
    const { newest } = this.#options;
    let best: { place: PlaceInTime; source: LaneStream } | undefined;
    for (const source of this.#sources) {
      const place = await source.head();
      if (place === undefined) continue;
      if (best === undefined || compare(place, best.place) > 0 === newest) best = { place, source };
    }
    return best;
  }

  /** Whether this stretch, or one that comes behind it, may hold a record that comes before `place`. */
  #mayPrecede({ to }: Stretch, { time }: PlaceInTime): boolean {
    return this.#options.newest ? to >= time : to <= later(time, STRETCH_MS);
  }

  #open({ lane, first, last, from, to }: Stretch): void {
    const { newest, after, bound, subject } = this.#options;
    const edge = after?.time ?? bound;
    // Of a stretch that lies wholly behind the bound nothing is wanted.
    if (edge !== undefined && (newest ? from > edge : to < edge)) return;
    const end = this.#ends.isNoted(lane, last) ? last : (this.#ends.ends.get(lane) ?? 0) - 1;
    if (end < first) return;
    let stream = this.#streams.get(lane);
    if (stream === undefined) {
      stream = new LaneStream(this.#table, lane, { newest, sparse: subject !== undefined });
      this.#streams.set(lane, stream);
      this.#sources.push(stream);
    }
    // What is cut, or reaches over the bound, begins at a time that no note tells.
    const told = newest
      ? end === last && (edge === undefined || to <= edge)
      : edge === undefined || from >= edge;
    stream.allow({ first, last: end, ...(told ? { head: newest ? to : from } : {}) });
  }

  async #nextNote(): Promise<void> {
    const { done, value } = await this.#notes.next();
    this.#note = done === true ? undefined : value;
  }

  #isWanted(entry: Entry): boolean {
    return !this.#isBehind(placeOfEntry(entry));
  }

  /** Whether the place comes before where reading begins. */
  #isBehind(place: PlaceInTime): boolean {
    const { newest, after, bound } = this.#options;
    if (after !== undefined) {
      const side = compare(place, after);
      if (newest ? side >= 0 : side <= 0) return true;
    }
    return bound !== undefined && (newest ? place.time > bound : place.time < bound);
  }

  /** The first place of an open end that lies after the point where reading begins, in the order of time. */
  async #startOf(lane: number, end: number): Promise<number> {
    const { newest, after, bound } = this.#options;
    const edge = after?.time ?? bound;
    if (edge === undefined) return newest ? END_OF_LANE + 1 : end;
    return startInTime(this.#table, lane, end, (time) => (newest ? time > edge : time >= edge));
  }
}
