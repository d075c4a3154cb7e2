/**
 * How far a reader of the ledger is in each lane. `(partition, lane)` is the mark of a lane that it is not done with, and
 * `(partition, next)` says which lane it has not met yet. A lane that is read to its end leaves nothing behind,
 * so a pass visits the open lanes and no others, however many there were.
 */
import { inBatches } from '../basics/batches.ts';
import type { Item, Table } from '../ports.ts';

export interface Mark {
  readonly lane: number;
  /** The first record that is due. */
  readonly next: number;
  readonly version: number;
}

/** Sorts after every lane. */
const NEXT = 'next';
const placeOf = (lane: number): string => String(lane).padStart(8, '0');

export class LaneMarks {
  readonly #table: Table;
  readonly #partition: string;

  constructor(table: Table, partition: string) {
    this.#table = table;
    this.#partition = partition;
  }

  /** Marks of the lanes that are not done, new ones included. `lanesFrom` lists lanes from a number on. */
  async open(lanesFrom: (lane: number) => Promise<readonly number[]>): Promise<readonly Mark[]> {
    const known = await this.#table.get(this.#partition, NEXT);
    const from = Number(known?.lane ?? 1);
    const met = await lanesFrom(from);
    // The marks first: a lane that was met without one would be left out for ever.
    await inBatches(met, (lane) => this.#table.put(this.#item(lane, 0, 1), 'absent'));
    const last = met.at(-1);
    if (last !== undefined) {
      const version = Number(known?.version ?? 0);
      const item = { pk: this.#partition, sk: NEXT, lane: last + 1, version: version + 1 };
      await this.#table.put(item, version === 0 ? 'absent' : { version });
    }
    const marks: Mark[] = [];
    let after: string | undefined;
    do {
      const range = { to: placeOf(99_999_999), ...(after === undefined ? {} : { after }) };
      const page = await this.#table.query(this.#partition, range);
      for (const { sk, next, version } of page.items)
        marks.push({ lane: Number(sk), next: Number(next), version: Number(version) });
      after = page.next;
    } while (after !== undefined);
    return marks;
  }

  /** Moves a mark on; undefined when another reader did first, and so has dealt with these too. */
  async advance({ lane, version }: Mark, next: number): Promise<Mark | undefined> {
    const { stored } = await this.#table.put(this.#item(lane, next, version + 1), { version });
    return stored ? { lane, next, version: version + 1 } : undefined;
  }

  /** The mark as it is now; undefined when the lane is done. */
  async read(lane: number): Promise<Mark | undefined> {
    const item = await this.#table.get(this.#partition, placeOf(lane));
    return item && { lane, next: Number(item.next), version: Number(item.version) };
  }

  async done({ lane }: Mark): Promise<void> {
    await this.#table.remove(this.#partition, placeOf(lane));
  }

  #item(lane: number, next: number, version: number): Item {
    return { pk: this.#partition, sk: placeOf(lane), next, version };
  }
}
