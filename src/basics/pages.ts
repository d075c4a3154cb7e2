/** A page of what is wanted, out of a partition that knows only the order of what it holds. */
import type { Item, Table } from '../ports.ts';

export interface PageAsked {
  readonly limit: number;
  /** As the page before gave it. */
  readonly after?: string;
}

/** `next` is absent at the end. A page may be short of its limit, or empty, and have one. */
export interface PageFound<T> {
  readonly found: readonly T[];
  readonly next?: string;
}

type Read<Kept> = (
  limit: number,
  after: string | undefined,
) => Promise<{ readonly items: readonly Kept[]; readonly next?: string | undefined }>;

/** What is rare among very many still answers in bounded time. */
const MOST_READS = 50;

/** Reads on until the page is full. @param take undefined for what is not wanted */
export async function pageOf<Kept, T>(
  read: Read<Kept>,
  take: (kept: Kept) => T | undefined | Promise<T | undefined>,
  { limit, after }: PageAsked,
): Promise<PageFound<T>> {
  const found: T[] = [];
  let next = after;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const page = await read(limit - found.length, next);
    for (const kept of page.items) {
      const taken = await take(kept);
      if (taken !== undefined) found.push(taken);
    }
    next = page.next;
    if (next === undefined || found.length >= limit) break;
  }
  return next === undefined ? { found } : { found, next };
}

/** The newest of a partition first. */
export const newestIn =
  (table: Pick<Table, 'query'>, pk: string): Read<Item> =>
  (limit, after) =>
    table.query(pk, { reverse: true, limit, ...(after === undefined ? {} : { after }) });
