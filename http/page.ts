/** Lists that come page by page: what their queries take, and what that asks of a store. */
import * as z from 'zod';
import type { PageAsked } from '../src/basics/pages.ts';

/** For `closed({ …, ...PAGE_QUERY })`. `cursor` is `next` of the page before. */
export const PAGE_QUERY = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
};

export const pageAsked = ({ limit, cursor }: { limit: number; cursor?: string | undefined }): PageAsked => ({
  limit,
  ...(cursor ? { after: cursor } : {}),
});
