/** How agents reach their tools: the MCP server, the missions that calls are made for, and what was reviewed. */
import type { Tools } from '../../src/office/tools.ts';
import type { Kit } from '../kit.ts';
import type { RouteFamily } from '../routes.ts';
import { missionRoutes } from './missions.ts';
import { mcpResource } from './resource.ts';
import { reviewRoutes } from './reviews.ts';
import { mcpRoutes } from './routes.ts';

interface Needs extends Pick<Kit, 'version' | 'url' | 'origins'> {
  readonly tools: Tools;
}

export const mcp = ({ tools, version, url, origins }: Needs): RouteFamily =>
  mcpRoutes({
    office: tools,
    version,
    url,
    resource: mcpResource({
      url,
      issuers: tools.issuers.trusted,
      scopes: ['decisions:evaluate'],
      origins,
    }),
  });

export const missions = ({ tools }: Needs): RouteFamily => missionRoutes({ office: tools });

export const reviews = ({ tools }: Needs): RouteFamily => reviewRoutes({ office: tools });

/** What the function of this name mounts. */
export const MCP = [mcp, missions, reviews] as const;
