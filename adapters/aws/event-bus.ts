/** CloudEvents on an EventBridge bus. `PutEvents` can fail in part: then the batch counts as not taken. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ChanceryError } from '../../src/errors.ts';
import { toBusEntry } from '../../src/watch/siem/cloud-events.ts';
import type { Sink } from '../../src/watch/siem/export.ts';
import type { Exported } from '../../src/watch/siem/ocsf.ts';

/** Limits of `PutEvents`: ten entries, 256 KB in all; the service adds 14 bytes for a time, we leave more. */
const ENTRIES = 10;
const BYTES = 240_000;

type Entry = ReturnType<typeof toBusEntry>;
const sizeOf = (entry: Entry): number =>
  Buffer.byteLength(entry.detail) + entry.detail_type.length + entry.source.length + 100;

/** In order, each within the limits. */
export function inRequests(entries: readonly Entry[]): Entry[][] {
  const requests: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = requests.at(-1);
    const size = sizeOf(entry);
    if (last === undefined || last.length >= ENTRIES || bytes + size > BYTES) {
      requests.push([entry]);
      bytes = size;
    } else {
      last.push(entry);
      bytes += size;
    }
  }
  return requests;
}

export function eventBus(client: EventBridgeClient, bus: string, origin: string): Sink {
  return {
    name: 'event-bus',
    async take(records: readonly Exported[]) {
      for (const request of inRequests(records.map((record) => toBusEntry(record, origin)))) {
        const { FailedEntryCount = 0, Entries = [] } = await client.send(
          new PutEventsCommand({
            Entries: request.map((entry) => ({
              EventBusName: bus,
              Source: entry.source,
              DetailType: entry.detail_type,
              Time: new Date(entry.time),
              Detail: entry.detail,
            })),
          }),
        );
        if (FailedEntryCount > 0) {
          const code = Entries.find((entry) => entry.ErrorCode !== undefined)?.ErrorCode ?? 'unknown';
          throw new ChanceryError('STORE_UNAVAILABLE', `${FailedEntryCount} events were not taken: ${code}`);
        }
      }
    },
  };
}
