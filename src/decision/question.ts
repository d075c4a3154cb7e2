/** Who asks, and what: the two things that every decision begins with. */
import type { Reason } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Ask, DecisionMode, DragMode, GovernedRequest, Principal, WorkflowFacts } from '../terms.ts';

/** Who is asking, and through which request. */
export interface Caller {
  readonly principal: Principal;
  readonly trace: string;
  readonly request_id?: string;
  /** Personal: sealed in records, never logged. */
  readonly seen: { readonly ip?: string; readonly user_agent?: string };
}

/** What is asked, after parsing. `shape` holds what is wrong with the request itself, first problem first. */
export interface Question {
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string };
  /** The scope that guards the route asked through. */
  readonly scope: string;
  readonly workflow?: WorkflowFacts;
  readonly drag_mode?: DragMode;
  readonly request?: GovernedRequest;
  /** What is asked of a tool, an agent or a thing of a governed application, instead of a workflow. */
  readonly ask?: Ask;
  /** The body the request was parsed from: an approval keeps it, to ask again once it is granted. */
  readonly body?: Json;
  readonly shape: readonly Reason[];
  /** What the resource itself has against it, whatever the policies say: a tool that nobody has reviewed as it is now. */
  readonly withheld?: readonly Reason[];
  /** What must be declared before this may be asked, and is not. */
  readonly lacks?: Lack;
  readonly mode: DecisionMode;
  /** The id that the decision gets, where an Idempotency-Key has named one already. */
  readonly decision_id?: string;
  /** Resumed after a granted approval: the approval stage is passed, all others are judged again. */
  readonly approved?: boolean;
  /** Who is judged, when an enforcement point asks about another than itself (AuthZEN). */
  readonly subject?: Principal;
}

/** A declaration that is missing: the reason, and what would supply it, for the counterfactual. */
export interface Lack {
  readonly reason: Reason;
  readonly change: string;
  readonly to: Json;
}

/** The action of a call that is made through the office. */
export const TOOL_CALL = 'gateway:tool:invoke';

/** What a span says of the question. */
export const spanOf = ({ action, resource }: Question): { action: string; resource: string } => ({
  action,
  resource: `${resource.type}/${resource.id}`,
});
