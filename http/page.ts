/** Lists that come page by page: what their queries take, and what that asks of a store. */
import * as z from 'zod';
import { sha256 } from '../src/basics/digest.ts';
import type { PageAsked } from '../src/basics/pages.ts';
import { limit } from './number.ts';

/**
 * For `closed({ …, ...pageQuery('vio') })`: the list is in the order of ids that begin so. `cursor` is `next` of the page
 * before; anything else would give some page or none, as if it were right.
 */
export const pageQuery = (prefix: string) => ({
  limit: limit(200, 50),
  cursor: z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`), 'is `next` of the page before')
    .optional(),
});

export const pageAsked = ({ limit, cursor }: { limit: number; cursor?: string | undefined }): PageAsked => ({
  limit,
  ...(cursor ? { after: cursor } : {}),
});

/** For a list in the order of names that others chose: where its page ended, told from what somebody invents. */
export const cursorAfter = (name: string): string =>
  Buffer.from(`${sha256(name).slice(0, 16)} ${name}`).toString('base64url');

/** The name of `cursorAfter`; undefined for anything else. */
export function nameInCursor(cursor: string): string | undefined {
  const name = Buffer.from(cursor, 'base64url').toString('utf8').slice(17);
  return cursorAfter(name) === cursor ? name : undefined;
}
