/** What cases ask for, where nobody was there to hear their records: after a crash, on another machine. */
import { CASES, type Case, caseOf } from '../govern/cases/case.ts';
import type { Table } from '../ports.ts';
import type { Seen } from './seen.ts';

/** The newest: older ones were heard of long ago. */
const MOST_CASES = 200;

export async function openCases(table: Pick<Table, 'query'>): Promise<Seen[]> {
  const { items } = await table.query(CASES, { reverse: true, limit: MOST_CASES });
  return items.flatMap((item) => {
    const kase = caseOf(item.sk, item);
    return kase === undefined || !isAsking(kase) ? [] : [seenIn(kase)];
  });
}

const isAsking = ({ status, confirmed }: Case): boolean =>
  status === 'investigating' || confirmed !== undefined;

const seenIn = (kase: Case): Seen => ({
  record: kase.record,
  at: kase.changed,
  trace: '0'.repeat(32),
  node: kase.node_or_service,
  ...(kase.metric_name === undefined ? {} : { metric: kase.metric_name }),
  case_id: kase.violation_id,
  severity: kase.severity,
  basis: kase.confirmed !== undefined ? 'confirmed' : kase.origin === 'observed' ? 'observed' : 'reported',
  accused: kase.accused.by,
  reporter: kase.reporter.by,
  moves: true,
});
