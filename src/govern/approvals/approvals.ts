/**
 * Asking for an approval, deciding it, letting it expire, and running what it was for.
 * A run starts by itself when the quorum is reached, after the record that says so.
 */

import { pageOf } from '../../basics/pages.ts';
import type { Caller, Question } from '../../decision/question.ts';
import type { Weighed } from '../../decision/record.ts';
import { ChanceryError, type Reason } from '../../errors.ts';
import type { Marked } from '../../identity/person.ts';
import type { Json } from '../../json.ts';
import type { DecisionData, OutcomeData } from '../../ledger/payloads.ts';
import { idOf, isSame, type Pseudonym } from '../../ledger/people/pseudonym.ts';
import type { Log } from '../../ports.ts';
import type { Decision, Principal, PrincipalId } from '../../terms.ts';
import {
  type Approval,
  type ApprovalState,
  type ApprovalView,
  done,
  expired,
  objection,
  opened,
  type Vote,
  viewOf,
  voted,
  WARNING_BEFORE_MS,
} from './approval.ts';
import { createDesk, type DeskDeps, type Kept } from './desk.ts';
import { recordOf, suspicion, tooLate, warning } from './records.ts';

export type { ApprovalView } from './approval.ts';

export interface ApprovalsDeps extends DeskDeps {
  /** Judges the bound request again and runs it if it still stands (`mediate.ts`, `resume`). */
  readonly run: (granted: GrantedApproval) => Promise<Ran>;
  /** Who somebody is, in pseudonyms. */
  readonly marked: (principal: Principal) => Marked;
  readonly pseudonym: Pseudonym;
  readonly log: Log;
}

/** What is used of an answer (`answer.ts`). */
export type Ran =
  | { readonly kind: 'started'; readonly execution_id: string }
  | {
      readonly kind: 'ran';
      readonly finished: { readonly data: Pick<OutcomeData, 'execution_id' | 'outcome'> };
    }
  /** Not run here: whoever asked makes the call, once. */
  | { readonly kind: 'held' }
  | { readonly kind: 'refused' | 'approval' | 'decided' };

export interface GrantedApproval {
  readonly approval_id: string;
  readonly caller: Caller;
  readonly body: Json;
  readonly action_digest: string;
  /** Of the record that granted it: the run's decision follows it. */
  readonly record_hash: string;
}

export interface ApprovalAsked {
  readonly approval_id: string;
  readonly caller: Caller;
  readonly body: Json;
  readonly question: Pick<Question, 'drag_mode' | 'workflow' | 'resource'>;
  readonly weighed: Pick<Weighed, 'decision_id' | 'action_digest'> & {
    readonly decision: Pick<Decision, 'approval' | 'charter'>;
    readonly record: { readonly data: Pick<DecisionData, 'risk_level'> };
  };
  /** Record hash of the decision that asks. */
  readonly after: string;
}

export interface Ballot {
  readonly verdict: Vote['verdict'];
  readonly comment?: string;
  /** What the person saw; given, it must be what is asked. */
  readonly action_digest?: string;
}

export type Decided =
  | { readonly ok: true; readonly approval: ApprovalView }
  /** The word does not count; nothing changed. */
  | { readonly ok: false; readonly reason: Reason; readonly approval: ApprovalView };

export interface Approvals {
  request(asked: ApprovalAsked): Promise<ApprovalView>;
  /** Undefined: there is no such approval. Throws CONFLICT when another person decides at the same moment. */
  decide(approval_id: string, person: Caller, ballot: Ballot): Promise<Decided | undefined>;
  get(approval_id: string): Promise<ApprovalView | undefined>;
  /** Whether this principal asked for it: whoever did may follow it. */
  isRequester(approval_id: string, who: PrincipalId): Promise<boolean>;
  /** Newest first. */
  list(filter: {
    readonly status?: ApprovalState;
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly approvals: readonly ApprovalView[]; readonly next?: string }>;
  /** Expires what is overdue, warns an hour before, finishes what a crash cut off. Safe at any time, twice too. */
  sweep(): Promise<{ readonly expired: number; readonly warned: number; readonly resumed: number }>;
  /** Ends what a person (a pseudonym) asked for who is about to be erased. */
  withdraw(subject: string): Promise<number>;
}

/** A run that a crash cut off while starting is tried again after this. */
const START_LEASE_MS = 60_000;
/** Objections to who decides, which say something about them; the others are about the state of the approval. */
export const ABOUT_THE_PERSON: ReadonlySet<string> = new Set([
  'approver_is_requester',
  'approver_is_actor',
  'approver_not_human',
]);

export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { clock, ledger } = deps;
  const desk = createDesk(deps);

  /** A state that is overdue is expired on sight, so a late vote never counts. */
  async function current(approval_id: string): Promise<Kept | undefined> {
    const kept = await desk.read(approval_id);
    if (kept === undefined || !isOverdue(kept)) return kept;
    await desk.step(
      kept,
      expired(kept.approval),
      recordOf('approval.expired', expired(kept.approval), clock()),
    );
    return desk.read(approval_id);
  }

  const isOverdue = ({ approval, intent }: Kept): boolean =>
    approval.status === 'pending' && intent === undefined && clock() >= approval.expires_at;

  /** Starts what was approved, once; the claim is a conditional write, and a lapsed one is looked into first. */
  async function start(kept: Kept): Promise<Approval> {
    const { approval } = kept;
    const { bound } = approval;
    if (bound === undefined) return approval;
    const earlier = approval.execution === undefined ? undefined : await findRun(approval);
    if (earlier !== undefined) return desk.step(kept, done(approval, earlier));
    const starting = { ...approval, execution: { outcome: 'starting', at: clock() } };
    await desk.step(kept, starting);
    const answer = await deps.run({
      approval_id: approval.approval_id,
      caller: bound.caller,
      body: bound.body,
      action_digest: approval.action_digest,
      record_hash: approval.after,
    });
    const claimed = await desk.read(approval.approval_id);
    const execution = { ...outcomeOf(answer), at: clock() };
    return claimed === undefined
      ? done(starting, execution)
      : desk.step(claimed, done(claimed.approval, execution));
  }

  /** The decision that an earlier, dead runner had recorded for this approval. */
  async function findRun(approval: Approval): Promise<Approval['execution']> {
    const since = approval.execution?.at ?? clock();
    for await (const { record } of deps.recordsSince(since - START_LEASE_MS)) {
      const { data } = record;
      const decided = record.type === 'decision.made' && data.approval_id === approval.approval_id;
      if (!decided || data.outcome === 'require_approval') continue;
      return typeof data.execution_id === 'string'
        ? { execution_id: data.execution_id, outcome: 'started', at: since }
        : { outcome: 'refused', at: since };
    }
    return undefined;
  }

  /** A failing start leaves the approval as it is: granted, and due again at the next sweep. */
  async function tryStart(approval_id: string): Promise<boolean> {
    try {
      const kept = await desk.read(approval_id);
      if (kept === undefined) return false;
      await start(kept);
      return true;
    } catch (error) {
      deps.log.write('error', 'approval', 'An approved run could not be started yet.', {
        approval_id,
        error,
      });
      return false;
    }
  }

  const isDue = ({ approval }: Kept): boolean =>
    approval.status === 'approved' &&
    approval.bound !== undefined &&
    (approval.execution === undefined || clock() >= approval.execution.at + START_LEASE_MS);

  /** Nothing can happen to it any more. */
  const isSettled = ({ approval, intent }: Kept): boolean =>
    intent === undefined && approval.status !== 'pending' && approval.bound === undefined;

  /** What a sweep does with one: expire it, warn of it, start it, or find that there is nothing to do. */
  async function tend(approval_id: string, counts: { expired: number; warned: number; resumed: number }) {
    const seen = await desk.read(approval_id);
    const kept = seen !== undefined && isOverdue(seen) ? await current(approval_id) : seen;
    if (seen?.approval.status === 'pending' && kept?.approval.status === 'expired') counts.expired += 1;
    if (kept === undefined || isSettled(kept)) return desk.settled(approval_id);
    const { approval } = kept;
    const due = approval.expires_at - WARNING_BEFORE_MS;
    if (approval.status === 'pending' && !approval.warned && clock() >= due) {
      await desk.step(kept, { ...approval, warned: true }, warning(approval));
      counts.warned += 1;
    }
    if (isDue(kept) && (await tryStart(approval_id))) counts.resumed += 1;
  }

  return {
    async request({ approval_id, caller, body, question, weighed, after }) {
      const { decision, record: decided } = weighed;
      const { priority, quorum } = decision.approval ?? { priority: 'medium', quorum: 1 };
      const approval = opened({
        approval_id,
        decision_id: weighed.decision_id,
        requester: idOf(caller.principal),
        priority,
        quorum,
        requested_at: clock(),
        ...(question.workflow === undefined
          ? question.resource.type === 'tool'
            ? { tool: question.resource.id }
            : {}
          : { workflow: question.workflow.name }),
        drag_mode: question.drag_mode ?? 'none',
        risk_level: decided.data.risk_level,
        action_digest: weighed.action_digest,
        charter: decision.charter,
        trace: caller.trace,
        after,
        bound: { caller, body },
      });
      const record = recordOf('approval.requested', approval, clock(), { who: idOf(caller.principal) });
      return viewOf(await desk.open(approval, record));
    },

    async decide(approval_id, person, ballot) {
      const kept = await current(approval_id);
      if (kept === undefined) return undefined;
      const { principal } = person;
      const marked = deps.marked(principal);
      const now = clock();
      const reason = objection(kept.approval, principal, marked, now, ballot.action_digest);
      if (reason !== undefined) {
        const said = ABOUT_THE_PERSON.has(reason.code) ? suspicion : tooLate;
        await ledger.append(said(kept.approval, person, reason));
        return { ok: false, reason, approval: viewOf(kept.approval) };
      }
      const { verdict, comment } = ballot;
      const next = voted(kept.approval, {
        ...marked,
        verdict,
        at: now,
        ...(comment === undefined ? {} : { comment }),
      });
      const type = verdict === 'approve' ? 'approval.approved' : 'approval.rejected';
      const after = await desk.step(
        kept,
        next,
        recordOf(type, next, now, {
          who: idOf(principal),
          person,
          marked,
          ...(comment === undefined ? {} : { comment }),
        }),
      );
      if (after.status !== 'approved') return { ok: true, approval: viewOf(after) };
      await tryStart(approval_id);
      const started = await desk.read(approval_id);
      return { ok: true, approval: viewOf(started?.approval ?? after) };
    },

    async get(approval_id) {
      const kept = await current(approval_id);
      return kept && viewOf(kept.approval);
    },

    async isRequester(approval_id, who) {
      const kept = await desk.read(approval_id);
      return kept !== undefined && isSame(kept.approval.requester, who);
    },

    async list({ status, ...page }) {
      const { found, ...next } = await pageOf(
        desk.list,
        (kept) => {
          const approval = isOverdue(kept) ? expired(kept.approval) : kept.approval;
          return status === undefined || approval.status === status ? viewOf(approval) : undefined;
        },
        page,
      );
      return { approvals: found, ...next };
    },

    async sweep() {
      const counts = { expired: 0, warned: 0, resumed: 0 };
      for await (const approval_id of desk.live())
        try {
          await tend(approval_id, counts);
        } catch (error) {
          if (!(error instanceof ChanceryError && error.code === 'CONFLICT')) throw error;
          // A person decides it at this very moment; the next sweep sees what came of it.
        }
      return counts;
    },

    async withdraw(subject) {
      let withdrawn = 0;
      for await (const approval_id of desk.live()) {
        const kept = await desk.read(approval_id);
        if (kept?.approval.status !== 'pending' || deps.pseudonym(kept.approval.requester) !== subject)
          continue;
        const ended = expired(kept.approval);
        await desk.step(kept, ended, recordOf('approval.expired', ended, clock()));
        withdrawn += 1;
      }
      return withdrawn;
    },
  };
}

function outcomeOf(answer: Ran): { execution_id?: string; outcome: string } {
  switch (answer.kind) {
    case 'started':
      return { execution_id: answer.execution_id, outcome: 'started' };
    case 'ran':
      return { execution_id: answer.finished.data.execution_id, outcome: answer.finished.data.outcome };
    case 'held':
      return { outcome: 'held' };
    default:
      return { outcome: 'refused' };
  }
}
