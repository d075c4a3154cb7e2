/** Decisions among entries of the ledger. Pure. */
import { type Decision, decision, type Entry } from '../app/shapes.ts';

export interface Decided {
  readonly entry: Entry;
  readonly decision: Decision;
  /** The workflow, else the action and the thing. */
  readonly what: string;
  /** What decided it in one word: the first reason, else the policy. */
  readonly because: string;
}

/** Entries that are decisions; one of another shape than this page knows is left to the ledger view. */
export const decided = (list: readonly Entry[]): Decided[] =>
  list.flatMap((entry) => {
    const read = decision.safeParse(entry.record.data);
    if (!read.success || !entry.record.type.startsWith('decision.')) return [];
    const { workflow, action, resource, reasons, policies } = read.data;
    const what = workflow ?? `${action} ${resource.id}`;
    return [{ entry, decision: read.data, what, because: reasons[0]?.code ?? policies[0]?.id ?? '' }];
  });

/** Rows that are kept: whoever wants older ones goes to the ledger. */
const MOST = 200;

/** Newest first, each entry once. */
export function joined(fresh: readonly Entry[], known: readonly Entry[]): Entry[] {
  const all = new Map([...known, ...fresh].map((entry) => [entry.id, entry]));
  const time = ({ record }: Entry) => Date.parse(record.time);
  return [...all.values()]
    .sort((left, right) => time(right) - time(left) || right.lane - left.lane || right.seq - left.seq)
    .slice(0, MOST);
}
