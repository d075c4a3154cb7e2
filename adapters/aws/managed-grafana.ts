/**
 * A workspace of Managed Grafana: a service account with a token of minutes for one run, made by the workspace's
 * AWS API and gone afterwards. Service accounts are billed as users, so none is left behind.
 */
import * as z from 'zod';
import type { GrafanaApi } from '../../src/watch/alerts/publish/grafana-provision.ts';
import { fetchSigned, type SignedFetch } from './signed-fetch.ts';

export interface GrafanaWorkspace extends SignedFetch {
  readonly region: string;
  readonly workspaceId: string;
  /** `g-….grafana-workspace.{region}.amazonaws.com`. */
  readonly host: string;
  /** In place of AWS's own address, for stand-ins. */
  readonly endpoint?: string;
}

const TOKEN_SECONDS = 600;

/** Amazon Managed Grafana API: `CreateWorkspaceServiceAccount` and its siblings are plain REST. */
async function aws(
  workspace: GrafanaWorkspace,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const base = workspace.endpoint ?? `https://grafana.${workspace.region}.amazonaws.com`;
  const url = `${base}/workspaces/${workspace.workspaceId}${path}`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetchSigned(workspace, url, {
    method,
    headers,
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  if (!response.ok)
    throw new Error(`Managed Grafana ${method} ${path}: ${response.status} ${answer.slice(0, 300)}`);
  return answer === '' ? {} : JSON.parse(answer);
}

/** Runs `work` with a token and takes the account away again, whatever happens. */
export async function withGrafana<T>(
  workspace: GrafanaWorkspace,
  work: (api: GrafanaApi) => Promise<T>,
): Promise<T> {
  const name = `chancery-provision-${workspace.clock()}`;
  const account = z
    .object({ id: z.string() })
    .parse(await aws(workspace, 'POST', '/serviceaccounts', { name, grafanaRole: 'ADMIN' }));
  try {
    const made = await aws(workspace, 'POST', `/serviceaccounts/${account.id}/tokens`, {
      name,
      secondsToLive: TOKEN_SECONDS,
    });
    const { serviceAccountToken } = z
      .object({ serviceAccountToken: z.object({ key: z.string() }) })
      .parse(made);
    return await work(grafanaApi(workspace, serviceAccountToken.key));
  } finally {
    await aws(workspace, 'DELETE', `/serviceaccounts/${account.id}`);
  }
}

function grafanaApi({ host, fetch }: GrafanaWorkspace, token: string): GrafanaApi {
  const base = host.includes('://') ? host : `https://${host}`;
  return async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: json && text !== '' ? JSON.parse(text) : text };
  };
}
