/**
 * Puts data sources and dashboards into a Grafana over its HTTP API (grafana.com/docs, "HTTP API reference").
 * CloudFormation makes the workspace and cannot fill it. Every step is idempotent, so a run that failed half way
 * is completed by the next; what an earlier version put there and this one does not have is removed.
 */
import * as z from 'zod';
import type { Json, JsonObject } from '../../../json.ts';

export interface GrafanaAnswer {
  readonly status: number;
  readonly body: unknown;
}
/** One call with the token of a service account. `path` begins with `/api/`. Throws when there is no answer. */
export type GrafanaApi = (method: string, path: string, body?: JsonObject) => Promise<GrafanaAnswer>;

export interface Furnishing {
  readonly folder: { readonly uid: string; readonly title: string };
  /** Each with `uid`, `name`, `type`, `access`, `jsonData`. */
  readonly datasources: readonly JsonObject[];
  /** Grafana's dashboard JSON, each with its `uid`. */
  readonly dashboards: readonly JsonObject[];
}

export interface ProvisionDeps {
  readonly api: GrafanaApi;
  readonly wait: (ms: number) => Promise<void>;
}

/** Says which call failed and how Grafana put it. */
export class GrafanaError extends Error {
  override readonly name = 'GrafanaError';
  readonly status: number;
  constructor(what: string, answer: GrafanaAnswer) {
    super(`${what}: ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 300) ?? ''}`);
    this.status = answer.status;
  }
}

const TRIES = 5;
const PAUSE_MS = 1_000;

const temporary = (status: number): boolean => status === 429 || status >= 500;
const found = z.array(z.object({ uid: z.string() }));
const uidOf = (thing: JsonObject): string => z.string().min(1).parse(thing.uid);
const at = (uid: string): string => encodeURIComponent(uid);

function caller({ api, wait }: ProvisionDeps) {
  /** A workspace that has just been made answers 5xx for a while. */
  async function call(what: string, method: string, path: string, body?: JsonObject): Promise<GrafanaAnswer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await api(method, path, body);
      if (answer.status < 300 || answer.status === 404) return answer;
      if (!temporary(answer.status) || tries >= TRIES) throw new GrafanaError(what, answer);
      await wait(PAUSE_MS * 2 ** (tries - 1));
    }
  }
  return call;
}
type Call = ReturnType<typeof caller>;

async function put(call: Call, what: string, path: string, create: string, body: JsonObject): Promise<void> {
  const there = await call(what, 'GET', path);
  const answer =
    there.status === 404 ? await call(what, 'POST', create, body) : await call(what, 'PUT', path, body);
  if (answer.status === 404) throw new GrafanaError(what, answer);
}

async function dashboardsIn(call: Call, folder: string): Promise<string[]> {
  const answer = await call(
    'list dashboards',
    'GET',
    `/api/search?type=dash-db&folderUIDs=${at(folder)}&limit=5000`,
  );
  return answer.status === 404 ? [] : found.parse(answer.body).map((one) => one.uid);
}

const remove = (call: Call, what: string, path: string) => call(what, 'DELETE', path);

/** Creates or brings up to date. */
export async function furnish(deps: ProvisionDeps, wanted: Furnishing): Promise<{ removed: number }> {
  const call = caller(deps);
  const { folder } = wanted;
  const there = await call('folder', 'GET', `/api/folders/${at(folder.uid)}`);
  if (there.status === 404)
    await call('folder', 'POST', '/api/folders', { uid: folder.uid, title: folder.title });
  for (const source of wanted.datasources) {
    const path = `/api/datasources/uid/${at(uidOf(source))}`;
    await put(call, `data source ${uidOf(source)}`, path, '/api/datasources', source);
  }
  for (const dashboard of wanted.dashboards) {
    const answer = await call(`dashboard ${uidOf(dashboard)}`, 'POST', '/api/dashboards/db', {
      dashboard: { ...dashboard, id: null },
      folderUid: folder.uid,
      overwrite: true,
      message: 'Chancery deployment',
    });
    // A folder that somebody deleted a moment ago: the next run makes it again.
    if (answer.status === 404) throw new GrafanaError(`dashboard ${uidOf(dashboard)}`, answer);
  }
  const keep = new Set(wanted.dashboards.map(uidOf));
  const stale = (await dashboardsIn(call, folder.uid)).filter((uid) => !keep.has(uid));
  for (const uid of stale) await remove(call, `dashboard ${uid}`, `/api/dashboards/uid/${at(uid)}`);
  return { removed: stale.length };
}

/** Takes out what `furnish` put in; what is gone already is no failure. */
export async function clear(deps: ProvisionDeps, put: Furnishing): Promise<void> {
  const call = caller(deps);
  for (const uid of await dashboardsIn(call, put.folder.uid)) {
    await remove(call, `dashboard ${uid}`, `/api/dashboards/uid/${at(uid)}`);
  }
  await remove(call, 'folder', `/api/folders/${at(put.folder.uid)}`);
  for (const source of put.datasources) {
    await remove(call, `data source ${uidOf(source)}`, `/api/datasources/uid/${at(uidOf(source))}`);
  }
}

/** The data sources of a deployed environment: Managed Prometheus by its own plug-in, and CloudWatch. */
export function awsDatasources(where: {
  readonly region: string;
  readonly prometheusUrl: string;
}): JsonObject[] {
  return [
    {
      uid: 'chancery-prometheus',
      name: 'Chancery Prometheus',
      type: 'grafana-amazonprometheus-datasource',
      access: 'proxy',
      url: where.prometheusUrl,
      isDefault: true,
      jsonData: {
        httpMethod: 'POST',
        sigV4Auth: true,
        sigV4AuthType: 'ec2_iam_role',
        sigV4Region: where.region,
      },
    },
    {
      uid: 'chancery-cloudwatch',
      name: 'Chancery CloudWatch',
      type: 'cloudwatch',
      access: 'proxy',
      jsonData: { authType: 'ec2_iam_role', defaultRegion: where.region },
    },
  ];
}

const AMAZON = 'grafana-amazonprometheus-datasource';

/** Managed Grafana's Prometheus is a plug-in of another type: references and the variable must name it. */
export function forManagedGrafana(dashboard: JsonObject): JsonObject {
  const swap = (value: Json | undefined): Json => {
    if (Array.isArray(value)) return value.map(swap);
    if (typeof value !== 'object' || value === null) return value ?? null;
    const copy = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, swap(part)]));
    if (copy.type === 'prometheus' && 'uid' in copy) copy.type = AMAZON;
    if (copy.type === 'datasource' && copy.query === 'prometheus') copy.query = AMAZON;
    return copy;
  };
  const swapped = swap(dashboard);
  return typeof swapped === 'object' && swapped !== null && !Array.isArray(swapped) ? swapped : dashboard;
}
