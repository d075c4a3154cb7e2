/** Where the live feed of a service is (docs/live.md): beside its API on one machine, at a gateway of its own on AWS. */
import * as z from 'zod/mini';

/** What there is at an address, for whoever has the address alone. */
export const DISCOVERY_PATH = '/.well-known/chancery';

const document = z.object({ live: z.string() });

/**
 * @param api where the API is, its stage included
 * @param said what it answered at DISCOVERY_PATH; undefined for an older service, which has the feed beside its API or none
 * Throws TypeError where it names what is no place to connect to, or would take a token in the clear that the API takes encrypted.
 */
export function feedAddress(api: string, said: unknown): URL {
  const read = document.safeParse(said);
  const base = new URL(`${api.replace(/\/+$/, '')}/`);
  const feed = new URL(read.success ? read.data.live : 'live', base);
  feed.protocol = feed.protocol.replace('http', 'ws');
  if (feed.protocol !== 'wss:' && (feed.protocol !== 'ws:' || base.protocol === 'https:'))
    throw new TypeError(`${api} names ${feed.href} for its live feed: a token must not go there.`);
  return feed;
}
