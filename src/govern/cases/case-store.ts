/** Where cases are kept, each as its newest record has it, and found again by whom they accuse. */
import { newestIn, pageOf } from '../../basics/pages.ts';
import type { Table } from '../../ports.ts';
import type { Severity } from '../../terms.ts';
import { keep, type Written } from '../turns.ts';
import {
  attributesOf,
  CASES,
  type Case,
  type CaseState,
  caseAfter,
  caseIdOf,
  caseOf,
  isOpen,
  keptUntil,
} from './case.ts';

/** All given conditions must hold. */
export interface CaseFilter {
  readonly status?: CaseState;
  readonly severity?: Severity;
  readonly violation_type?: string;
  readonly node_or_service?: string;
  /** Whether it waits for the committee. */
  readonly open?: boolean;
}

export interface CaseStore {
  get(violation_id: string): Promise<Case | undefined>;
  /** The case as this record leaves it. Doing it again changes nothing. */
  settle(written: Written): Promise<void>;
  /** Those that match, newest first. */
  list(
    wanted: CaseFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly cases: readonly Case[]; readonly next?: string }>;
  /** Lets the case be found by who is in it; before its record, so that none is overlooked. */
  index(violation_id: string, subject: string): Promise<void>;
  /** Every case that accuses this principal, oldest first. */
  against(subject: string): AsyncIterable<Case>;
  /** One that waits for a finding and in which this principal is accused, or has reported it. */
  openWith(subject: string): Promise<Case | undefined>;
}

const ID = /^vio_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const IN_CASES = (subject: string): string => `IN_CASES#${subject}`;

export function createCaseStore(table: Table): CaseStore {
  async function get(violation_id: string): Promise<Case | undefined> {
    if (!ID.test(violation_id)) return undefined;
    const item = await table.get(CASES, violation_id);
    return item && caseOf(item.sk, item);
  }

  /** Every case that this principal is in. */
  async function* having(subject: string): AsyncGenerator<Case> {
    let after: string | undefined;
    do {
      const page = await table.query(IN_CASES(subject), after === undefined ? {} : { after });
      for (const { sk } of page.items) {
        const kase = await get(sk);
        if (kase !== undefined) yield kase;
      }
      after = page.next;
    } while (after !== undefined);
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

    async list(wanted, page) {
      const { found, ...next } = await pageOf(
        newestIn(table, CASES),
        (item) => {
          const kase = caseOf(item.sk, item);
          return kase !== undefined && matches(kase, wanted) ? kase : undefined;
        },
        page,
      );
      return { cases: found, ...next };
    },

    async index(violation_id, subject) {
      if (subject !== '') await table.put({ pk: IN_CASES(subject), sk: violation_id }, 'absent');
    },

    async *against(subject) {
      for await (const kase of having(subject)) if (kase.accused.by === subject) yield kase;
    },

    async openWith(subject) {
      for await (const kase of having(subject))
        if (isOpen(kase.status) && (kase.accused.by === subject || kase.reporter.by === subject)) return kase;
      return undefined;
    },
  };
}

function matches(kase: Case, { open, ...wanted }: CaseFilter): boolean {
  const { status, severity, violation_type, node_or_service } = wanted;
  return (
    (status === undefined || kase.status === status) &&
    (severity === undefined || kase.severity === severity) &&
    (violation_type === undefined || kase.violation_type === violation_type) &&
    (node_or_service === undefined || kase.node_or_service === node_or_service) &&
    (open === undefined || isOpen(kase.status) === open)
  );
}
