/** How a revocation is stored, and what is shown of it. */
import type { Marked } from '../identity/person.ts';
import type { JsonObject } from '../json.ts';
import type { Item } from '../ports.ts';

export type RevocationView = {
  revocation_id: string;
  /** Pseudonym: the name itself is not kept. */
  subject: string;
  reason: string;
  status: 'requested' | 'exported' | 'erased' | 'lifted';
  /** Stopped from the moment of asking on. */
  access: 'stopped' | 'restored';
  /** Export and erasure wait for the word of somebody other than who asked. */
  waits_for?: 'second_person';
  requested_at: string;
  export?: {
    status: 'available' | 'removed';
    records: number;
    /** Of the JSON Lines that GET /revocations/{id}/export gives. */
    sha256: string;
    until: string;
  };
  /** Id of the legal hold, or of the open case, that the erasure waits for. */
  held_by?: string;
  erased_at?: string;
  /** Receipt of `revocation.erased`. */
  proof?: JsonObject;
};

export function viewOf(item: Item): RevocationView {
  const { status, held_by, erased_at, proof } = item;
  return {
    revocation_id: item.sk,
    subject: String(item.subject),
    reason: String(item.reason),
    status: status === 'erased' || status === 'exported' || status === 'lifted' ? status : 'requested',
    access: status === 'lifted' ? 'restored' : 'stopped',
    ...(typeof item.confirmed === 'string' || status === 'lifted' ? {} : { waits_for: 'second_person' }),
    requested_at: new Date(Number(item.requested)).toISOString(),
    ...(item.export_until === undefined
      ? {}
      : {
          export: {
            status: item.export_removed === true ? 'removed' : 'available',
            records: Number(item.export_records),
            sha256: String(item.export_sha256),
            until: String(item.export_until),
          },
        }),
    ...(typeof held_by === 'string' ? { held_by } : {}),
    ...(typeof erased_at === 'string' ? { erased_at } : {}),
    // Only `erase` writes it: a receipt.
    ...(typeof proof === 'object' ? { proof: proof as JsonObject } : {}),
  };
}

/** Who asked for it. What is not what was written is nobody. */
export function askerOf({ asked_by }: Item): Marked {
  if (
    typeof asked_by !== 'object' ||
    asked_by === null ||
    Array.isArray(asked_by) ||
    asked_by instanceof Uint8Array
  )
    return { by: '', marks: [] };
  const { by, marks } = asked_by;
  const readable = Array.isArray(marks) ? marks.filter((mark) => typeof mark === 'string') : [];
  return { by: String(by), marks: readable };
}
