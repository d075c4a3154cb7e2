/** What there is at this address, for a client that was given the address alone. */
import type { RouteFamily } from '../routes.ts';

export interface DiscoveryDeps {
  /** Where the live feed is, where something else than this API holds its connections. */
  readonly live?: string;
}

/**
 * Each member is a reference (RFC 3986 §4.1) to be resolved against the address that the client has of this API, with a slash at
 * its end: what stands before us in the path, or forwards a port to us, needs no setting of ours.
 */
export function discoveryRoutes({ live = 'live' }: DiscoveryDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/.well-known/chancery',
        scope: null,
        tag: 'console',
        summary: 'What there is: references relative to the address of the API (docs/live.md)',
      },
      (c) => c.json({ live, mcp: 'mcp', console: 'console', openapi: 'openapi.json' }),
    );
  };
}
