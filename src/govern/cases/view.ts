/** How a case is shown: to whoever may read cases, with what it rests on to whoever may decide it, and to the accused. */
import type { JsonObject } from '../../json.ts';
import type { Severity } from '../../terms.ts';
import { type Sanction, type SanctionView, viewOf as sanctionView } from '../sanctions/sanction.ts';
import { type Case, type CaseState, isOpen } from './case.ts';
import type { CaseEvidence } from './evidence.ts';
import { quorumFor } from './hearing.ts';
import { PATTERN } from './repeats.ts';

export type CaseView = {
  readonly id: string;
  readonly violation_id: string;
  readonly status: CaseState;
  readonly open: boolean;
  readonly severity: Severity;
  readonly violation_type: string;
  readonly node_or_service: string;
  readonly origin: Case['origin'];
  /** Pseudonyms; null for the system, and where nobody can say whose principal is meant. */
  readonly accused: string | null;
  readonly reported_by: string | null;
  readonly metric_name?: string;
  readonly reported_at: string;
  readonly changed_at: string;
  readonly votes: number;
  readonly votes_needed: number;
  /** How many have found which severity, while their words wait for others'. */
  readonly votes_for?: Readonly<Partial<Record<Severity, number>>>;
  /** How often within 30 days; from a number of times on it is a pattern, which goes to the law. */
  readonly repeat?: number;
  readonly pattern?: 'legal';
  readonly history: readonly EventView[];
  readonly sanctions?: readonly SanctionView[];
};

export type EventView = {
  readonly type: string;
  readonly at: string;
  /** Pseudonym; null for the system. */
  readonly by: string | null;
  readonly record: string;
  readonly reason?: string;
  readonly description?: string;
  /** As the report wrote it, where the case shows it by its digest. */
  readonly node_or_service?: string;
  readonly evidence?: readonly string[];
  /** The case's key is gone, and what was sealed under it with it. */
  readonly destroyed?: true;
};

export function viewOf(kase: Case): CaseView {
  const {
    accused,
    reporter,
    opened,
    changed,
    votes,
    found_by: _,
    appellants: __,
    events,
    confirmed: ___,
    ...rest
  } = kase;
  const { record: ____, ...plain } = rest;
  return {
    id: kase.violation_id,
    ...plain,
    open: isOpen(kase.status),
    ...(kase.repeat !== undefined && kase.repeat >= PATTERN ? { pattern: 'legal' } : {}),
    accused: accused.by || null,
    reported_by: reporter.by || null,
    reported_at: new Date(opened).toISOString(),
    changed_at: new Date(changed).toISOString(),
    votes: votes.length,
    votes_needed: quorumFor(kase.severity, ...votes.map((vote) => vote.severity)),
    ...(votes.length === 0 ? {} : { votes_for: countedBy(votes.map((vote) => vote.severity)) }),
    history: events.map((event) => ({ ...event, by: event.by || null })),
  };
}

function countedBy(severities: readonly Severity[]): Partial<Record<Severity, number>> {
  const counted: Partial<Record<Severity, number>> = {};
  for (const severity of severities) counted[severity] = (counted[severity] ?? 0) + 1;
  return counted;
}

/** What each reader sees of what is sealed: the accused why it was found, and not who said what. */
export type Reader = 'committee' | 'accused';

export async function openedView(
  kase: Case,
  reader: Reader,
  evidence: Pick<CaseEvidence, 'open'>,
  sanctions: readonly Sanction[],
  now: number,
): Promise<CaseView> {
  const view = viewOf(kase);
  const history = await Promise.all(
    view.history.map(async (event): Promise<EventView> => {
      const said = await evidence.open(event.record);
      if (said === undefined) return event;
      if (said === 'destroyed') return { ...event, destroyed: true };
      return { ...event, ...seenBy(reader, said) };
    }),
  );
  return { ...view, history, sanctions: sanctions.map((each) => sanctionView(each, now)) };
}

function seenBy(reader: Reader, said: JsonObject): Omit<EventView, 'type' | 'at' | 'by' | 'record'> {
  const reason = typeof said.reason === 'string' ? { reason: said.reason } : {};
  if (reader === 'accused') return reason;
  return {
    ...reason,
    ...(typeof said.description === 'string' ? { description: said.description } : {}),
    ...(typeof said.node_or_service === 'string' ? { node_or_service: said.node_or_service } : {}),
    ...(Array.isArray(said.evidence)
      ? { evidence: said.evidence.filter((each) => typeof each === 'string') }
      : {}),
  };
}
