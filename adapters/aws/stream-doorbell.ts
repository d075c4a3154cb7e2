/**
 * `Doorbell` on a DynamoDB stream that is polled: for what runs outside Lambda. (In Lambda the event source
 * mapping does the polling, and `changeOf` reads its events.)
 */
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { Change, Doorbell } from '../../src/ports.ts';
import { changeOf } from './stream-changes.ts';

export interface StreamDoorbell extends Doorbell {
  /** Ends the polling; resolves when nothing is under way. */
  close(): Promise<void>;
}

export interface StreamDoorbellOptions {
  /** Every change in its item's order, at least once; the doorbell rings for `inserted` by itself. */
  readonly onChange?: (change: Change) => void;
  /** Polling goes on after a failure; somebody must hear of it. */
  readonly onFailure: (error: unknown) => void;
  /** `LATEST`: changes from now on; `TRIM_HORIZON`: of the last 24 hours too. */
  readonly from?: 'LATEST' | 'TRIM_HORIZON';
  readonly intervalMs?: number;
}

interface Shard {
  readonly id: string;
  /** Absent once the shard is closed and read to its end; it stays known, so that it is not begun again. */
  iterator: string | undefined;
  /** Where to go on when the iterator has expired. */
  last: string | undefined;
  readonly from: 'LATEST' | 'TRIM_HORIZON';
}

/** Resolves once every shard has its place, so that no later change is missed. */
export async function openStreamDoorbell(
  client: DynamoDBStreamsClient,
  streamArn: string,
  options: StreamDoorbellOptions,
): Promise<StreamDoorbell> {
  const { onChange, onFailure, from = 'LATEST', intervalMs = 200 } = options;
  const listeners = new Set<() => void>();
  const shards = new Map<string, Shard>();
  let closed = false;
  /** A shard has ended, so that others have taken its place. */
  let succeeded = false;
  let wake = () => {};

  const ring = () => {
    for (const heard of listeners) heard();
  };

  /** Shards that are not known yet: at the start `from`, later the children of closed ones, from their begin. */
  async function discover(position: 'LATEST' | 'TRIM_HORIZON'): Promise<void> {
    let after: string | undefined;
    do {
      const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after });
      const { StreamDescription } = await client.send(command);
      for (const { ShardId } of StreamDescription?.Shards ?? []) {
        if (ShardId === undefined || shards.has(ShardId)) continue;
        const shard: Shard = { id: ShardId, iterator: undefined, last: undefined, from: position };
        shard.iterator = await place(shard);
        shards.set(ShardId, shard);
      }
      after = StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
  }

  async function place({ id, last, from }: Shard): Promise<string | undefined> {
    const command = new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: id,
      ...(last === undefined
        ? { ShardIteratorType: from }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last }),
    });
    return (await client.send(command)).ShardIterator;
  }

  async function read(shard: Shard): Promise<void> {
    if (shard.iterator === undefined) return;
    try {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: shard.iterator }));
      const changes = (answer.Records ?? []).map(changeOf);
      shard.iterator = answer.NextShardIterator;
      succeeded ||= shard.iterator === undefined;
      shard.last = answer.Records?.at(-1)?.dynamodb?.SequenceNumber ?? shard.last;
      for (const change of changes) onChange?.(change);
      if (changes.some(({ kind }) => kind === 'inserted')) ring();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExpiredIteratorException') throw error;
      shard.iterator = await place(shard);
    }
  }

  async function poll(): Promise<void> {
    while (!closed) {
      try {
        for (const shard of shards.values()) await read(shard);
        if (succeeded || shards.size === 0) await discover('TRIM_HORIZON');
        succeeded = false;
      } catch (error) {
        onFailure(error);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  await discover(from);
  const polling = poll();
  return {
    ring,
    listen(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    async close() {
      closed = true;
      wake();
      await polling;
    },
  };
}
