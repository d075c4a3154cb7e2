/** What the stream of a table must tell, whichever engine carries it. */
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openStreamDoorbell, type StreamDoorbell } from '../../adapters/aws/stream-doorbell.ts';
import { laneKey } from '../../src/ledger/bytes.ts';
import { type TamperData, watch } from '../../src/ledger/check/sentinel.ts';
import { readEntries } from '../../src/ledger/reader.ts';
import type { Change, Table } from '../../src/ports.ts';
import { memoryBlobs } from '../ledger/blobs.ts';
import { itemsOf, note, TRACE, testLedger } from '../ledger/support.ts';
import { record } from '../store/table-contract.ts';
import { makeTable } from '../support/dynamo.ts';

export function streamContract(
  name: string,
  open: () => Promise<{ url: string; client: DynamoDBClient; close: () => Promise<void> }>,
): void {
  describe(`the stream of a table on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let streams: DynamoDBStreamsClient;
    let table: Table;
    let bell: StreamDoorbell;
    let rings = 0;
    let partitions = 0;
    const changes: Change[] = [];
    const failures: unknown[] = [];
    const fresh = () => `STREAM#${++partitions}`;
    const of = (pk: string) =>
      changes.filter((change) => (change.kind === 'inserted' ? change.item : change.before).pk === pk);

    beforeAll(async () => {
      opened = await open();
      const { client, url } = opened;
      await makeTable(client, 'streamed');
      table = openDynamoTable(client, 'streamed');
      const described = await client.send(new DescribeTableCommand({ TableName: 'streamed' }));
      streams = new DynamoDBStreamsClient({
        region: client.config.region,
        endpoint: url,
        credentials: client.config.credentials,
      });
      bell = await openStreamDoorbell(streams, String(described.Table?.LatestStreamArn), {
        from: 'TRIM_HORIZON',
        onChange: (change) => changes.push(change),
        onFailure: (error) => failures.push(error),
      });
    });
    afterAll(async () => {
      await bell?.close();
      streams?.destroy();
      await opened?.close();
    });

    test('the doorbell rings for an insert, and the item comes with it', async () => {
      const stop = bell.listen(() => rings++);
      const item = record(fresh(), 0);
      await table.put(item, 'absent-or-identical');
      await vi.waitFor(() => expect(rings).toBeGreaterThan(0), 5_000);
      expect(plain(of(item.pk))).toEqual(plain([{ kind: 'inserted', item }]));
      stop();
    });

    test('repeating the identical put is no change: a retry is no tampering', async () => {
      const item = record(fresh(), 0);
      await table.put(item, 'absent-or-identical');
      await table.put(item, 'absent-or-identical');
      const marker = record(fresh(), 0);
      await table.put(marker, 'absent-or-identical');
      await vi.waitFor(() => expect(of(marker.pk)).toHaveLength(1), 5_000);
      expect(of(item.pk).map(({ kind }) => kind)).toEqual(['inserted']);
    });

    test('the old image comes with a modification and with a removal, within seconds', async () => {
      const item = record(fresh(), 0);
      await table.put(item, 'absent-or-identical');
      await table.merge(item.pk, item.sk, { b: new Uint8Array([6, 6, 6]) });
      await table.remove(item.pk, item.sk);
      await vi.waitFor(() => expect(of(item.pk)).toHaveLength(3), 5_000);
      const tampered = { ...item, b: new Uint8Array([6, 6, 6]) };
      expect(plain(of(item.pk))).toEqual(
        plain([
          { kind: 'inserted', item },
          { kind: 'modified', before: item, after: tampered },
          { kind: 'removed', before: tampered, expired: false },
        ]),
      );
    });

    test('a modified and a removed record of a lane are on record within 5 s, their old images kept', async () => {
      const ledger = testLedger({ table });
      const lane = await ledger.lane();
      for (const text of ['one', 'two', 'three']) await lane.append(note(text));
      const items = await itemsOf(table, laneKey(lane.number));
      const keep = memoryBlobs();
      const deps = {
        keep,
        alarm: (data: TamperData) => lane.append({ type: 'security.tamper_detected', trace: TRACE, data }),
        pruned: async () => false,
      };
      const from = changes.length;
      const [, modified, removed] = items;
      if (!modified || !removed) throw new Error('the lane has no records');
      await table.merge(modified.pk, modified.sk, { b: new Uint8Array([6]) });
      await table.remove(removed.pk, removed.sk);

      let judged = from;
      const alarms = await vi.waitFor(async () => {
        for (; judged < changes.length; judged++) {
          const change = changes[judged];
          if (change) await watch(deps, change);
        }
        const { entries } = await readEntries(table, { type: 'security.tamper_detected' });
        expect(entries).toHaveLength(2);
        return entries.map(({ record }) => record.data).reverse();
      }, 5_000);
      expect(alarms).toMatchObject([
        { kind: 'stream_modify', lane: lane.number, seq: 1 },
        { kind: 'stream_remove', lane: lane.number, seq: 2 },
      ]);
      const kept = alarms.map(({ preserved }) => {
        const bytes = keep.files.get(String(preserved));
        return JSON.parse(Buffer.from(bytes ?? []).toString()).b;
      });
      expect(kept).toEqual(
        [modified, removed].map(({ b }) => Buffer.from(b instanceof Uint8Array ? b : []).toString('base64')),
      );
    });

    test('of 200 changes in a row none is lost', async () => {
      const pk = fresh();
      for (let seq = 0; seq < 200; seq++) await table.put(record(pk, seq), 'absent-or-identical');
      await vi.waitFor(() => expect(of(pk)).toHaveLength(200), 10_000);
      expect(failures).toEqual([]);
    });
  });
}

/** A Buffer is a Uint8Array; only its bytes count. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner) =>
      inner instanceof Uint8Array ? Buffer.from(inner).toString('hex') : inner,
    ),
  );
}
