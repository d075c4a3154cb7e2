/** Where cases are kept, each as its newest record has it, and found again by whom they accuse. */
import type { Table } from '../../ports.ts';
import { keep, type Written } from '../turns.ts';
import { attributesOf, CASES, type Case, caseAfter, caseIdOf, caseOf, keptUntil } from './case.ts';

export interface CaseStore {
  get(violation_id: string): Promise<Case | undefined>;
  /** The case as this record leaves it. Doing it again changes nothing. */
  settle(written: Written): Promise<void>;
  /** Newest first. */
  page(limit: number, after?: string): Promise<{ readonly cases: readonly Case[]; readonly next?: string }>;
  /** Lets the case be found by whom it accuses; before its record, so that none is overlooked. */
  index(violation_id: string, subject: string): Promise<void>;
  /** Every case that accuses this principal, oldest first. */
  against(subject: string): AsyncIterable<Case>;
}

const ID = /^vio_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const AGAINST = (subject: string): string => `ACCUSED#${subject}`;

export function createCaseStore(table: Table): CaseStore {
  async function get(violation_id: string): Promise<Case | undefined> {
    if (!ID.test(violation_id)) return undefined;
    const item = await table.get(CASES, violation_id);
    return item && caseOf(item.sk, item);
  }

  return {
    get,

    async settle(written) {
      const id = caseIdOf(written);
      if (id === undefined) return;
      const stored = await table.get(CASES, id);
      const before = stored && caseOf(stored.sk, stored);
      const now = caseAfter(before, written);
      if (now === undefined) return;
      const kept = keptUntil(now);
      await keep(table, stored, {
        pk: CASES,
        sk: id,
        ...attributesOf(now),
        ...(kept === undefined ? {} : { expires: Math.ceil(kept / 1_000) }),
      });
    },

    async page(limit, from) {
      const page = await table.query(CASES, {
        reverse: true,
        limit,
        ...(from === undefined ? {} : { after: from }),
      });
      const cases = page.items.flatMap((item) => caseOf(item.sk, item) ?? []);
      return page.next === undefined ? { cases } : { cases, next: page.next };
    },

    async index(violation_id, subject) {
      if (subject !== '') await table.put({ pk: AGAINST(subject), sk: violation_id }, 'absent');
    },

    async *against(subject) {
      let from: string | undefined;
      do {
        const page = await table.query(AGAINST(subject), from === undefined ? {} : { after: from });
        for (const { sk } of page.items) {
          const kase = await get(sk);
          if (kase !== undefined && kase.accused.by === subject) yield kase;
        }
        from = page.next;
      } while (from !== undefined);
    },
  };
}
