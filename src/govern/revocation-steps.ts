/**
 * What is done of a revocation, step by step: access stops, the records are exported, the keys are destroyed. Each step
 * may be done again, and is, until it is done.
 */
import { PERMANENT, sanctioned, standingKey } from '../decision/standing.ts';
import { removeDocuments } from '../execution/executions.ts';
import { eraseSubject } from '../ledger/people/erase.ts';
import { type SubjectKeys, sealPersonal } from '../ledger/people/personal.ts';
import type { LedgerRecord, NewRecord, Receipt, Sealed } from '../ledger/record.ts';
import type { Attributes, Blobs, Clock, Item, Random, Table } from '../ports.ts';
import { subjectLines } from '../workflow/tasks/subject-export.ts';
import type { Holds } from './holds.ts';

export interface StepsDeps {
  readonly table: Table;
  readonly ledger: { append(record: NewRecord): Promise<Receipt> };
  readonly subjects: SubjectKeys;
  readonly documents: Blobs;
  readonly holds: Pick<Holds, 'list'>;
  /** Id of a case that waits for a finding and that this principal is in. */
  readonly openCase: (subject: string) => Promise<string | undefined>;
  /** Ends what they asked for and nobody has decided: once their key is gone, nobody could. */
  readonly withdraw: (subject: string) => Promise<unknown>;
  /** Every record of a pseudonym, oldest first. */
  readonly recordsOf: (subject: string) => AsyncIterable<{ record: LedgerRecord; hash: string }>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RevocationSteps {
  /** Undefined when somebody else moved it since it was read. */
  move(item: Item, change: Attributes): Promise<Item | undefined>;
  /** Every step that can be done now. Throws when a part does not answer; the sweep goes on from there. */
  advance(item: Item): Promise<Item>;
  stopAccess(subject: string): Promise<void>;
  /** What was exported; undefined when there is no export, or none any more. */
  exported(item: Item): Promise<Uint8Array | undefined>;
  /** Destroys the export and its key. False when there is none. */
  removeExport(item: Item): Promise<boolean>;
}

const EXPORT_KEPT_MS = 30 * 86_400_000;

export function createSteps(deps: StepsDeps): RevocationSteps {
  const { table, ledger, subjects, documents, clock } = deps;

  async function move(item: Item, change: Attributes): Promise<Item | undefined> {
    const version = Number(item.version);
    const moved: Item = { ...item, ...change, pk: item.pk, sk: item.sk, version: version + 1, at: clock() };
    return (await table.put(moved, { version })).stored ? moved : undefined;
  }

  async function advance(item: Item): Promise<Item> {
    let now = item;
    // Asked again by the sweep: a merge that was cut off would leave the person in.
    await stopAccess(String(now.subject));
    if (typeof now.confirmed !== 'string') return now;
    if (now.status === 'requested') now = (await exportRecords(now)) ?? now;
    if (now.status === 'exported') now = (await erase(now)) ?? now;
    return now;
  }

  async function stopAccess(subject: string): Promise<void> {
    const { pk, sk } = standingKey(subject);
    await table.merge(pk, sk, sanctioned('revocation', PERMANENT));
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
    // Who reported or is accused is to be heard: their records stay readable until the committee has found.
    const waits_for = hold?.hold_id ?? (await deps.openCase(subject));
    if (waits_for !== undefined) return move(item, { held_by: waits_for });
    await deps.withdraw(subject);
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

  async function exported(item: Item): Promise<Uint8Array | undefined> {
    if (item.export_until === undefined || item.export_removed === true) return undefined;
    const bytes = await documents.get(exportName(item.sk));
    // Only `exportRecords` writes there.
    const box = bytes && (await subjects.open(JSON.parse(new TextDecoder().decode(bytes)) as Sealed));
    return box?.ok ? new TextEncoder().encode(String(box.personal.text)) : undefined;
  }

  return { move, advance, stopAccess, exported, removeExport };
}

const exportName = (id: string): string => `revocations/${id}.json`;

const after = (item: Item): { after: string } => ({ after: String(item.after) });

async function* bare(records: AsyncIterable<{ record: LedgerRecord }>): AsyncGenerator<LedgerRecord> {
  for await (const { record } of records) yield record;
}
