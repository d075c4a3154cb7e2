/**
 * Puts principals under sanctions and takes them from under them. Each change is on record before it holds; it holds
 * from the principal's next request on, which reads it with the rest of its standing. One subject's sanctions change
 * one after the other, so that what lifts one never lifts what another case put there.
 */

import { createHash } from 'node:crypto';
import { newestIn, pageOf } from '../../basics/pages.ts';
import { lifted as noMore, PERMANENT, sanctionedFor, standingKey } from '../../decision/standing.ts';
import { ChanceryError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { type Said, sealedWords } from '../../ledger/people/words.ts';
import type { NewRecord } from '../../ledger/record.ts';
import type { Clock, Table } from '../../ports.ts';
import { SEVERITIES, type Severity } from '../../terms.ts';
import { type Commit, keep, type Turns, type Written } from '../turns.ts';
import {
  applied,
  attributesOf,
  type CaseSanction,
  ended,
  keptUntil,
  longest,
  SANCTIONS,
  type Sanction,
  type SanctionState,
  sanctionOf,
} from './sanction.ts';
import { type Basis, termsOf } from './terms.ts';

/** What a case gives reason for, as far as one of those that it accuses is concerned. */
export interface Grounds {
  readonly basis: Basis;
  /** The worst that it can bring. */
  readonly severity: Severity;
  /** Of the type of violation, as the charter writes it. */
  readonly term?: string;
  /** False once it is dismissed or made good. */
  readonly open: boolean;
  /** How often the case has ended without a finding: what follows from the next finding is applied anew. */
  readonly round: number;
}

export interface SanctionsDeps {
  readonly table: Table;
  readonly turns: Turns;
  /** Undefined: no such case, or it accuses somebody else. */
  readonly grounds: (case_id: string, subject: string) => Promise<Grounds | undefined>;
  readonly clock: Clock;
}

/** The record of a change, as far as the caller makes it: who, in which request or cycle. */
export type SanctionRecord = (
  type: 'sanction.applied' | 'sanction.lifted' | 'sanction.expired',
  data: JsonObject,
  /** Personal: sealed. */
  personal?: JsonObject,
) => NewRecord;

export interface SanctionOrder {
  /** Pseudonym of the principal. */
  readonly subject: string;
  readonly case_id: string;
  readonly severity: Severity;
  /** The cause in a sentence, without names. */
  readonly why: string;
  /** Another kind or end (milliseconds) than the severity's own (`terms.ts`): for repeats, and never a harsher kind. */
  readonly kind?: CaseSanction;
  readonly until?: number;
  /** Further members of the record, such as the plan that it carries out. */
  readonly data?: JsonObject;
}

export interface ListOptions {
  readonly status?: SanctionState;
  readonly kind?: CaseSanction;
  readonly subject?: string;
  readonly limit: number;
  readonly after?: string;
}

export interface Sanctions {
  /**
   * In force and on record when this returns. Idempotent by case, severity and what the severity brings now: asked
   * again, also by another process at the same moment, it gives what is there, ended or not; only one that was rolled
   * back is applied anew.
   * Undefined for a severity that brings no sanction. Throws CONFLICT where the case gives no reason for it: a ban
   * needs the committee's finding, or that the system itself saw it; NOT_FOUND where there is no such case.
   */
  apply(order: SanctionOrder, record: SanctionRecord): Promise<Sanction | undefined>;
  /**
   * Undefined: no such sanction. One that has ended is given as it is.
   * @param rolled_back it is undone because what it was part of failed, and may be applied again
   */
  lift(
    sanction_id: string,
    why: Said,
    record: SanctionRecord,
    rolled_back?: boolean,
  ): Promise<Sanction | undefined>;
  get(sanction_id: string): Promise<Sanction | undefined>;
  /** Newest first. */
  list(options: ListOptions): Promise<{ readonly sanctions: readonly Sanction[]; readonly next?: string }>;
  /** Those that hold this principal now, and those that held it. */
  of(subject: string): Promise<readonly Sanction[]>;
  /** Puts the end of those whose time is over on record. Returns how many. */
  sweep(): Promise<number>;
}

/** One small item for each sanction of a subject; and one for each that ends by itself, in the order of their ends. */
const OF = (subject: string): string => `SANCTIONED#${subject}`;
const DUE = 'SANCTIONS#DUE';
const ID = /^san_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function createSanctions({ table, turns, grounds, clock }: SanctionsDeps): Sanctions {
  async function get(sanction_id: string): Promise<Sanction | undefined> {
    if (!ID.test(sanction_id)) return undefined;
    const item = await table.get(SANCTIONS, sanction_id);
    return item && sanctionOf(item.sk, item);
  }

  async function of(subject: string): Promise<Sanction[]> {
    const found: Sanction[] = [];
    let after: string | undefined;
    do {
      const page = await table.query(OF(subject), after === undefined ? {} : { after });
      for (const sanction of await Promise.all(page.items.map(({ sk }) => get(sk))))
        if (sanction !== undefined) found.push(sanction);
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  /** The standing of the subject as its sanctions have it. */
  async function stand({ subject, kind }: Sanction): Promise<void> {
    const holds = longest(await of(subject), kind);
    const { pk, sk } = standingKey(subject);
    await table.merge(
      pk,
      sk,
      holds === undefined ? noMore(kind) : sanctionedFor(kind, holds.until, holds.case_id),
    );
  }

  /** State from a record. */
  async function settle({ id, type, time, data }: Written): Promise<void> {
    const stored = await table.get(SANCTIONS, String(data.sanction_id));
    const before = stored && sanctionOf(stored.sk, stored);
    const next =
      type === 'sanction.applied'
        ? applied(data, time, id)
        : before && (before.record === id ? before : ended(before, type, data, time, id));
    if (next === undefined) return;
    const kept = keptUntil(next);
    await keep(table, stored, {
      pk: SANCTIONS,
      sk: next.sanction_id,
      ...attributesOf(next),
      ...(kept === undefined ? {} : { expires: Math.ceil(kept / 1_000) }),
    });
    await stand(next);
    if (next.status !== 'active') await table.remove(DUE, dueKey(next));
  }

  const inTurn = <T>(subject: string, work: (commit: Commit) => Promise<T>): Promise<T> =>
    turns.take(`sanctions of ${subject}`, settle, work);

  async function end(
    known: Sanction,
    record: (now: Sanction) => NewRecord,
    isDue: (now: Sanction) => boolean,
    words?: string,
  ): Promise<Sanction> {
    return inTurn(known.subject, async (commit) => {
      const now = (await get(known.sanction_id)) ?? known;
      if (now.status !== 'active' || !isDue(now)) return now;
      await commit(record(now));
      if (words !== undefined) await table.merge(SANCTIONS, now.sanction_id, { words });
      return (await get(known.sanction_id)) ?? now;
    });
  }

  return {
    get,
    of,

    async apply(order, record) {
      const { subject, case_id, severity, why } = order;
      const reason = await grounds(case_id, subject);
      if (reason === undefined) throw new ChanceryError('NOT_FOUND', 'No such case accuses this principal.');
      const terms = termsFor(order, reason, clock());
      if (terms === undefined) return undefined;
      const sanction_id = idOf(order, terms, reason.round);
      return inTurn(subject, async (commit) => {
        const there = await get(sanction_id);
        if (there !== undefined && there.rolled_back !== true) {
          // Who asked before may have died between the sanction and the standing.
          await stand(there);
          return there;
        }
        const until = terms.until >= PERMANENT ? null : new Date(terms.until).toISOString();
        // First, so that no sweep and no later change overlooks it; without a sanction they mean nothing.
        await table.put({ pk: OF(subject), sk: sanction_id }, 'absent');
        if (until !== null)
          await table.put({ pk: DUE, sk: dueKey({ ...terms, sanction_id }), subject }, 'absent');
        const data: JsonObject = {
          ...order.data,
          sanction_id,
          subject,
          kind: terms.kind,
          severity,
          case_id,
          provisional: terms.provisional,
          until,
          why,
        };
        await commit(record('sanction.applied', data));
        return get(sanction_id);
      });
    },

    async lift(sanction_id, why, record, rolled_back = false) {
      const known = await get(sanction_id);
      if (known === undefined || known.status !== 'active') return known;
      const data = (now: Sanction): JsonObject => ({
        ...about(now),
        why: why.open,
        ...(rolled_back ? { rolled_back } : {}),
      });
      return end(
        known,
        (now) => record('sanction.lifted', data(now), sealedWords('why', why)),
        () => true,
        why.kept,
      );
    },

    async list({ status, kind, subject, ...page }) {
      const now = clock();
      const wanted = (each: Sanction): boolean =>
        (status === undefined || status === stateAt(each, now)) &&
        (kind === undefined || kind === each.kind) &&
        (subject === undefined || subject === each.subject);
      const { found, ...next } = await pageOf(
        newestIn(table, SANCTIONS),
        (item) => {
          const sanction = sanctionOf(item.sk, item);
          return sanction !== undefined && wanted(sanction) ? sanction : undefined;
        },
        page,
      );
      return { sanctions: found, ...next };
    },

    async sweep() {
      const to = `${new Date(clock()).toISOString()}~`;
      let many = 0;
      for (;;) {
        const { items, next } = await table.query(DUE, { to });
        for (const { sk } of items) {
          const known = await get(sk.slice(sk.indexOf('#') + 1));
          if (known?.status === 'active' && dueKey(known) === sk) {
            const over = await end(known, expiry, (now) => now.until <= clock());
            if (over.status === 'expired') many += 1;
          }
          await table.remove(DUE, sk);
        }
        if (next === undefined) return many;
      }
    },
  };
}

const expiry = (sanction: Sanction): NewRecord => ({
  type: 'sanction.expired',
  trace: '0'.repeat(32),
  data: { ...about(sanction), until: new Date(sanction.until).toISOString() },
});

const about = ({ sanction_id, subject, kind, severity, case_id }: Sanction): JsonObject => ({
  sanction_id,
  subject,
  kind,
  severity,
  case_id,
});

const stateAt = ({ status, until }: Sanction, now: number): SanctionState =>
  status === 'active' && until <= now ? 'expired' : status;

const dueKey = ({ until, sanction_id }: Pick<Sanction, 'until' | 'sanction_id'>): string =>
  `${new Date(until).toISOString()}#${sanction_id}`;

/** The same for the same case, severity, subject and terms; in the order of the cases. */
function idOf(
  { case_id, severity, subject }: SanctionOrder,
  { kind, provisional }: Pick<Sanction, 'kind' | 'provisional'>,
  round: number,
): string {
  const parts = [case_id, round, severity, subject, kind, provisional];
  const digest = createHash('sha256').update(parts.join('\n')).digest();
  const time = /_([0-7][0-9A-HJKMNP-TV-Z]{9})/.exec(case_id)?.[1] ?? '0'.repeat(10);
  return `san_${time}${[...digest.subarray(0, 16)].map((byte) => ALPHABET[byte % 32]).join('')}`;
}

function termsFor(order: SanctionOrder, reason: Grounds, now: number): ReturnType<typeof termsOf> {
  const { severity, kind, until } = order;
  if (!reason.open)
    throw refused('case_closed', 'The case was dismissed or made good: nothing follows from it.');
  if (SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(reason.severity))
    throw refused('beyond_the_case', `The case is one of ${reason.severity}, and not of ${severity}.`);
  const own = termsOf(severity, reason.basis, now, reason.term);
  if (own === undefined && kind === undefined) return undefined;
  const terms = {
    kind: kind ?? own?.kind ?? 'quarantine',
    until: until ?? own?.until ?? PERMANENT,
    provisional: own?.provisional ?? reason.basis !== 'confirmed',
  };
  if (terms.kind === 'ban' && own?.kind !== 'ban')
    throw refused(
      'ban_unconfirmed',
      'A ban takes the finding of the committee, or that the system itself saw it.',
    );
  return terms;
}

const refused = (code: string, message: string): ChanceryError =>
  new ChanceryError('CONFLICT', message, { reasons: [{ code, message, kind: 'forbidden' }] });
