/** Metrics, health, objectives, the description of the API, and the console. */
import type { Front } from '../../src/office/front.ts';
import type { Observatory } from '../../src/office/observatory.ts';
import type { Kit } from '../kit.ts';
import { openApiRoutes } from '../openapi.ts';
import type { RouteFamily } from '../routes.ts';
import { type ConsoleDeps, consoleRoutes } from './console.ts';
import { type DiscoveryDeps, discoveryRoutes } from './discovery.ts';
import { errorRoutes } from './errors.ts';
import { observeRoutes } from './observe.ts';

export const observe = ({
  office,
  observatory,
  started,
  clock,
}: Pick<Kit, 'started' | 'clock'> & {
  readonly office: Pick<Front, 'draining'>;
  readonly observatory: Observatory;
}): RouteFamily =>
  observeRoutes({
    exposition: observatory.exposition,
    health: observatory.health,
    objectives: observatory.objectives,
    started,
    draining: office.draining,
    clock,
  });

export const openapi = ({ routes, version }: Pick<Kit, 'routes' | 'version'>): RouteFamily =>
  openApiRoutes(routes, version);

export const consolePages = ({
  consoleFiles: files,
  signIns,
  live,
}: {
  readonly consoleFiles: ConsoleDeps['files'];
} & Omit<ConsoleDeps, 'files'>): RouteFamily =>
  consoleRoutes({ files, signIns, ...(live === undefined ? {} : { live }) });

export const discovery = (deps: DiscoveryDeps): RouteFamily => discoveryRoutes(deps);

export const errors = (): RouteFamily => errorRoutes();

/** What the function of this name mounts. */
export const OBSERVE = [observe, openapi, errors, consolePages, discovery] as const;
