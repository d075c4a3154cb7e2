import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { readSettings } from '../../local/settings.ts';
import { fromBase64, laneKey, seqKey } from '../../src/ledger/bytes.ts';
import { parseProof, proofHolds } from '../../src/ledger/check/proof.ts';
import { openCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { verifyConsistency } from '../../src/ledger/tree/merkle.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import { note } from './support.ts';

let folder = '';
let runtime: Runtime;
let token = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-http-'));
  const settings = readSettings({ PORT: '0', CHANCERY_DATA: folder }, resolve(import.meta.dirname, '../..'));
  runtime = await startRuntime({ ...settings, port: 0 });
  token = await runtime.mint({ sub: 'zelda', name: 'Zelda Byron', roles: ['auditor'], kind: 'human' });
});

afterAll(async () => {
  await runtime.stop();
  await rm(folder, { recursive: true });
});

async function get(path: string, method = 'GET', bearer = token) {
  const headers = new Headers(bearer === '' ? {} : { authorization: `Bearer ${bearer}` });
  const response = await fetch(`${runtime.url}${path}`, { method, headers });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
}
const text = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString();
const json = async (path: string, method?: string) => JSON.parse(text(await get(path, method)));

/** From later than to, whatever their offsets. */
const AFTER = [
  'from=2026-11-30T00:00:00Z&to=2026-11-01T00:00:00Z',
  'from=2026-11-30T00:00:00-05:00&to=2026-11-30T04:00:00Z',
];

describe('the sealed log over HTTP', () => {
  it('gives checkpoint, keys, tiles and proofs that hold together', async () => {
    const trust: Trust = await json('/ledger/trust');
    const { id } = await runtime.office.ledger.append(note('proved'));
    const early = await get(`/ledger/entries/${id}/proof`);
    expect([200, 409]).toContain(early.status);
    expect((await json('/ledger/verify', 'POST')).verdict).toBe('OK');
    const checkpoint = await get('/ledger/checkpoint');
    expect(checkpoint.type).toBe('text/plain; charset=utf-8');
    const opened = openCheckpoint(text(checkpoint), trust.origin, trust.log_keys);
    if (!opened.ok) throw new Error(opened.detail);
    const proof = parseProof(text(await get(`/ledger/entries/${id}/proof`)));
    expect(proof && proofHolds(proof, trust)).toBe(true);
    const { size } = opened.checkpoint;
    const tile = await get(`/tile/0/000.p/${size}`);
    expect([tile.status, tile.bytes.length]).toEqual([200, 32 * size]);
    const { from, to, proof: path, checkpoint: over } = await json('/ledger/consistency?from=2');
    expect(to).toBeGreaterThanOrEqual(size);
    const newest = openCheckpoint(over, trust.origin, trust.log_keys);
    expect(from).toBe(2);
    if (!newest.ok || newest.checkpoint.size !== to) return;
    const half = await json(`/ledger/consistency?from=2&to=${size}`);
    expect(half.to).toBe(size);
    const hashes = path.map(fromBase64);
    expect(verifyConsistency(2, newest.checkpoint.root, to, newest.checkpoint.root, hashes)).toBe(false);
  });

  it('serves the same checkpoint where tlog-tiles tools look for it, and needs a token there too', async () => {
    expect((await get('/checkpoint')).status).toBe(200);
    expect((await get('/checkpoint', 'GET', '')).status).toBe(401);
    const agent = await runtime.mint({ sub: 'planner', roles: ['agent'], kind: 'agent' });
    expect((await get('/checkpoint', 'GET', agent)).status).toBe(403);
  });

  it('says no to names that are no tiles, to sizes that are none, and to entries that do not exist', async () => {
    for (const path of ['/tile/0/999', '/tile/0/..%2f..%2fkeys', '/tile/entries/000.p/999', '/tile/x/000']) {
      expect((await get(path)).status).toBe(404);
    }
    for (const path of [
      '/ledger/consistency?from=5&to=2',
      '/ledger/consistency?from=0&to=99999999',
      '/ledger/consistency',
      ...['0x1', '1e0', '%2B1', '1.0', '%201', '01', '', '1&from=1'].map(
        (from) => `/ledger/consistency?from=${from}`,
      ),
      '/ledger/report?from=x',
      '/ledger/entries?cursor=!',
      '/ledger/entries?unknown=1',
      ...AFTER.flatMap((range) => [`/ledger/report?${range}`, `/ledger/entries?${range}`]),
      ...[
        'type=decision',
        'type=Decision.made',
        'mode=Execute',
        'outcome=ALLOW',
        'workflow=%20',
        'type=',
      ].map((filter) => `/ledger/entries?${filter}`),
    ]) {
      expect((await get(path)).status).toBe(400);
    }
    expect((await get('/ledger/entries/9.9/proof')).status).toBe(404);
    expect((await get('/ledger/entries/x')).status).toBe(404);
  });

  it('answers for receipts of records that were signed together, the longest signatures among them', async () => {
    const all = Array.from({ length: 256 }, (_, at) => runtime.office.ledger.append(note(`${at}`)));
    const receipts = await Promise.all(all);
    const longest = receipts.reduce((one, other) =>
      other.signature.length > one.signature.length ? other : one,
    );
    expect(longest.signature.length).toBeGreaterThan(300);
    await json('/ledger/verify', 'POST');
    for (const receipt of [receipts[0], longest, receipts.at(-1)]) {
      const asked = new URLSearchParams(
        Object.entries(receipt ?? {}).map(([name, value]) => [name, String(value)]),
      );
      expect(['kept', 'pending']).toContain((await json(`/ledger/receipts/check?${asked}`)).status);
      expect(await json(`/ledger/entries/${receipt?.id}`)).toMatchObject({
        record_hash: receipt?.record_hash,
        signature: receipt?.signature,
      });
    }
  });

  it('shows nothing under a lane number that nobody claimed, whatever somebody put there', async () => {
    const { id, lane, seq } = await runtime.office.ledger.append(note('copied'));
    const store = openSqliteTable(join(folder, 'store.sqlite'));
    const item = await store.get(laneKey(lane), seqKey(seq));
    if (item === undefined) throw new Error('no record');
    await store.put({ ...item, pk: laneKey(99_999), sk: seqKey(seq) }, 'absent');
    store.close();
    expect((await get(`/ledger/entries/${id}`)).status).toBe(200);
    for (const path of [`/ledger/entries/99999.${seq}`, `/ledger/entries/99999.${seq}/proof`])
      expect((await get(path)).status).toBe(404);
  });

  it('counts a range, and records that it was read', async () => {
    const report = await json('/ledger/report?from=2020-01-01T00:00:00Z');
    expect(report.by_type['ledger.lane_opened']).toBe(1);
    expect(report.entries).toBe(Object.values<number>(report.by_type).reduce((sum, count) => sum + count, 0));
    const { entries } = await json('/ledger/entries?type=admin.*&subject=zelda&limit=1');
    expect(entries[0].record.data).toMatchObject({ resource: 'ledger', what: 'report' });
    expect(JSON.stringify(entries)).not.toContain('zelda');
  });
});
