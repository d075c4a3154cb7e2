/**
 * What Chancery knows of a workflow: its Amazon States Language definition and its manifest. Types only;
 * `registry.ts` reads them from files.
 */
import type { JsonObject } from '../json.ts';
import type { DragMode, MissionCheck, RiskLevel, Sensitivity } from '../terms.ts';

/** A success check that the workflow brings along itself; a request's mission adds its own. */
export type WorkflowCheck = Omit<MissionCheck, 'criterion'>;

export interface Workflow {
  /** `[a-zA-Z0-9_-]{1,64}`, equal to the file names. */
  readonly name: string;
  readonly description: string;
  /** A principal needs one of these roles, whatever the charter permits; empty: any. */
  readonly roles: readonly string[];
  /** A scope needed beside `workflows:execute`. */
  readonly scope?: string;
  readonly modes: readonly DragMode[];
  /** A request may raise, never lower it. */
  readonly risk_level: RiskLevel;
  readonly data_classes: readonly string[];
  readonly sensitivity: Sensitivity;
  /** `express`: the caller waits (≤ 20 s). `standard`: it gets 202 and an execution id. */
  readonly kind: 'express' | 'standard';
  /** The definition's own `TimeoutSeconds`; a run without an outcome after it is stale. */
  readonly timeout_seconds: number;
  readonly checks: readonly WorkflowCheck[];
  /** JSON Schema (2020-12, the keywords of `schema.ts`) of `parameters`. */
  readonly parameters: JsonObject;
  /** Amazon States Language, JSONPath; `Resource` is `${TaskArn_NAME}` for Chancery's own tasks. */
  readonly definition: JsonObject;
  /** Names of Chancery's own tasks that the definition uses. */
  readonly tasks: readonly string[];
  /** One of its tasks changes or discloses something (`effects.ts`). */
  readonly effects: boolean;
  /** Hex SHA-256 over the canonical JSON of manifest and definition: which version of it ran. */
  readonly digest: string;
}

export interface Registry {
  /** In order of name. */
  readonly all: readonly Workflow[];
  get(name: string): Workflow | undefined;
}
