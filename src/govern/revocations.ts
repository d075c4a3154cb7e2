/**
 * Revoking a person's data: their access stops at once, what the ledger holds of them is
 * exported for them, and then their keys are destroyed, with a proof in the ledger.
 *
 *   requested → exported → erased
 *             → lifted (before it is erased: it was a mistake)
 *
 * Access stops on one person's word. What cannot be undone takes the word of the person whose data it is, or of a
 * second one.
 *
 * The export outlives the erasure: it lies sealed under a key of its own, which is destroyed when it was handed
 * over or after 30 days. Each step is done again by the sweep until it is done; a legal hold on the person keeps
 * it before the erasure.
 */

import { lifted, sanctionsOf, standingKey } from '../decision/standing.ts';
import { ChanceryError } from '../errors.ts';
import { type Marked, sameMarked } from '../identity/person.ts';
import type { JsonObject } from '../json.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import type { NewRecord } from '../ledger/record.ts';
import type { Ids, Item, Log } from '../ports.ts';
import type { PrincipalId, RevocationReason, SanctionKind } from '../terms.ts';
import { createSteps, type StepsDeps } from './revocation-steps.ts';
import { askerOf, type RevocationView, viewOf } from './revocation-view.ts';

export interface RevocationsDeps extends StepsDeps {
  readonly pseudonym: Pseudonym;
  readonly ids: Ids;
  readonly log: Log;
}

export interface RevocationOrder {
  readonly who: PrincipalId;
  readonly reason: RevocationReason;
  readonly by: Marked;
  /** The person whose data it is asks, or has shown their own token for it. */
  readonly own: boolean;
}

type OnRecord = (type: 'revocation.requested' | 'admin.config_changed', data: JsonObject) => NewRecord;

export interface Revocations {
  /**
   * On record and without access when this returns; how far the rest has come says the view. A second person who asks
   * for the same confirms it.
   */
  request(order: RevocationOrder, record: OnRecord): Promise<RevocationView>;
  /** The second person's word. Undefined: no such revocation. Throws CONFLICT when theirs does not count. */
  confirm(id: string, by: Marked, record: OnRecord): Promise<RevocationView | undefined>;
  /** It was a mistake. Undefined: no such revocation. Throws CONFLICT once it is erased. */
  lift(id: string, record: OnRecord): Promise<RevocationView | undefined>;
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
/** Longer than a step takes: who left one half done for so long has died. */
const LEASE_MS = 60_000;
const ID = /^rev_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function createRevocations(deps: RevocationsDeps): Revocations {
  const { table, ledger, clock } = deps;
  const { move, advance, stopAccess, removeExport, ...steps } = createSteps(deps);

  async function isRevoked(subject: string): Promise<boolean> {
    const { pk, sk } = standingKey(subject);
    const sanctions = sanctionsOf(await table.get(pk, sk), clock());
    return sanctions.readable && sanctions.active.some(({ kind }) => kind === 'revocation');
  }

  const find = async (id: string): Promise<Item | undefined> =>
    ID.test(id) ? table.get(PARTITION, id) : undefined;

  async function openOf(subject: string): Promise<Item[]> {
    const open: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await table.query(PARTITION, cursor === undefined ? {} : { after: cursor });
      open.push(...page.items.filter((item) => item.subject === subject && item.status !== 'lifted'));
      cursor = page.next;
    } while (cursor !== undefined);
    return open;
  }

  /** One of this person that a second word is awaited for. */
  const waitingFor = async (subject: string): Promise<Item | undefined> =>
    (await openOf(subject)).find((item) => typeof item.confirmed !== 'string');

  /** @param own the person whose data it is says it, or has shown their own token for it */
  async function confirmed(item: Item, by: Marked, own: boolean, record: OnRecord): Promise<RevocationView> {
    if (item.status === 'lifted') throw refused('revocation_lifted', 'It was lifted; ask anew.');
    if (typeof item.confirmed === 'string') return viewOf(await tryAdvance(item));
    if (!own && sameMarked(askerOf(item), by))
      throw refused(
        'second_person_is_first',
        'You asked for it, with this account or another; another person has to.',
      );
    const data = { what: 'revocation_confirmed', revocation_id: item.sk, person: { ...by } };
    const receipt = await ledger.append(record('admin.config_changed', data));
    const moved = await move((await find(item.sk)) ?? item, { confirmed: receipt.id });
    return viewOf(await tryAdvance(moved ?? item));
  }

  const tryAdvance = (item: Item): Promise<Item> =>
    advance(item).catch(async (error: unknown) => {
      deps.log.write('warn', 'revocations', 'a revocation goes on with the next sweep', {
        revocation_id: item.sk,
        error: String(error),
      });
      return (await find(item.sk)) ?? item;
    });

  return {
    async request({ who, reason, by, own }, record) {
      const subject = deps.pseudonym(who);
      const waiting = await waitingFor(subject);
      if (waiting !== undefined)
        return !own && sameMarked(askerOf(waiting), by)
          ? viewOf(waiting)
          : confirmed(waiting, by, own, record);
      const id = deps.ids('rev');
      const asked = record('revocation.requested', {
        revocation_id: id,
        subject,
        reason,
        own,
        asked_by: { ...by },
        ...((await isRevoked(subject)) ? {} : { sanction: 'revocation' satisfies SanctionKind }),
      });
      const receipt = await ledger.append(asked);
      const at = Date.parse(receipt.time);
      const item: Item = {
        pk: PARTITION,
        sk: id,
        version: 1,
        subject,
        reason,
        status: 'requested',
        asked_by: { ...by },
        record: receipt.id,
        ...(own ? { confirmed: receipt.id } : {}),
        trace: asked.trace,
        after: receipt.record_hash,
        requested: at,
        at,
      };
      // The person is out before anything else is tried; the item lets the sweep go on should this process die here.
      await table.put(item, 'absent');
      await stopAccess(subject);
      return viewOf(await tryAdvance(item));
    },

    async confirm(id, by, record) {
      const item = await find(id);
      return item && confirmed(item, by, by.by === item.subject, record);
    },

    async lift(id, record) {
      const item = await find(id);
      if (item === undefined || item.status === 'lifted') return item && viewOf(item);
      if (item.status === 'erased')
        throw refused('already_erased', 'It is erased: nothing can be lifted any more.');
      const subject = String(item.subject);
      const others = await openOf(subject);
      const last = others.every((other) => other.sk === id);
      const data = { what: 'revocation_lifted', revocation_id: id };
      const restores = { about: subject, lifts: 'revocation' satisfies SanctionKind };
      await ledger.append(record('admin.config_changed', { ...data, ...(last ? restores : {}) }));
      await removeExport(item);
      const moved = await move((await find(id)) ?? item, { status: 'lifted' });
      const { pk, sk } = standingKey(subject);
      if (last) await table.merge(pk, sk, lifted('revocation'));
      return viewOf(moved ?? { ...item, status: 'lifted' });
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
      return item && steps.exported(item);
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
          if (item.status === 'lifted') continue;
          if (item.status !== 'erased') await advance(item);
          else if (Date.parse(String(item.export_until)) <= now) await removeExport(item);
        }
        cursor = page.next;
      } while (cursor !== undefined);
    },
  };
}

function refused(code: string, message: string): ChanceryError {
  return new ChanceryError('CONFLICT', message, { reasons: [{ code, message, kind: 'forbidden' }] });
}
