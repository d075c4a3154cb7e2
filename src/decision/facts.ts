/** Everything that a decision is made of, read before: deciding is pure. */
import type { Asked } from '../charter/asked.ts';
import type { Charter } from '../charter/charter.ts';
import type { Reason } from '../errors.ts';
import type { Item } from '../ports.ts';
import type { DragMode, OverrideReason, PrescriptiveHit } from '../terms.ts';
import type { EmergencyState } from './emergency.ts';
import type { Lack } from './question.ts';

/** An override as far as a decision says of it. */
export interface OverrideInForce {
  readonly override_id: string;
  readonly reason: OverrideReason;
  /** Milliseconds. */
  readonly until: number;
}

export interface Facts extends Asked {
  /** The scope that guards the route; checked again here, so that no route can forget it. */
  readonly scope: string;
  /** What is wrong with the request's form, parameters included. */
  readonly shape: readonly Reason[];
  /** Which AIM rules it breaks. */
  readonly aim: readonly Reason[];
  /** What must be declared before this may be asked, and is not. */
  readonly lacks?: Lack;
  /** What the resource itself has against it. */
  readonly withheld?: readonly Reason[];
  /** Hits in `output_text`, in whatever mode: which modes are screened is the charter's. */
  readonly prescriptive: readonly PrescriptiveHit[];
  /** The principal's item after the slots of `limitsFor` were added. Undefined: it could not be read, deny. */
  readonly standing: Item | undefined;
  /** Limits of the workflow that are used up; empty when it has none. */
  readonly quota?: readonly { readonly reason: Reason; readonly retry_after_seconds: number }[];
  readonly emergency: EmergencyState;
  readonly draining: boolean;
  /** Lets it run without the approval that it would have to wait for. */
  readonly override?: OverrideInForce;
  /** Resumed after a granted approval: only the approval stage is passed. */
  readonly approved: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Scopes that the principal must hold for what is asked, the route's own first. */
export function neededScopes(charter: Charter, { scope, workflow, action, ask }: Facts): string[] {
  // An enforcement point that asks about another has shown its own scope at the door.
  const needed = ask?.about === undefined ? [scope] : [];
  if (workflow !== undefined) needed.push('workflows:execute');
  if (workflow?.scope !== undefined) needed.push(workflow.scope);
  // Actions of governed applications are named like the scope that they need.
  if (charter.documents['roles.yaml'].scopes.includes(action)) needed.push(action);
  return [...new Set(needed)];
}

/** Whether the charter screens for prescriptive language in the mode asked for. */
export function isScreened(charter: Charter, facts: Facts): boolean {
  const mode: DragMode | undefined = facts.request?.drag_mode ?? facts.drag_mode;
  return mode !== undefined && charter.documents['modes.yaml'].modes[mode].screened;
}
