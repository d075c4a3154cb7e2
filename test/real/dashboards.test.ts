/**
 * Every PromQL expression of every panel, run on a real Prometheus after the scenario. What waits for a part of
 * the system that is not there yet is listed, so that it must be taken off the list when it comes.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../dashboards/all.ts';
import { MARKS } from '../../dashboards/grafana.ts';
import { photograph } from '../../scripts/preview.ts';
import { type Watched, watch } from '../../scripts/preview-run.ts';

/** Errors of ours, of which a run has none. */
const WAITING: readonly string[] = ['chancery-operations: Errors by type'];

const panels = DASHBOARDS.flatMap((dashboard) =>
  dashboard.panels
    .filter((panel) => panel.queries.length > 0)
    .map((panel) => [dashboard.uid, panel.title] as const),
);

describe('after the scenario', () => {
  let watched: Watched;
  let folder: string;
  beforeAll(async () => {
    watched = await watch(resolve(import.meta.dirname, '../..'), 40, 14);
    folder = await mkdtemp(join(tmpdir(), 'chancery-pictures-'));
  }, 480_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(panels)('%s, panel “%s”, has data', (uid, title) => {
    const lines = watched.data[uid]?.[title] ?? [];
    if (WAITING.includes(`${uid}: ${title}`))
      expect(lines, 'no longer waiting: take it off the list').toEqual([]);
    else expect(lines).not.toEqual([]);
  });

  it.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
    '%s resolves its variables and marks',
    (uid, dashboard) => {
      const data = watched.data[uid] ?? {};
      for (const { name } of dashboard.variables) expect(data[`$${name}`], name).not.toEqual([]);
      for (const { name } of MARKS) expect(data[`@${name}`], name).not.toEqual([]);
    },
  );

  it('Chromium draws every panel of every dashboard without an error', async () => {
    expect(await photograph(watched, folder, folder)).toHaveLength(DASHBOARDS.length);
  });
});
