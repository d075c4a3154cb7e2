/**
 * What Cedar said of a bundle when it was built into a function. The same text has the same answer, and asking again
 * would be most of a cold start. Answers are found by the digest of what was asked: another text is asked anew.
 */
import type { PolicyJson, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { sha256 } from '../basics/digest.ts';

export interface CedarAnswers {
  /** The JSON form of a policy, by the digest of its text. */
  readonly policies: Readonly<Record<string, PolicyJson>>;
  /** The JSON form of a schema with its types resolved, by the digest of its text. */
  readonly schemas: Readonly<Record<string, SchemaJson<string>>>;
  /** Names of policies under a schema (`soundnessOf`) in which Cedar's validator finds nothing wrong. */
  readonly sound: readonly string[];
}

export const NO_ANSWERS: CedarAnswers = { policies: {}, schemas: {}, sound: [] };

interface PolicyText {
  readonly id: string;
  readonly text: string;
}

/** What was said of the policies and the schema of a bundle that was read, and so found valid. */
export function answersOf(
  policies: readonly (PolicyText & { readonly json: PolicyJson })[],
  schema: { readonly text: string; readonly json: SchemaJson<string> },
): CedarAnswers {
  return {
    policies: Object.fromEntries(policies.map(({ text, json }) => [sha256(text), json])),
    schemas: { [sha256(schema.text)]: schema.json },
    sound: [soundnessOf(policies, schema)],
  };
}

/** Names what the validator is asked: all policies by id, and the schema. */
export function soundnessOf(policies: readonly PolicyText[], schema: { readonly text: string }): string {
  return sha256(JSON.stringify([schema.text, ...policies.map(({ id, text }) => [id, text])]));
}
