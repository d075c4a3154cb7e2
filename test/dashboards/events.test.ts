/**
 * What CloudWatch reads out of log groups: every field, filter and key of a panel's Logs Insights query and of every
 * Contributor Insights rule, looked for in lines that a run of the system really wrote.
 */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { DASHBOARDS } from '../../dashboards/all.ts';
import { insightRules } from '../../dashboards/cloudwatch.ts';
import { openTraffic } from '../../scripts/traffic.ts';
import { EVENT_TYPES } from '../../src/ledger/record.ts';
import { createEmf } from '../../src/watch/metrics/emf.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { EVENT_TYPE_PREFIX, toBusEntry } from '../../src/watch/siem/cloud-events.ts';
import type { Exported } from '../../src/watch/siem/ocsf.ts';
import { bundleWith } from '../charter/world.ts';
import { ALERT, TROUBLE } from '../observe/trouble.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

/** Logs Insights finds at most this many fields in a JSON line (CloudWatch Logs user guide, "Fields in JSON logs"). */
const DISCOVERED = 200;

type Line = ReadonlyMap<string, unknown>;

/** A line as Logs Insights names its fields: members and positions joined by dots. */
function flat(value: unknown, name = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return into.set(name, value);
  for (const [key, member] of Object.entries(value)) flat(member, name === '' ? key : `${name}.${key}`, into);
  return into;
}

const panels = DASHBOARDS.flatMap(({ uid, panels }) =>
  panels.map((panel) => ({ name: `${uid}: ${panel.title}`, aws: panel.aws })),
);
const asked = (as: 'events' | 'logs') =>
  panels.flatMap(({ name, aws }) => (aws.as === as && 'query' in aws ? [{ name, query: aws.query }] : []));
const lists = panels.flatMap(({ name, aws }) => (aws.as === 'contributors' ? [{ name, ...aws }] : []));

/** The fields that a query reads: every name that is no keyword, function, alias or literal. */
function fieldsOf(query: string): string[] {
  const bare = query.replace(/\/(?:\\.|[^/])*\//g, ' ').replace(/"[^"]*"|'[^']*'/g, ' ');
  const aliases = new Set([...bare.matchAll(/\bas (\w+)/g)].map(([, alias]) => alias ?? ''));
  const words = bare.match(/(?<![\w.])[@A-Za-z_][\w@.]*/g) ?? [];
  const known =
    /^(filter|fields|stats|sort|limit|by|as|and|or|not|in|like|asc|desc|bin|pct|count|count_distinct|sum|avg|max|min|latest|ispresent|now|coalesce|m|@timestamp)$/;
  // Every event has its type: which types there are is asked separately.
  return [...new Set(words)].filter(
    (word) => word !== 'detail.type' && !known.test(word) && !aliases.has(word),
  );
}

async function everyRecord({ call, token }: TestRuntime): Promise<Exported[]> {
  const found: Exported[] = [];
  const bearer = await token({ roles: ['auditor'] });
  for (let cursor = ''; ; ) {
    const path = `/ledger/entries?order=oldest&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await call('GET', path, { token: bearer });
    found.push(...body.entries);
    if (body.next === undefined) return found;
    cursor = body.next;
  }
}

let lines: readonly Line[] = [];
let logged: readonly Line[] = [];
/** What the functions write as EMF beside their logs. */
const emitted: Line[] = [];
let office: TestRuntime;

beforeAll(async () => {
  // With a limit that is soon reached.
  const charterFolder = join(await mkdtemp(join(tmpdir(), 'chancery-lines-')), 'charter');
  for (const [name, text] of bundleWith({ 'limits.yaml': TROUBLE['limits.yaml'] ?? '' })) {
    await mkdir(dirname(join(charterFolder, name)), { recursive: true });
    await writeFile(join(charterFolder, name), text);
  }
  office = await startTestRuntime({ charterFolder });
  const traffic = await openTraffic({
    url: office.runtime.url,
    mint: (claims) => office.runtime.mint(claims),
    random: () => 0.3,
  });
  for (let round = 0; round < 6; round += 1) await traffic.everything();
  const bearer = await office.token({
    sub: 'ann',
    name: 'Ann Admin',
    roles: ['admin', 'operator'],
    mfa: true,
  });
  const post = async (path: string, body: object) => {
    const answer = await office.call('POST', path, { token: bearer, body });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  await post('/tools/invocations', { tool: 'search-mcp.search', outcome: 'success', duration_ms: 5 });
  for (let times = 0; times < 4; times += 1)
    await office.execute(governed(), { sub: 'nightly', kind: 'service' });
  const failed = await post('/deployments', {
    environment: 'dev',
    version: '1',
    commit: 'abc1234',
    result: 'failure',
  });
  await post('/deployments', {
    environment: 'dev',
    version: '2',
    commit: 'abc1235',
    result: 'success',
    restores: failed.body.deployment_id,
  });
  const monitor = await office.token({
    sub: 'alertmanager',
    kind: 'service',
    roles: [],
    scopes: ['alerts:notify'],
  });
  await office.call('POST', '/notify/alertmanager', { token: monitor, body: ALERT });
  await post('/revocations', { subject: 'leaver', reason: 'account_closure' });
  await post('/charter/metrics/validate', {
    metric_name: 'user_location',
    value: 1,
    timestamp: new Date().toISOString(),
    source: 'node-1',
  });
  // The loop answers beside the requests.
  const reader = await office.token({ roles: ['auditor'] });
  await vi.waitFor(async () => {
    const healed = await office.call('GET', '/ledger/entries?type=healing.executed', { token: reader });
    expect(healed.body.entries).not.toEqual([]);
  }, 20_000);
  lines = (await everyRecord(office)).map((exported) => {
    const { detail, detail_type, source } = toBusEntry(exported, 'test');
    // As EventBridge writes an event to a log group (EventBridge user guide, "AWS service event structure").
    return flat({ version: '0', 'detail-type': detail_type, source, detail: JSON.parse(detail) });
  });
  logged = readFileSync(join(office.folder, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => flat(JSON.parse(line)));
  const emf = createEmf({
    environment: 'dev',
    write: (line) => emitted.push(flat(JSON.parse(line))),
    clock: Date.now,
  });
  const meter = createMeter(Date.now, emf.listener);
  meter.set('charter_last_load_timestamp_seconds', {}, 1);
  emf.flush();
}, 120_000);
afterAll(() => office.stop());

/** The types of records that a query keeps, by its filter. */
function typesOf(query: string): (type: string) => boolean {
  const pattern = /detail\.type like \/(.+?)\/ \|/.exec(query)?.[1];
  const exact = /detail\.type = "([^"]+)"/.exec(query)?.[1];
  if (exact !== undefined) return (type) => type === exact;
  return pattern === undefined ? () => true : (type) => new RegExp(pattern).test(type);
}

describe('a query over the events of the ledger', () => {
  it('keeps types of records that exist', () => {
    const known = EVENT_TYPES.map((type) => `${EVENT_TYPE_PREFIX}${type}`);
    for (const { name, query } of asked('events')) expect(known.filter(typesOf(query)), name).not.toEqual([]);
  });

  it('reads only fields that such records really have', () => {
    const missing = asked('events').flatMap(({ name, query }) => {
      const kept = lines.filter((line) => typesOf(query)(String(line.get('detail.type'))));
      return fieldsOf(query)
        .filter((field) => !kept.some((line) => line.has(field)))
        .map((field) => `${name} reads ${field}`);
    });
    expect(missing).toEqual([]);
  });

  it('reads fields that Logs Insights finds: the first two hundred of a line', () => {
    expect(Math.max(...lines.map(({ size }) => size))).toBeLessThanOrEqual(DISCOVERED);
  });
});

it('a query over the logs of the functions reads only fields that they write', () => {
  const written = [...logged, ...emitted];
  const missing = asked('logs').flatMap(({ name, query }) =>
    fieldsOf(query)
      .filter((field) => !written.some((line) => line.has(field)))
      .map((field) => `${name} reads ${field}`),
  );
  expect(missing).toEqual([]);
});

describe('a list of contributors', () => {
  const places = { eventLogGroup: 'events', insightPrefix: '' };
  const bodySchema = z.object({
    Contribution: z.object({
      Keys: z.array(z.string()),
      Filters: z.array(z.object({ Match: z.string(), In: z.array(z.string()) })),
    }),
  });
  const rules = new Map(
    insightRules(places).map(({ name, body }) => [name, bodySchema.parse(body).Contribution]),
  );
  const fieldOf = (path: string): string => path.replace(/^\$\./, '');

  it('is made by a rule that exists', () => {
    for (const { name, rule } of lists) expect([...rules.keys()], name).toContain(rule);
  });

  it('has keys in lines that pass the filters, by fields and values that are written', () => {
    for (const [name, { Keys, Filters }] of rules) {
      const kept = lines.filter((line) =>
        Filters.every(({ Match, In }) => In.includes(String(line.get(fieldOf(Match))))),
      );
      expect(kept.length, name).toBeGreaterThan(0);
      for (const key of Keys)
        expect(
          kept.some((line) => line.has(fieldOf(key))),
          `${name} ${key}`,
        ).toBe(true);
    }
  });

  it('asks Logs Insights for the same fields where Grafana shows it', () => {
    for (const { name, query } of lists)
      for (const field of fieldsOf(query))
        expect(
          lines.some((line) => line.has(field)),
          `${name} ${field}`,
        ).toBe(true);
  });
});
