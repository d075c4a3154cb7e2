/** What Cedar is asked, and what it answers: the same for its own engine and for compiled policies. */
import type { CedarValueJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';

export interface CedarRequest {
  readonly principal: CedarEntity;
  readonly action: string;
  readonly resource: CedarEntity;
  readonly context: Readonly<Record<string, CedarValueJson>>;
}

export interface CedarEntity {
  readonly uid: TypeAndId;
  readonly attrs: Readonly<Record<string, CedarValueJson>>;
  readonly parents: readonly TypeAndId[];
}

/** What the policies say. `determining` are forbids when `effect` is forbid, permits when it is permit. */
export interface CedarAnswer {
  readonly effect: 'permit' | 'forbid' | 'none';
  readonly determining: readonly string[];
  /** Ids of policies that could not be evaluated. Cedar skips them; the caller must not. */
  readonly errors: readonly string[];
}
