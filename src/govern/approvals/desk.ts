/**
 * Moves an approval from one state to the next so that each step is recorded exactly once, whatever crashes:
 *
 *   1. the next state is put beside the present one as an intent (conditional on the version);
 *   2. the record is appended, carrying the intent's id;
 *   3. the intent becomes the state.
 *
 * Until 3 the approval is what it was. A runner that dies between 1 and 3 leaves an intent; after its lease
 * the next one to come by carries it through, and looks in the ledger first whether 2 had happened.
 */
import { newestIn } from '../../basics/pages.ts';
import { ChanceryError } from '../../errors.ts';
import type { Vault } from '../../ledger/people/vault.ts';
import type { Ledger, LedgerRecord, NewRecord } from '../../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../../ports.ts';
import type { PrincipalId } from '../../terms.ts';
import type { Approval } from './approval.ts';

export interface DeskDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  /** Records from a time on (milliseconds), to find out what a dead runner had done. */
  readonly recordsSince: (
    ms: number,
  ) => AsyncIterable<{ readonly id: string; readonly record: LedgerRecord; readonly hash: string }>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface Kept {
  readonly approval: Approval;
  readonly version: number;
  /** Id of the newest record of it; empty before the first. */
  readonly record: string;
  readonly intent?: Intent;
}

interface Intent {
  readonly step_id: string;
  readonly next: Approval;
  /** None: a step that the ledger has no record for. */
  readonly record?: NewRecord;
  readonly at: number;
}

const PARTITION = 'APPROVALS';
/** One small item for each approval that a sweep must look at, so that it need not read all that ever were. */
const LIVE = 'APPROVALS#LIVE';
/** Far longer than an append takes; a live runner is not overtaken. */
const LEASE_MS = 30_000;
/** Ended approvals stay listed this long; the ledger keeps them for good. */
const KEPT_SECONDS = 90 * 86_400;
/** A clock that is behind ours may have stamped the record earlier than the intent. */
const SKEW_MS = 60_000;

export interface Desk {
  open(approval: Approval, record: NewRecord): Promise<Approval>;
  /** The newest state; an intent that a dead runner left is carried through first. */
  read(approval_id: string): Promise<Kept | undefined>;
  /** Newest first. `after` and `next` page. Approvals of erased people are not shown. */
  list(limit: number, after?: string): Promise<{ readonly items: readonly Kept[]; readonly next?: string }>;
  /** Ids of those that may still need something, oldest first. */
  live(): AsyncIterable<string>;
  /** Takes an id off that list: there is nothing more to do, or (after a lease) it never came to be. */
  settled(approval_id: string): Promise<void>;
  /** Takes one step. Throws CONFLICT when another is being taken or was taken since `kept` was read. */
  step(kept: Kept, next: Approval, record?: NewRecord): Promise<Approval>;
}

export function createDesk({ table, ledger, recordsSince, vault, clock, ids }: DeskDeps): Desk {
  type Claimed = Kept & { readonly intent: Intent };

  async function toItem({ approval, version, record, intent }: Kept): Promise<Item> {
    return {
      pk: PARTITION,
      sk: approval.approval_id,
      version,
      record,
      sealed: await vault.seal(approval.requester, { approval, record, intent }),
      expires: Math.ceil(approval.expires_at / 1000) + KEPT_SECONDS,
    };
  }

  async function fromItem(item: Item): Promise<Kept | undefined> {
    // Only `toItem` can seal these. One of another approval is moved here by somebody who cannot.
    const opened = (await vault.open(String(item.sealed))) as Omit<Kept, 'version'> | Former | undefined;
    if (opened?.approval.approval_id !== item.sk) return undefined;
    // An older state under the name of a newer record is an older state.
    if ('record' in opened && opened.record !== (item.record ?? '')) return undefined;
    const replayed = item.newest_hash !== undefined && item.newest_hash !== opened.approval.after;
    if (!('record' in opened) && replayed) return undefined;
    const record = 'record' in opened ? opened.record : String(item.newest ?? '');
    return { ...today(opened, vault.formerly), version: Number(item.version), record };
  }

  const load = async (approval_id: string): Promise<Kept | undefined> => {
    const item = await table.get(PARTITION, approval_id);
    return item && (await fromItem(item));
  };

  function intend(next: Approval, record?: NewRecord): Intent {
    const step_id = ids('stp');
    const at = clock();
    if (record === undefined) return { step_id, next, at };
    return { step_id, next, at, record: { ...record, data: { ...record.data, step_id } } };
  }

  async function carry(claimed: Claimed): Promise<Approval> {
    const { record, next } = claimed.intent;
    if (record === undefined) return finish(claimed, next.after, claimed.record);
    const { record_hash, id } = await ledger.append(record);
    return finish(claimed, record_hash, id);
  }

  async function finish({ intent, version }: Claimed, after: string, record: string): Promise<Approval> {
    const approval = { ...intent.next, after };
    // Not stored: our lease had run out and another carried the same intent through, to the same state.
    await table.put(await toItem({ approval, version: version + 1, record }), { version });
    return approval;
  }

  async function recover(kept: Kept, intent: Intent): Promise<void> {
    const claimed = { ...kept, version: kept.version + 1, intent: { ...intent, at: clock() } };
    const put = await table.put(await toItem(claimed), { version: kept.version });
    if (!put.stored) return; // another is at it
    for await (const { id, record, hash } of recordsSince(intent.at - SKEW_MS))
      if (record.data.step_id === intent.step_id) {
        await finish(claimed, hash, id);
        return;
      }
    await carry(claimed);
  }

  return {
    async open(approval, record) {
      const claimed = { approval, version: 1, record: '', intent: intend(approval, record) };
      // First, so that a crash right after the next put leaves nothing that no sweep would find.
      await table.put({ pk: LIVE, sk: approval.approval_id, at: clock() }, 'absent');
      const put = await table.put(await toItem(claimed), 'absent');
      if (!put.stored) throw busy();
      return carry(claimed);
    },

    async *live() {
      let after: string | undefined;
      do {
        const page = await table.query(LIVE, after === undefined ? {} : { after });
        yield* page.items.map((item) => item.sk);
        after = page.next;
      } while (after !== undefined);
    },

    async settled(approval_id) {
      const item = await table.get(LIVE, approval_id);
      if (item === undefined) return;
      const young = clock() < Number(item.at) + LEASE_MS;
      if (young && (await table.get(PARTITION, approval_id)) === undefined) return; // it is just being opened
      await table.remove(LIVE, approval_id);
    },

    async read(approval_id) {
      const kept = await load(approval_id);
      if (kept?.intent === undefined || clock() < kept.intent.at + LEASE_MS) return kept;
      await recover(kept, kept.intent);
      return load(approval_id);
    },

    async list(limit, after) {
      const page = await newestIn(table, PARTITION)(limit, after);
      const items = (await Promise.all(page.items.map(fromItem))).filter((each) => each !== undefined);
      return page.next === undefined ? { items } : { items, next: page.next };
    },

    async step(kept, next, record) {
      if (kept.intent !== undefined) throw busy();
      const claimed = { ...kept, version: kept.version + 1, intent: intend(next, record) };
      const put = await table.put(await toItem(claimed), { version: kept.version });
      if (!put.stored) throw busy();
      return carry(claimed);
    },
  };
}

/** As approvals were kept before issuers were told apart: people by `sub` alone. */
interface Former {
  readonly approval: FormerApproval;
  readonly intent?: Omit<Intent, 'next' | 'record'> & {
    readonly next: FormerApproval;
    readonly record?: NewRecord & { readonly sub?: string };
  };
}
type FormerApproval = Omit<Approval, 'requester'> & { readonly requester: PrincipalId | string };

function today({ approval, intent }: Former, formerly: Vault['formerly']): Omit<Kept, 'version' | 'record'> {
  const whole = (kept: FormerApproval): Approval => ({
    ...kept,
    requester: typeof kept.requester === 'string' ? formerly(kept.requester) : kept.requester,
  });
  if (intent === undefined) return { approval: whole(approval) };
  const { record, ...step } = intent;
  const next = whole(intent.next);
  if (record === undefined) return { approval: whole(approval), intent: { ...step, next } };
  const { sub, ...rest } = record;
  const said = sub === undefined ? rest : { ...rest, who: formerly(sub) };
  return { approval: whole(approval), intent: { ...step, next, record: said } };
}

function busy(): ChanceryError {
  return new ChanceryError(
    'CONFLICT',
    'Somebody else is deciding this at the moment; look again and repeat.',
    {
      headers: { 'retry-after': '1' },
    },
  );
}
