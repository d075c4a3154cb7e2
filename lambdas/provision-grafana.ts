/** The custom resource that fills Managed Grafana: create and update furnish it, delete clears it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { withGrafana } from '../adapters/aws/managed-grafana.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import type { JsonObject } from '../src/json.ts';
import {
  awsDatasources,
  clear,
  type Furnishing,
  forManagedGrafana,
  furnish,
} from '../src/watch/alerts/publish/grafana-provision.ts';

/** What CDK's provider framework hands on of CloudFormation's request. */
const eventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.object({
    region: z.string(),
    workspaceId: z.string(),
    host: z.string(),
    prometheusUrl: z.url(),
  }),
});

/** Copied beside the code; their digest stands in the resource's properties, so that a change deploys them. */
function dashboards(folder: string): JsonObject[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => forManagedGrafana(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}

export async function handler(event: unknown): Promise<{ PhysicalResourceId: string }> {
  const { RequestType, PhysicalResourceId, ResourceProperties: where } = eventSchema.parse(event);
  const wanted: Furnishing = {
    folder: { uid: 'chancery', title: 'Chancery' },
    datasources: awsDatasources(where),
    dashboards: dashboards(join(process.env.LAMBDA_TASK_ROOT ?? '.', 'dashboards')),
  };
  const workspace = {
    ...where,
    sign: signer('grafana', where.region, defaultProvider()),
    fetch,
    clock: Date.now,
  };
  await withGrafana(workspace, async (api) => {
    const deps = { api, wait: (ms: number) => sleep(ms) };
    await (RequestType === 'Delete' ? clear(deps, wanted) : furnish(deps, wanted));
  });
  return { PhysicalResourceId: PhysicalResourceId ?? `grafana-${where.workspaceId}` };
}
