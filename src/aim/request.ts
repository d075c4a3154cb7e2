/**
 * From JSON to a governed request: `unknown` comes in, a typed request leaves, or the
 * reasons why not, in the order of the table there. Shape only; what the words must say is in `rules.ts`.
 */
import * as z from 'zod';
import { pointer } from '../basics/strict-json.ts';
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import {
  CHECK_OPS,
  DATA_CLASSES,
  DECISION_MODES,
  DRAG_MODES,
  EXPLANATIONS,
  FAILURE_REASONS,
  type FailureReason,
  type GovernedRequest,
  type RiskLevel,
} from '../terms.ts';
import { closed, placesOf, schemaReason } from './closed.ts';

const text = z.string();
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
// What JSON.parse made needs no second look: JSON in, JSON out.
const jsonObject = z.custom<JsonObject>(isObject, 'must be an object');
const json = z.custom<Json>((value) => value !== undefined, 'must be given');

const actor = closed({ name: text, role: text.optional(), email: text.optional() });

const input = closed({
  sources: z.array(closed({ type: text, description: text, location: text.optional() })),
  constraints: z.array(text).default([]),
});

const check = closed({
  criterion: z.int().min(0),
  path: text.regex(/^\$/, 'must be a JSONPath that begins with $').max(512),
  op: z.enum(CHECK_OPS),
  value: json.optional(),
});

const mission = closed({
  objective: text,
  success_criteria: z.array(text),
  checks: z.array(check).max(100).default([]),
}).check((context) => {
  const { checks, success_criteria } = context.value;
  checks.forEach(({ criterion }, index) => {
    if (criterion < success_criteria.length) return;
    const path = ['checks', index, 'criterion'];
    context.issues.push({
      code: 'custom',
      path,
      input: criterion,
      message: 'no success criterion has this index',
    });
  });
});

const of = (values: readonly string[]): string => `one of ${values.join(', ')}, exactly so written`;
/** Exactly these: another spelling would pass a forbid by. */
export const dataClasses = z.array(z.enum(DATA_CLASSES, of(DATA_CLASSES))).max(32);
export const riskLevel = z.literal([1, 2, 3, 4, 5] satisfies RiskLevel[], 'a whole number from 1 to 5');

export const options = closed({
  mode: z.enum(DECISION_MODES).default('enforce'),
  explain: z.enum(EXPLANATIONS).default('summary'),
});

/** The shape of the body, also what the API's document shows. */
export const governedRequestSchema = closed({
  workflow_name: text.regex(/^[a-zA-Z0-9_-]{1,64}$/, '1 to 64 letters, digits, underscores or hyphens'),
  drag_mode: z.enum(DRAG_MODES),
  aim: closed({ actor, input, mission }),
  parameters: jsonObject.default({}),
  data_classes: dataClasses.default([]),
  risk_level: riskLevel.optional(),
  output_text: text.optional(),
  options: options.default({ mode: 'enforce', explain: 'summary' }),
  /** Taken, for callers that have always sent it, and not used: the trace is that of the header. */
  trace_id: text.max(128).optional(),
});

const MOST_REASONS = 20;

export type ParsedRequest =
  | { readonly ok: true; readonly request: GovernedRequest }
  | {
      readonly ok: false;
      /** By the first reason: GOVERNANCE_ERROR for `schema_error`, else GOVERNANCE_VALIDATION_FAILED. */
      readonly code: 'GOVERNANCE_ERROR' | 'GOVERNANCE_VALIDATION_FAILED';
      /** At least one; each code is a FailureReason. */
      readonly reasons: readonly Reason[];
    };

/** A member that Chancery does not know is a `schema_error`: what is passed over could have been a limit. */
export function parseGoverned(body: Json): ParsedRequest {
  const parsed = governedRequestSchema.safeParse(body, { reportInput: true });
  if (parsed.success) {
    const { trace_id: _, ...request } = parsed.data;
    return { ok: true, request };
  }
  const failures = parsed.error.issues.flatMap((issue) => failuresOf(issue));
  const reasons = FAILURE_REASONS.flatMap((code) => {
    const same = failures.filter((failure) => failure.code === code);
    // Each wrong field is worth a schema_error; for the named rules the first place says it.
    return code === 'schema_error' ? same.slice(0, MOST_REASONS) : same.slice(0, 1);
  });
  const shapeOnly = reasons[0]?.code === 'schema_error';
  return { ok: false, code: shapeOnly ? 'GOVERNANCE_ERROR' : 'GOVERNANCE_VALIDATION_FAILED', reasons };
}

/** The failure that a wrong value at this place is. Members of a place count as the place. */
const FAILURE_AT: Readonly<Record<string, readonly FailureReason[]>> = {
  '/workflow_name': ['invalid_workflow_name'],
  '/aim': ['missing_actor', 'missing_input', 'missing_mission'],
  '/aim/actor': ['missing_actor'],
  '/aim/actor/name': ['missing_actor'],
  '/aim/actor/email': ['invalid_actor_email'],
  '/aim/input': ['missing_input'],
  '/aim/input/sources': ['no_input_sources'],
  '/aim/mission': ['missing_mission'],
  '/aim/mission/objective': ['objective_too_short'],
  '/aim/mission/success_criteria': ['no_success_criteria'],
};

const MISSING: Readonly<Partial<Record<FailureReason, { readonly path: string; readonly message: string }>>> =
  {
    missing_actor: { path: '/aim/actor', message: 'name the person who asks in aim.actor.name' },
    missing_input: { path: '/aim/input', message: 'declare the sources of the work in aim.input.sources' },
    missing_mission: {
      path: '/aim/mission',
      message: 'declare objective and success_criteria in aim.mission',
    },
  };

function failuresOf(issue: z.core.$ZodIssue): Reason[] {
  if (issue.code === 'unrecognized_keys') return placesOf(issue).map(schemaReason);
  const path = pointer(issue.path);
  if (path === '/drag_mode') return [modeFailure(issue, path)];
  const place = pointer(issue.path.filter((step) => typeof step === 'string').slice(0, 3));
  const codes = FAILURE_AT[path] ??
    (isListOfTheRules(place) ? FAILURE_AT[place] : undefined) ?? ['schema_error'];
  return codes.map((code) => {
    const missing = path === '/aim' ? MISSING[code] : undefined;
    return { code, path: missing?.path ?? path, message: missing?.message ?? issue.message, kind: 'invalid' };
  });
}

function isListOfTheRules(place: string): boolean {
  return place === '/aim/input/sources' || place === '/aim/mission/success_criteria';
}

function modeFailure(issue: z.core.$ZodIssue, path: string): Reason {
  const absent = issue.input === undefined || issue.input === null;
  const message = `the mode must be one of ${DRAG_MODES.join(', ')}`;
  return { code: absent ? 'missing_mode' : 'invalid_mode', path, message, kind: 'invalid' };
}
