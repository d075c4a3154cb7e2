/** The MCP server as an OAuth resource: whom it trusts and what it is called, for clients that know nothing but its address (RFC 9728). */
import type { JsonObject } from '../../src/json.ts';
import type { Ctx } from '../routes.ts';

export interface McpResource {
  readonly url: (c: Ctx) => string;
  /** `iss` of each trusted issuer. */
  readonly issuers: readonly string[];
  /** Scopes of the routes. */
  readonly scopes: readonly string[];
  /** Origins of pages that may speak to it. */
  readonly origins: ReadonlySet<string>;
  metadata(c: Ctx, server: string | undefined): JsonObject;
}

export function mcpResource(described: Omit<McpResource, 'metadata'>): McpResource {
  return {
    ...described,
    metadata: (c, server) => ({
      resource: `${described.url(c)}/mcp${server === undefined ? '' : `/${server}`}`,
      authorization_servers: [...described.issuers],
      scopes_supported: [...described.scopes],
      bearer_methods_supported: ['header'],
      resource_name: 'Chancery',
    }),
  };
}

/** Where the metadata of a route stands: RFC 9728 §3.1. */
export const metadataPath = (path: string): string => `/.well-known/oauth-protected-resource${path}`;
