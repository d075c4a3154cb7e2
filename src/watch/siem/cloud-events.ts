/**
 * A ledger record as a CloudEvent (github.com/cloudevents/spec, 1.0), and as the entry that EventBridge takes.
 * `source` and `id` together are unique, as the specification wants it: a consumer can drop duplicates by them.
 */
import type { JsonObject } from '../../json.ts';
import type { Exported } from './ocsf.ts';

export const EVENT_TYPE_PREFIX = 'org.chancery.';
/** EventBridge's own `source` field; rules select by it. */
export const EVENT_SOURCE = 'org.chancery';

/** `origin` names the ledger, e.g. `chancery.example/prod`. */
export function toCloudEvent({ id, record, record_hash }: Exported, origin: string): JsonObject {
  const { v: _, personal: __, meta, ...rest } = record;
  return {
    specversion: '1.0',
    id,
    source: `urn:chancery:${encodeURIComponent(origin)}`,
    type: EVENT_TYPE_PREFIX + record.type,
    time: record.time,
    ...(record.subject === undefined ? {} : { subject: record.subject }),
    datacontenttype: 'application/json',
    // Distributed tracing extension; the span is the record's own, made from its hash.
    traceparent: `00-${record.trace}-${record_hash.slice(0, 16)}-01`,
    data: {
      ...rest,
      labels: { ...record.labels },
      ...(meta === undefined ? {} : { meta: { ...meta } }),
      record_hash,
    },
  };
}

/** EventBridge's `PutEvents` takes at most 256 KB an entry; records are at most 60 KB. */
export const toBusEntry = (exported: Exported, origin: string) => ({
  source: EVENT_SOURCE,
  detail_type: exported.record.type,
  time: exported.record.time,
  detail: JSON.stringify(toCloudEvent(exported, origin)),
});
