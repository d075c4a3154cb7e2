/**
 * While the deployed ledger contradicts itself no function records anything, whatever asks or wakes it; put right, all go
 * on. What is planted is written with the rights of the account's owner, and put back byte for byte.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../../adapters/aws/dynamodb-table.ts';
import { invokeAndWait } from '../../../adapters/aws/invoke-function.ts';
import { openS3Blobs } from '../../../adapters/aws/s3-blobs.ts';
import { signer } from '../../../adapters/aws/sigv4.ts';
import type { Json } from '../../../src/json.ts';
import { laneKey, numberKey, placeOf, seqKey } from '../../../src/ledger/bytes.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import { readLock } from '../../../src/ledger/seal/lock.ts';
import { TILE_WIDTH, tilePath, tileWidth } from '../../../src/ledger/tree/tiles.ts';
import type { Blobs, Table } from '../../../src/ports.ts';
import type { Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
/** A writer goes by what it read of the verdicts for five seconds. */
const VERDICT_MS = 5_500;

/** What is done; gives what puts it right. */
type Plant = (table: Table, log: Blobs) => Promise<() => Promise<unknown>>;

async function itemAt(table: Table, pk: string, sk: string) {
  const item = await table.get(pk, sk);
  if (item === undefined) throw new Error(`nothing at ${pk} ${sk}`);
  return item;
}

/** Replaces an item's bytes; the port has no such write for what is signed. */
async function swap(table: Table, pk: string, sk: string, b: Uint8Array): Promise<() => Promise<unknown>> {
  const item = await itemAt(table, pk, sk);
  await table.merge(pk, sk, { b });
  return () => table.merge(pk, sk, { b: item.b ?? null });
}

async function cut(table: Table, pk: string, sk: string): Promise<() => Promise<unknown>> {
  const item = await itemAt(table, pk, sk);
  await table.remove(pk, sk);
  return () => table.put(item, 'absent');
}

async function swapFile(log: Blobs, name: string, change: (old: Buffer) => Buffer) {
  const old = await log.get(name);
  if (old === undefined) throw new Error(`nothing at ${name}`);
  await log.put(name, new Uint8Array(change(Buffer.from(old))));
  return () => log.put(name, old);
}

const flipped = (old: Buffer): Buffer => {
  const bytes = Buffer.from(old);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  return bytes;
};

/** A record of the middle of the log, sealed long ago, in a lane that is closed or still written. */
async function sealedPlace(table: Table): Promise<{ pk: string; sk: string }> {
  const { entries } = await readEntries(table, { type: 'decision.made' }, { order: 'oldest', limit: 3 });
  const entry = entries.at(-1);
  if (entry === undefined) throw new Error('nothing is recorded');
  return { pk: laneKey(entry.lane), sk: seqKey(entry.seq) };
}

const PLANTS: Readonly<Record<string, Plant>> = {
  'a sealed record is changed': async (table) => {
    const { pk, sk } = await sealedPlace(table);
    return swap(table, pk, sk, new TextEncoder().encode('{}'));
  },
  'a sealed record is removed': async (table) => {
    const { pk, sk } = await sealedPlace(table);
    return cut(table, pk, sk);
  },
  'a full tile of hashes is changed': async (_, log) => swapFile(log, tilePath(0, 0, TILE_WIDTH), flipped),
  'the newest tile is changed': async (table, log) => {
    const { size } = await readLock(table);
    const n = Math.floor((size - 1) / TILE_WIDTH);
    return swapFile(log, tilePath(0, n, tileWidth(0, n, size)), flipped);
  },
  'a bundle of entries is changed': async (_, log) => swapFile(log, 'tile/entries/000', flipped),
  'the lock is torn': async (table) => {
    const lock = await itemAt(table, 'LOG', 'LOCK');
    await table.merge('LOG', 'LOCK', { lanes: 'nonsense' });
    return () => table.merge('LOG', 'LOCK', { lanes: lock.lanes ?? null });
  },
  'the lock is of an older tree': async (table) => {
    const { pk: _pk, sk: _sk, ...lock } = await itemAt(table, 'LOG', 'LOCK');
    await table.merge('LOG', 'LOCK', { size: 0, note: '', lanes: '', from: 0, last_lane: 0 });
    return () => table.merge('LOG', 'LOCK', lock);
  },
};

export function contradictions(given: () => Deployment): void {
  const state = () =>
    openDynamoTable(
      createDynamoClient({ region: REGION, endpoint: given().ministack.endpoint, credentials }),
      'chancery-dev-state',
    );
  const log = () =>
    openS3Blobs(
      new S3Client({
        region: REGION,
        endpoint: given().ministack.endpoint,
        credentials,
        forcePathStyle: true,
      }),
      `chancery-dev-log-${ACCOUNT}-${REGION}`,
    );
  /** Calls a function as what wakes it does; whether it fails is its own matter. */
  const wake = (name: string, event: Json = {}): Promise<unknown> =>
    invokeAndWait(`arn:aws:lambda:${REGION}:${ACCOUNT}:function:chancery-dev-${name}:live`, event, {
      sign: signer('lambda', REGION, async () => credentials),
      fetch,
      clock: Date.now,
      region: REGION,
      endpoint: given().ministack.endpoint,
    }).catch((error: unknown) => error);
  /** Lane → its last place: what is in the ledger. */
  const heads = async (): Promise<Map<number, number>> => {
    const table = given().ledgerTable();
    const found = new Map<number, number>();
    for (let lane = 1; (await table.get('LANES', numberKey(lane))) !== undefined; lane += 1) {
      const { items } = await table.query(laneKey(lane), { reverse: true, limit: 1 });
      found.set(lane, placeOf(items[0]?.sk ?? ''));
    }
    return found;
  };
  const until = async (holds: () => Promise<boolean>, seconds = 40): Promise<boolean> => {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
      if (await holds()) return true;
      await new Promise((next) => setTimeout(next, 250));
    }
    return false;
  };
  const ready = (status: number) =>
    until(async () => (await given().call('GET /health/ready')).status === status);
  /** What every function that records goes by. */
  const unsound = async (): Promise<boolean> => {
    const verdicts = await Promise.all(['VERDICT', 'PATROL'].map((sk) => state().get('SEALER', sk)));
    return verdicts.some((verdict) => verdict?.sound === false);
  };
  /** The sealer's schedule beats once a minute; here it beats until it has found what there is. */
  const sealerFinds = (what: boolean) =>
    until(async () => {
      await wake('seal');
      return (await unsound()) === what;
    });

  describe('a ledger that contradicts itself', () => {
    it.each(Object.entries(PLANTS))(
      '%s: the verdict says so, until it is put right',
      async (_, plant) => {
        expect(await sealerFinds(false)).toBe(true);
        const putRight = await plant(given().ledgerTable(), log());
        try {
          expect(await sealerFinds(true)).toBe(true);
        } finally {
          await putRight();
        }
        expect(await sealerFinds(false)).toBe(true);
      },
      120_000,
    );

    it('is added to by no function, whatever asks or wakes it; readiness names the finding, and put right it goes on', async () => {
      const table = given().ledgerTable();
      const hana = await given().issuer.mint({
        sub: 'hana',
        name: 'Hana Held',
        roles: ['admin', 'auditor', 'operator', 'committee_member'],
        kind: 'human',
      });
      const forged = await given().issuer.forge({ sub: 'hana', roles: ['admin'] });
      const ask = (route: string, body?: unknown, token = hana) =>
        given().call(route, { token, ...(body === undefined ? {} : { body }) });
      const aim = {
        actor: { name: 'Hana Held' },
        input: { sources: [{ type: 'ledger', description: 'what was recorded lately' }] },
        mission: { objective: 'See that nothing runs meanwhile', success_criteria: ['it is refused'] },
      };
      const execute = () =>
        ask('POST /workflows/governed/execute', {
          workflow_name: 'compliance-report',
          drag_mode: 'execute',
          aim,
          parameters: {},
        });
      expect(await ready(200)).toBe(true);

      const putRight = await PLANTS['the lock is of an older tree']?.(table, log());
      try {
        expect(await ready(503)).toBe(true);
        const { body } = await given().call('GET /health/ready');
        const held = body.checks.filter(({ status }: { status: string }) => status === 'unhealthy');
        expect(held).toMatchObject([
          { name: 'ledger', details: { finding: expect.stringMatching(/^lock: /) } },
        ]);
        expect(await sealerFinds(true)).toBe(true);
        await new Promise((over) => setTimeout(over, VERDICT_MS));

        const before = await heads();
        const answers = await Promise.all([
          execute(),
          ask('POST /decisions', { action: 'run', resource: { type: 'workflow', id: 'compliance-report' } }),
          ask('POST /missions', { aim, tools: ['notes.read'] }),
          ask('POST /violations', {
            violation_type: 'exploitation',
            node_or_service: 'node-held',
            description: 'said while nothing may be recorded',
          }),
          ask('GET /ledger/entries?limit=1'),
        ]);
        expect(answers.map(({ status, body: { code } }) => [status, code])).toEqual(
          answers.map(() => [503, 'LEDGER_UNAVAILABLE']),
        );
        expect((await ask('GET /ledger/entries', undefined, forged)).status).toBe(401);
        const connect = {
          headers: { authorization: `Bearer ${hana}` },
          requestContext: { connectionId: 'held', eventType: 'CONNECT' },
        };
        const trail = {
          'detail-type': 'AWS API Call via CloudTrail',
          detail: {
            eventID: 'e-held',
            eventName: 'PutBucketPolicy',
            eventSource: 's3.amazonaws.com',
            requestParameters: { bucketName: `chancery-dev-log-${ACCOUNT}-${REGION}` },
          },
        };
        const alarm = {
          AlarmName: 'chancery-dev-LedgerIntegrity',
          NewStateValue: 'ALARM',
          NewStateReason: 'set by a test',
          StateChangeTime: new Date().toISOString(),
        };
        const Sns = { Message: JSON.stringify(alarm), Timestamp: new Date().toISOString() };
        const [live] = await Promise.all([
          wake('live', connect),
          wake('tripwire', trail),
          wake('notify', { Records: [{ Sns }] }),
          ...['seal', 'sweep', 'heal', 'siem', 'project', 'push', 'broadcast', 'canary'].map((name) =>
            wake(name),
          ),
        ]);
        expect(live).toMatchObject({ statusCode: 503 });
        expect(await heads()).toEqual(before);
      } finally {
        await putRight?.();
      }
      expect(await sealerFinds(false)).toBe(true);
      expect(await ready(200)).toBe(true);
      expect(await until(async () => (await execute()).status === 200)).toBe(true);
      // Over the contradiction nothing was recorded, not even the alarm: it is now.
      const { entries } = await readEntries(table, { type: 'security.tamper_detected' }, { limit: 50 });
      expect(entries.map(({ record }) => record.data)).toContainEqual(
        expect.objectContaining({ kind: 'head_conflict', head: 'lock' }),
      );
    }, 180_000);
  });
}
