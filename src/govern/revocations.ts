/**
 * Revoking a person's data: their access stops at once, what the ledger holds of them is
 * exported for them, and then their keys are destroyed, with a proof in the ledger.
 *
 *   requested → exported → erased
 *
 * The export outlives the erasure: it lies sealed under a key of its own, which is destroyed when it was handed
 * over or after 30 days. Each step is done again by the sweep until it is done; a legal hold on the person keeps
 * it before the erasure.
 */

import { PERMANENT, sanctioned, sanctionsOf, standingKey } from '../decision/standing.ts';
import { removeDocuments } from '../execution/executions.ts';
import type { JsonObject } from '../json.ts';
import { eraseSubject } from '../ledger/people/erase.ts';
import { type SubjectKeys, sealPersonal } from '../ledger/people/personal.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import type { LedgerRecord, NewRecord, Receipt, Sealed } from '../ledger/record.ts';
import type { Attributes, Blobs, Clock, Ids, Item, Log, Random, Table } from '../ports.ts';
import type { PrincipalId, RevocationReason, SanctionKind } from '../terms.ts';
import { subjectLines } from '../workflow/tasks/subject-export.ts';
import type { Holds } from './holds.ts';

export type RevocationView = {
  revocation_id: string;
  /** Pseudonym: the name itself is not kept. */
  subject: string;
  reason: string;
  status: 'requested' | 'exported' | 'erased';
  /** From the moment of asking on. */
  access: 'stopped';
  requested_at: string;
  export?: {
    status: 'available' | 'removed';
    records: number;
    /** Of the JSON Lines that GET /revocations/{id}/export gives. */
    sha256: string;
    until: string;
  };
  /** Id of the legal hold that the erasure waits for. */
  held_by?: string;
  erased_at?: string;
  /** Receipt of `revocation.erased`. */
  proof?: JsonObject;
};

export interface RevocationsDeps {
  readonly table: Table;
  readonly ledger: { append(record: NewRecord): Promise<Receipt> };
  readonly subjects: SubjectKeys;
  readonly documents: Blobs;
  readonly holds: Pick<Holds, 'list'>;
  readonly pseudonym: Pseudonym;
  /** Every record of a pseudonym, oldest first. */
  readonly recordsOf: (subject: string) => AsyncIterable<{ record: LedgerRecord; hash: string }>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
}

export interface Revocations {
  /** On record and without access when this returns; how far the rest has come says the view. */
  request(
    order: { readonly who: PrincipalId; readonly reason: RevocationReason },
    record: (data: JsonObject) => NewRecord,
  ): Promise<RevocationView>;
  get(id: string): Promise<RevocationView | undefined>;
  /** Newest first. */
  list(options: { limit: number; after?: string }): Promise<{ revocations: RevocationView[]; next?: string }>;
  /** The person's records as JSON Lines; undefined when there is no export, or none any more. */
  exported(id: string): Promise<Uint8Array | undefined>;
  /** Destroys the export and its key. False when there is none. */
  removeExport(id: string): Promise<boolean>;
  /** Goes on with what was cut off or held, and removes exports whose time is over. */
  sweep(): Promise<void>;
}

const PARTITION = 'REVOCATIONS';
const EXPORT_KEPT_MS = 30 * 86_400_000;
/** Longer than a step takes: who left one half done for so long has died. */
const LEASE_MS = 60_000;
const ID = /^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function createRevocations(deps: RevocationsDeps): Revocations {
  const { table, ledger, subjects, documents, clock } = deps;

  /** Undefined when somebody else moved it since it was read. */
  async function move(item: Item, change: Attributes): Promise<Item | undefined> {
    const version = Number(item.version);
    const moved: Item = { ...item, ...change, pk: item.pk, sk: item.sk, version: version + 1, at: clock() };
    return (await table.put(moved, { version })).stored ? moved : undefined;
  }

  /** Every step that can be done now. Throws when a part does not answer; the sweep goes on from there. */
  async function advance(item: Item): Promise<Item> {
    let now = item;
    // Asked again by the sweep: a merge that was cut off would leave the person in.
    await stopAccess(String(now.subject));
    if (now.status === 'requested') now = (await exportRecords(now)) ?? now;
    if (now.status === 'exported') now = (await erase(now)) ?? now;
    return now;
  }

  async function stopAccess(subject: string): Promise<void> {
    const { pk, sk } = standingKey(subject);
    await table.merge(pk, sk, sanctioned('revocation', PERMANENT));
  }

  async function isRevoked(subject: string): Promise<boolean> {
    const { pk, sk } = standingKey(subject);
    const sanctions = sanctionsOf(await table.get(pk, sk), clock());
    return sanctions.readable && sanctions.active.some(({ kind }) => kind === 'revocation');
  }

  async function exportRecords(item: Item): Promise<Item | undefined> {
    const [id, subject] = [item.sk, String(item.subject)];
    const { bytes, records, sha256 } = await subjectLines(opened(subject));
    const key = await subjects.forSealing(id);
    const sealed = sealPersonal({ text: new TextDecoder().decode(bytes) }, key, deps.random);
    await documents.put(exportName(id), new TextEncoder().encode(JSON.stringify(sealed)));
    const until = new Date(clock() + EXPORT_KEPT_MS).toISOString();
    const data = { revocation_id: id, records, document_sha256: sha256, until };
    await ledger.append({
      type: 'revocation.exported',
      trace: String(item.trace),
      subject,
      ...after(item),
      data,
    });
    return move(item, {
      status: 'exported',
      export_records: records,
      export_sha256: sha256,
      export_until: until,
    });
  }

  async function* opened(subject: string) {
    for await (const { record, hash } of deps.recordsOf(subject)) {
      const box = record.personal && (await subjects.open(record.personal));
      yield { record, hash, ...(box?.ok ? { personal: box.personal } : {}) };
    }
  }

  async function erase(item: Item): Promise<Item | undefined> {
    const subject = String(item.subject);
    const hold = (await deps.holds.list()).find(
      (each) => each.subject === undefined || each.subject === subject,
    );
    if (hold !== undefined) return move(item, { held_by: hold.hold_id });
    const documents_removed = await removeDocuments(deps, subject, bare(deps.recordsOf(subject)));
    const { receipt } = await eraseSubject(deps, {
      subject,
      trace: String(item.trace),
      ...after(item),
      data: {
        revocation_id: item.sk,
        reason: String(item.reason),
        documents_removed,
        duration_us: Math.max(0, clock() - Number(item.requested)) * 1_000,
      },
    });
    const { held_by: _held, ...rest } = item;
    return move(
      { ...rest, pk: item.pk, sk: item.sk },
      { status: 'erased', erased_at: receipt.time, proof: { ...receipt } },
    );
  }

  async function removeExport(item: Item): Promise<boolean> {
    if (item.export_until === undefined || item.export_removed === true) return false;
    // The key first: without it the document is noise, whatever becomes of it.
    await subjects.erase(item.sk);
    await documents.remove(exportName(item.sk));
    await move(item, { export_removed: true });
    return true;
  }

  const find = async (id: string): Promise<Item | undefined> =>
    ID.test(id) ? table.get(PARTITION, id) : undefined;

  return {
    async request({ who, reason }, record) {
      const id = deps.ids('rev');
      const subject = deps.pseudonym(who);
      const asked = record({
        revocation_id: id,
        subject,
        reason,
        ...((await isRevoked(subject)) ? {} : { sanction: 'revocation' satisfies SanctionKind }),
      });
      const receipt = await ledger.append(asked);
      const now = clock();
      const item: Item = {
        pk: PARTITION,
        sk: id,
        version: 1,
        subject,
        reason,
        status: 'requested',
        trace: asked.trace,
        after: receipt.record_hash,
        requested: now,
        at: now,
      };
      // The person is out before anything else is tried; the item lets the sweep go on should this process die here.
      await table.put(item, 'absent');
      await stopAccess(subject);
      return viewOf(
        await advance(item).catch(async (error: unknown) => {
          deps.log.write('warn', 'revocations', 'a revocation goes on with the next sweep', {
            revocation_id: id,
            error: String(error),
          });
          return (await find(id)) ?? item;
        }),
      );
    },

    async get(id) {
      const item = await find(id);
      return item && viewOf(item);
    },

    async list({ limit, after: cursor }) {
      const page = await table.query(PARTITION, {
        reverse: true,
        limit,
        ...(cursor ? { after: cursor } : {}),
      });
      return {
        revocations: page.items.map(viewOf),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    },

    async exported(id) {
      const item = await find(id);
      if (item?.export_until === undefined || item.export_removed === true) return undefined;
      const bytes = await documents.get(exportName(id));
      // Only `exportRecords` writes there.
      const box = bytes && (await subjects.open(JSON.parse(new TextDecoder().decode(bytes)) as Sealed));
      return box?.ok ? new TextEncoder().encode(String(box.personal.text)) : undefined;
    },

    async removeExport(id) {
      const item = await find(id);
      return item !== undefined && removeExport(item);
    },

    async sweep() {
      const now = clock();
      let cursor: string | undefined;
      do {
        const page = await table.query(PARTITION, cursor === undefined ? {} : { after: cursor });
        for (const item of page.items) {
          if (now - Number(item.at) < LEASE_MS) continue;
          if (item.status !== 'erased') await advance(item);
          else if (Date.parse(String(item.export_until)) <= now) await removeExport(item);
        }
        cursor = page.next;
      } while (cursor !== undefined);
    },
  };
}

const exportName = (id: string): string => `revocations/${id}.json`;

const after = (item: Item): { after: string } => ({ after: String(item.after) });

async function* bare(records: AsyncIterable<{ record: LedgerRecord }>): AsyncGenerator<LedgerRecord> {
  for await (const { record } of records) yield record;
}

function viewOf(item: Item): RevocationView {
  const { status, held_by, erased_at, proof } = item;
  return {
    revocation_id: item.sk,
    subject: String(item.subject),
    reason: String(item.reason),
    status: status === 'erased' || status === 'exported' ? status : 'requested',
    access: 'stopped',
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
