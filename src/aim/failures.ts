/**
 * The failure reasons of requirements §2, in the order in which they are judged: the first one that applies
 * is the one that the request failed by, and the metric's label.
 */
export const FAILURE_REASONS = [
  'body_too_large',
  'invalid_workflow_name',
  'unknown_workflow',
  'missing_actor',
  'actor_name_too_short',
  'invalid_actor_email',
  'actor_mismatch',
  'missing_input',
  'no_input_sources',
  'missing_mission',
  'objective_too_short',
  'no_success_criteria',
  'missing_mode',
  'invalid_mode',
  'analysis_human_only',
  'schema_error',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];
