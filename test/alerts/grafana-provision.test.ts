import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../dashboards/all.ts';
import { toGrafana } from '../../dashboards/grafana.ts';
import type { JsonObject } from '../../src/json.ts';
import {
  awsDatasources,
  clear,
  type Furnishing,
  forManagedGrafana,
  furnish,
  type GrafanaApi,
} from '../../src/watch/alerts/publish/grafana-provision.ts';

/** Follows Grafana's HTTP API: folders, data sources, dashboards, search; 404, 409 and 412 as it gives them. */
function standIn() {
  const folders = new Map<string, JsonObject>();
  const sources = new Map<string, JsonObject>();
  const boards = new Map<string, { folder: string; dashboard: JsonObject; version: number }>();
  const failures: number[] = [];
  const calls: string[] = [];
  const missing = { status: 404, body: { message: 'not found' } };
  const ok = (body: unknown) => ({ status: 200, body });
  const api: GrafanaApi = async (method, path, body = {}) => {
    calls.push(`${method} ${path}`);
    const failure = failures.shift();
    if (failure !== undefined) return { status: failure, body: { message: 'as told' } };
    const url = new URL(path, 'http://grafana');
    const uid = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    const route = `${method} ${url.pathname.replace(/\/uid\/.*$/, '/uid').replace(/^\/api\/folders\/.*$/, '/api/folders/uid')}`;
    switch (route) {
      case 'GET /api/folders/uid':
        return folders.has(uid) ? ok(folders.get(uid)) : missing;
      case 'POST /api/folders':
        if (folders.has(String(body.uid))) return { status: 409, body: {} };
        folders.set(String(body.uid), body);
        return ok(body);
      case 'DELETE /api/folders/uid':
        return folders.delete(uid) ? ok({}) : missing;
      case 'GET /api/datasources/uid':
        return sources.has(uid) ? ok(sources.get(uid)) : missing;
      case 'POST /api/datasources':
        if ([...sources.values()].some((source) => source.name === body.name))
          return { status: 409, body: {} };
        sources.set(String(body.uid), body);
        return ok(body);
      case 'PUT /api/datasources/uid':
        if (!sources.has(uid)) return missing;
        sources.set(uid, body);
        return ok(body);
      case 'DELETE /api/datasources/uid':
        return sources.delete(uid) ? ok({}) : missing;
      case 'POST /api/dashboards/db': {
        const dashboard = body.dashboard as JsonObject;
        if (!folders.has(String(body.folderUid)))
          return { status: 404, body: { message: 'folder not found' } };
        const there = boards.get(String(dashboard.uid));
        if (there !== undefined && body.overwrite !== true)
          return { status: 412, body: { status: 'version-mismatch' } };
        const version = (there?.version ?? 0) + 1;
        boards.set(String(dashboard.uid), { folder: String(body.folderUid), dashboard, version });
        return ok({ uid: dashboard.uid, version, status: 'success' });
      }
      case 'DELETE /api/dashboards/uid':
        return boards.delete(uid) ? ok({}) : missing;
      case 'GET /api/search':
        return ok(
          [...boards]
            .filter(([, board]) => board.folder === url.searchParams.get('folderUIDs'))
            .map(([one]) => ({ uid: one, type: 'dash-db' })),
        );
      default:
        return { status: 405, body: { route } };
    }
  };
  const waits: number[] = [];
  return {
    folders,
    sources,
    boards,
    failures,
    calls,
    waits,
    deps: { api, wait: async (ms: number) => void waits.push(ms) },
  };
}

const wanted = (...uids: string[]): Furnishing => ({
  folder: { uid: 'chancery', title: 'Chancery' },
  datasources: awsDatasources({
    region: 'eu-central-1',
    prometheusUrl: 'https://aps.example/workspaces/ws-1',
  }),
  dashboards: uids.map((uid) => ({ uid, title: uid })),
});

describe('filling a Grafana', () => {
  it('makes folder, data sources and dashboards', async () => {
    const grafana = standIn();
    await furnish(grafana.deps, wanted('a', 'b'));
    expect([...grafana.folders.keys()]).toEqual(['chancery']);
    expect([...grafana.sources.keys()]).toEqual(['chancery-prometheus', 'chancery-cloudwatch']);
    expect([...grafana.boards.keys()]).toEqual(['a', 'b']);
  });

  it('brings them up to date, and removes what this version does not have', async () => {
    const grafana = standIn();
    await furnish(grafana.deps, wanted('a', 'b'));
    expect(await furnish(grafana.deps, wanted('b', 'c'))).toEqual({ removed: 1 });
    expect([...grafana.boards.keys()]).toEqual(['b', 'c']);
    expect(grafana.boards.get('b')?.version).toBe(2);
  });

  it('leaves other folders’ dashboards alone', async () => {
    const grafana = standIn();
    grafana.boards.set('theirs', { folder: 'other', dashboard: {}, version: 1 });
    await furnish(grafana.deps, wanted('a'));
    await clear(grafana.deps, wanted('a'));
    expect([...grafana.boards.keys()]).toEqual(['theirs']);
  });

  it('waits for a workspace that is still starting, with growing pauses', async () => {
    const grafana = standIn();
    grafana.failures.push(503, 502, 429);
    await furnish(grafana.deps, wanted('a'));
    expect(grafana.waits).toEqual([1000, 2000, 4000]);
    expect([...grafana.boards.keys()]).toEqual(['a']);
  });

  it.each([
    [403, 'a token without the right'],
    [400, 'a dashboard that Grafana refuses'],
  ])('fails at once on %i: %s', async (status) => {
    const grafana = standIn();
    grafana.failures.push(status);
    await expect(furnish(grafana.deps, wanted('a'))).rejects.toMatchObject({ name: 'GrafanaError', status });
    expect(grafana.waits).toEqual([]);
  });

  it('gives up on a workspace that stays away, and says at which step', async () => {
    const grafana = standIn();
    grafana.failures.push(...Array.from({ length: 5 }, () => 503));
    await expect(furnish(grafana.deps, wanted('a'))).rejects.toThrow('folder: 503');
  });

  it('is completed by the next run when one fails half way', async () => {
    for (let step = 0; step < 12; step += 1) {
      const grafana = standIn();
      const { api } = grafana.deps;
      let left = step;
      const dying: GrafanaApi = (...call) =>
        left-- > 0 ? api(...call) : Promise.reject(new Error('cut off'));
      await furnish({ ...grafana.deps, api: dying }, wanted('a', 'b')).catch(() => undefined);
      await furnish(grafana.deps, wanted('a', 'b'));
      expect([...grafana.boards.keys()].sort(), `after ${step} calls`).toEqual(['a', 'b']);
      expect(grafana.sources.size).toBe(2);
    }
  });
});

describe('dashboards for Managed Grafana', () => {
  it('name its Prometheus plug-in everywhere, and CloudWatch as it is', () => {
    for (const dashboard of DASHBOARDS) {
      const text = JSON.stringify(forManagedGrafana(JSON.parse(JSON.stringify(toGrafana(dashboard)))));
      expect(text).not.toContain('"type":"prometheus"');
      expect(text).not.toContain('"query":"prometheus"');
      expect(text).toContain('grafana-amazonprometheus-datasource');
    }
  });
});

describe('clearing a Grafana', () => {
  it('takes out all that was put in, once and again', async () => {
    const grafana = standIn();
    await furnish(grafana.deps, wanted('a', 'b'));
    await clear(grafana.deps, wanted('a'));
    await clear(grafana.deps, wanted('a'));
    expect([grafana.folders.size, grafana.sources.size, grafana.boards.size]).toEqual([0, 0, 0]);
  });
});
