/**
 * What has to be in force because of a case, and is made so: after a finding the sanctions of its severity and of
 * repeating, and no provisional one any more; after a dismissal or when all is made good, none.
 */
import { ownWords } from '../../ledger/people/words.ts';
import type { Clock, Table } from '../../ports.ts';
import type { SanctionRecord, Sanctions } from '../sanctions/sanctions.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';
import { repeatTerms } from './repeats.ts';

export interface ConsequencesDeps {
  readonly table: Table;
  readonly cases: Pick<CaseStore, 'get'>;
  readonly sanctions: Sanctions;
  readonly clock: Clock;
}

export interface Consequences {
  /** Before the step is on record: should this process die, the sweep does what follows from it. */
  owe(violation_id: string): Promise<void>;
  /** Does what follows from the case as it is. Doing it again changes nothing. */
  follow(violation_id: string, record: SanctionRecord): Promise<void>;
  /** Does what was owed and cut off. */
  sweep(): Promise<void>;
}

const OWED = 'VIOLATIONS#OWED';
/** Longer than a step takes. */
const LEASE_MS = 60_000;

export function createConsequences({ table, cases, sanctions, clock }: ConsequencesDeps): Consequences {
  async function punish(kase: Case, record: SanctionRecord): Promise<void> {
    const { violation_id, severity, repeat = 1, accused, confirmed = clock() } = kase;
    const order = { subject: accused.by, case_id: violation_id, severity };
    await sanctions.apply({ ...order, why: `the case was confirmed at ${severity}` }, record);
    const more = repeatTerms(repeat, confirmed);
    if (more !== undefined && more.until > clock())
      await sanctions.apply(
        { ...order, ...more, why: `number ${repeat} within 30 days`, data: { repeat } },
        record,
      );
  }

  async function release(
    kase: Case,
    why: string,
    record: SanctionRecord,
    provisional: boolean,
  ): Promise<void> {
    for (const { sanction_id, status, case_id, ...each } of await sanctions.of(kase.accused.by))
      if (case_id === kase.violation_id && status === 'active' && (!provisional || each.provisional))
        await sanctions.lift(sanction_id, ownWords(why), record);
  }

  async function follow(violation_id: string, record: SanctionRecord): Promise<void> {
    const kase = await cases.get(violation_id);
    if (kase !== undefined && kase.accused.by !== '') {
      if (kase.status === 'confirmed') {
        await punish(kase, record);
        await release(kase, 'the finding took its place', record, true);
      } else if (kase.status === 'dismissed' || kase.status === 'restored')
        await release(kase, `the case was ${kase.status}`, record, false);
    }
    await table.remove(OWED, violation_id);
  }

  return {
    async owe(violation_id) {
      await table.merge(OWED, violation_id, { at: clock() });
    },
    follow,
    async sweep() {
      let after: string | undefined;
      do {
        const page = await table.query(OWED, after === undefined ? {} : { after });
        for (const { sk, at } of page.items)
          if (clock() - Number(at) >= LEASE_MS)
            await follow(sk, (type, data) => ({ type, trace: '0'.repeat(32), data }));
        after = page.next;
      } while (after !== undefined);
    },
  };
}
