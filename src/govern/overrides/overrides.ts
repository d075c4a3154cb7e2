/**
 * Starts overrides, renews and ends them. Each change is on record before it holds; whether one is in force, a request
 * finds out when it would have to wait for an approval (`in-force.ts`).
 */
import { newestIn, pageOf } from '../../basics/pages.ts';
import { ChanceryError, type Reason } from '../../errors.ts';
import { type Marked, sameMarked } from '../../identity/person.ts';
import type { JsonObject } from '../../json.ts';
import type { Vault } from '../../ledger/people/vault.ts';
import { type Said, sealedWords } from '../../ledger/people/words.ts';
import type { NewRecord } from '../../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../../ports.ts';
import type { OverrideReason, PrincipalId } from '../../terms.ts';
import { keep, type Turns, type Written } from '../turns.ts';
import { OF } from './in-force.ts';
import {
  after,
  attributesOf,
  keptUntil,
  lastsIn,
  OVERRIDES,
  type Override,
  type OverrideState,
  type OverrideView,
  overrideOf,
  quorumIn,
  stateAt,
  viewOf,
} from './override.ts';

export interface OverridesDeps {
  readonly table: Table;
  readonly turns: Turns;
  readonly vault: Vault;
  /** Members of the committee that the charter in force names. */
  readonly committee: () => Promise<number>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The record of a change, as far as the caller makes it: who, in which request. */
export type OverrideRecord = (
  type: 'override.started' | 'override.renewed' | 'override.ended',
  data: JsonObject,
  /** Personal: sealed. */
  personal?: JsonObject,
) => NewRecord;

export interface OverrideOrder {
  readonly reason: OverrideReason;
  readonly justification: string;
  readonly workflow: string;
  /** Pseudonym of the only principal that it is for. */
  readonly subject?: string;
  readonly production: boolean;
  /** Milliseconds; by default as long as usual there. */
  readonly duration_ms?: number;
}

export interface Overrides {
  /** In force when this returns, or waiting for the votes of others. Throws VALIDATION_ERROR when it would last too long. */
  start(order: OverrideOrder, who: PrincipalId, by: Marked, record: OverrideRecord): Promise<OverrideView>;
  /**
   * One more vote for its start, or for the renewal that is asked. Undefined: no such override. Throws CONFLICT where
   * the word does not count.
   */
  approve(id: string, by: Marked, record: OverrideRecord): Promise<OverrideView | undefined>;
  /** Asks for more time, within the limit from its start; takes the same votes. The same undefined and CONFLICT. */
  renew(
    id: string,
    duration_ms: number | undefined,
    by: Marked,
    record: OverrideRecord,
  ): Promise<OverrideView | undefined>;
  /** At once, on one person's word. One that has ended is given as it is. */
  end(id: string, why: Said, record: OverrideRecord): Promise<OverrideView | undefined>;
  get(id: string): Promise<OverrideView | undefined>;
  /** Newest first. */
  list(options: {
    readonly status?: OverrideState;
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly overrides: readonly OverrideView[]; readonly next?: string }>;
  /** Puts the end of those whose time is over on record. Returns how many. */
  sweep(): Promise<number>;
}

/** One small item for each override that is not over. */
const LIVE = 'OVERRIDES#LIVE';
const ID = /^ovr_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function createOverrides(deps: OverridesDeps): Overrides {
  const { table, turns, vault, clock } = deps;

  async function read(id: string): Promise<{ readonly override: Override; readonly item: Item } | undefined> {
    const item = ID.test(id) ? await table.get(OVERRIDES, id) : undefined;
    const override = item && overrideOf(item.sk, item);
    return override && item && { override, item };
  }

  const live = async (id: string): Promise<Override | undefined> => (await read(id))?.override;

  /** State from a record. */
  async function settle(written: Written): Promise<void> {
    const id = String(written.data.override_id);
    const stored = await table.get(OVERRIDES, id);
    const next = after(stored && overrideOf(stored.sk, stored), written);
    if (next === undefined) return;
    const kept = keptUntil(next);
    await keep(table, stored, {
      pk: OVERRIDES,
      sk: id,
      ...attributesOf(next),
      sealed: stored?.sealed ?? null,
      words: stored?.words ?? null,
      ...(kept === undefined ? {} : { expires: Math.ceil(kept / 1_000) }),
    });
    if (next.status !== 'ended') return;
    await table.remove(OF(next.workflow), id);
    await table.remove(LIVE, id);
  }

  async function view(id: string): Promise<OverrideView | undefined> {
    const found = await read(id);
    return found && shown(found.override, found.item);
  }

  async function shown(override: Override, { sealed, words }: Item): Promise<OverrideView> {
    const opened = typeof sealed === 'string' ? await vault.open(sealed) : undefined;
    const { justification } = (typeof opened === 'object' && opened !== null ? opened : {}) as Record<
      string,
      unknown
    >;
    return viewOf(override, clock(), {
      ...(typeof justification === 'string' ? { justification } : {}),
      ...(words === undefined ? {} : { words }),
    });
  }

  /** All that a record of it says besides who and what for, so that the record alone tells what is in force. */
  const about = (override: Override): JsonObject => ({
    override_id: override.override_id,
    reason: override.reason,
    workflow: override.workflow,
    ...(override.subject === undefined ? {} : { subject: override.subject }),
    production: override.production,
    quorum: override.quorum,
  });

  function mayGoOn(override: Override): void {
    if (stateAt(override, clock()) === 'ended')
      throw refused('override_ended', 'It is over; start another one.');
  }

  const change = (
    id: string,
    type: 'override.started' | 'override.renewed',
    by: Marked,
    record: OverrideRecord,
    asked: (override: Override) => { readonly duration_ms: number; readonly votes: readonly Marked[] },
  ): Promise<OverrideView | undefined> =>
    turns.take(`override ${id}`, settle, async (commit) => {
      const override = await live(id);
      if (override === undefined) return undefined;
      mayGoOn(override);
      const { votes, duration_ms } = asked(override);
      if (votes.some((vote) => sameMarked(vote, by)))
        throw refused('already_decided', 'You have decided this already, with this account or another.');
      if (override.subject === by.by) throw refused('own_override', 'Whom it is for does not decide it.');
      const final = votes.length + 1 >= override.quorum;
      const before = override.voters ?? override.votes;
      const voters = before.some((one) => sameMarked(one, by)) ? before : [...before, by];
      await commit(
        record(type, {
          ...about(override),
          duration_ms,
          voter: { ...by },
          voters: voters.map((one) => ({ ...one })),
          votes: votes.length + 1,
          final,
          ...(override.started === undefined ? {} : { started: new Date(override.started).toISOString() }),
        }),
      );
      return view(id);
    });

  return {
    get: view,

    async start(order, who, by, record) {
      const { reason, justification, workflow, subject, production } = order;
      const { default_ms, most_ms } = lastsIn(production);
      const duration_ms = order.duration_ms ?? default_ms;
      if (duration_ms > most_ms) throw tooLong(most_ms);
      if (subject === by.by) throw refused('own_override', 'Whom it is for does not start it.');
      const override_id = deps.ids('ovr');
      const quorum = quorumIn(production, await deps.committee());
      const sealed_text = await vault.seal(who, { justification });
      return turns.take(`override ${override_id}`, settle, async (commit) => {
        // First, so that neither a request nor a sweep overlooks it; without an override they mean nothing.
        await table.put({ pk: OF(workflow), sk: override_id }, 'absent');
        await table.put({ pk: LIVE, sk: override_id, at: clock() }, 'absent');
        const said: JsonObject = {
          override_id,
          reason,
          workflow,
          ...(subject === undefined ? {} : { subject }),
          production,
          quorum,
          duration_ms,
          voter: { ...by },
          voters: [{ ...by }],
          votes: 1,
          final: quorum <= 1,
        };
        await commit(record('override.started', said, { justification }));
        await keepText(override_id, sealed_text);
        const started = await view(override_id);
        if (started === undefined) throw new ChanceryError('STORE_UNAVAILABLE', 'It could not be kept.');
        return started;
      });
    },

    approve: async (id, by, record) => {
      const known = await live(id);
      if (known === undefined) return undefined;
      if (known.status === 'active' && known.votes.length === 0)
        throw refused('nothing_to_decide', 'It is in force, and nobody has asked to renew it.');
      const type = known.status === 'active' ? 'override.renewed' : 'override.started';
      return change(id, type, by, record, ({ votes, duration_ms }) => ({ votes, duration_ms }));
    },

    renew: (id, duration_ms, by, record) =>
      change(id, 'override.renewed', by, record, (override) => {
        if (override.status !== 'active')
          throw refused('override_not_active', 'It is not in force; only what is can be renewed.');
        if (override.votes.length > 0)
          throw refused('renewal_asked', 'A renewal waits for votes already; approve it.');
        const { default_ms, most_ms } = lastsIn(override.production);
        const wanted = duration_ms ?? default_ms;
        if ((override.started ?? 0) + most_ms < clock() + wanted)
          throw refused(
            'beyond_the_limit',
            `It may last until ${new Date((override.started ?? 0) + most_ms).toISOString()} at most; then start another one.`,
          );
        return { votes: [], duration_ms: wanted };
      }),

    end: (id, why, record) =>
      turns.take(`override ${id}`, settle, async (commit) => {
        const override = await live(id);
        if (override === undefined) return undefined;
        if (override.status !== 'ended')
          await commit(
            record(
              'override.ended',
              { ...about(override), was: override.status, why: why.open },
              sealedWords('why', why),
            ),
          );
        if (override.status !== 'ended') await table.merge(OVERRIDES, id, { words: why.kept ?? null });
        return view(id);
      }),

    async list({ status, ...page }) {
      const { found, ...next } = await pageOf(
        newestIn(table, OVERRIDES),
        async (item) => {
          const override = overrideOf(item.sk, item);
          const wanted =
            override !== undefined && (status === undefined || stateAt(override, clock()) === status);
          return wanted ? shown(override, item) : undefined;
        },
        page,
      );
      return { overrides: found, ...next };
    },

    async sweep() {
      let many = 0;
      let cursor: string | undefined;
      do {
        const page = await table.query(LIVE, cursor === undefined ? {} : { after: cursor });
        for (const { sk } of page.items)
          await turns.take(`override ${sk}`, settle, async (commit) => {
            const override = await live(sk);
            if (override === undefined || override.status === 'ended') {
              await table.remove(LIVE, sk);
              return;
            }
            if (clock() < override.until) return;
            await commit({
              type: 'override.ended',
              trace: '0'.repeat(32),
              data: { ...about(override), was: override.status, why: 'expired' },
            });
            many += 1;
          });
        cursor = page.next;
      } while (cursor !== undefined);
      return many;
    },
  };

  async function keepText(id: string, sealed: string): Promise<void> {
    await table.merge(OVERRIDES, id, { sealed });
  }
}

const refused = (code: string, message: string): ChanceryError => {
  const reason: Reason = { code, message, kind: 'forbidden' };
  return new ChanceryError('CONFLICT', message, { reasons: [reason] });
};

function tooLong(most_ms: number): ChanceryError {
  const message = `An override lasts ${most_ms / 3_600_000} h at most here.`;
  return new ChanceryError('VALIDATION_ERROR', message, {
    reasons: [{ code: 'duration_too_long', path: '/duration', message, kind: 'invalid' }],
  });
}
