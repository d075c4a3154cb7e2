/** Deployments: recorded by a pipeline, counted as metrics, marked on every chart. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock, Ids, Table } from '../../src/ports.ts';
import { DEPLOYMENT_ENVIRONMENTS, DEPLOYMENT_RESULTS } from '../../src/terms.ts';
import type { DeploymentData } from '../../src/watch/ops/dora.ts';
import { parseWith, readJson } from '../body.ts';
import { instant } from '../period.ts';
import { onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';

export interface DeploymentRoutesDeps {
  readonly ledger: Ledger;
  /** Remembers when a deployment was, for the time to restore. */
  readonly table: Table;
  readonly ids: Ids;
  readonly clock: Clock;
}

export const deploymentBody = closed({
  environment: z.enum(DEPLOYMENT_ENVIRONMENTS),
  version: z.string().min(1).max(100),
  commit: z.string().regex(/^[0-9a-f]{7,64}$/),
  result: z.enum(DEPLOYMENT_RESULTS),
  /** When the oldest change in it was committed; gives the lead time. */
  committed_at: instant.optional(),
  /** Instead of `committed_at`. */
  lead_time_seconds: z.number().nonnegative().max(31_536_000).optional(),
  /** The failed deployment that this one makes good. */
  restores: z
    .string()
    .regex(/^dep_[0-9A-Z]{26}$/)
    .optional(),
});

const PARTITION = 'DEPLOYMENTS';
const micros = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 1000));

function leadTime(body: z.infer<typeof deploymentBody>, now: number): { lead_time_us?: number } {
  if (body.lead_time_seconds !== undefined) return { lead_time_us: micros(body.lead_time_seconds * 1000) };
  return body.committed_at === undefined ? {} : { lead_time_us: micros(now - Date.parse(body.committed_at)) };
}

export function deploymentRoutes(deps: DeploymentRoutesDeps): RouteFamily {
  const { table } = deps;

  async function restored(
    id: string | undefined,
    now: number,
  ): Promise<Pick<DeploymentData, 'restores' | 'restore_us'>> {
    if (id === undefined) return {};
    const failed = await table.get(PARTITION, id);
    if (failed === undefined) throw new ChanceryError('NOT_FOUND', `There is no deployment ${id}.`);
    return { restores: id, restore_us: micros(now - Number(failed.at)) };
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/deployments',
        scope: 'deployments:record',
        summary: 'Record a deployment in the ledger',
        tag: 'deployments',
        body: deploymentBody,
        responses: { 201: { description: '`deployment_id` and the receipt' } },
      },
      async (c) => {
        const body = parseWith(deploymentBody, await readJson(c));
        const now = deps.clock();
        const data: DeploymentData = {
          deployment_id: deps.ids('dep'),
          environment: body.environment,
          version: body.version,
          commit: body.commit,
          result: body.result,
          ...leadTime(body, now),
          ...(await restored(body.restores, now)),
        };
        const receipt = await deps.ledger.append(onRecord(c, 'deployment.recorded', data));
        await table.put({ pk: PARTITION, sk: data.deployment_id, at: now }, 'absent');
        return c.json({ ...data, receipt }, 201);
      },
    );
  };
}
