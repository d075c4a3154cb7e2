/**
 * The YAML documents of a charter bundle, one schema a file. Shape only: what the documents must be to each
 * other is in `checks.ts`.
 */
import * as z from 'zod';
import { duration } from '../basics/duration.ts';
import {
  AGENT_CAPABILITIES,
  AGENT_TYPES,
  type DragMode,
  POLICY_MODES,
  PRINCIPAL_KINDS,
  PRIORITIES,
  SENSITIVITIES,
  SEVERITIES,
  TRUST_LEVELS,
} from '../terms.ts';

const id = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'an id is lower-case letters, digits, - and _');
const slotId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,30}$/, 'the id of a limit is up to 31 lower-case letters, digits and _');
const text = z.string().min(1);
const scope = z
  .string()
  .regex(/^[a-z]+(:[a-z_]+){1,2}$/, 'a scope is domain:verb or domain:object:verb, in lower case');
const risk = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const positive = z.number().int().positive();
const fraction = z.number().min(0).max(1);
const workflow = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'a workflow name is letters, digits, - and _');
const severity = z.enum(SEVERITIES);
const sensitivity = z.enum(SENSITIVITIES);
const trust = z.enum(TRUST_LEVELS);

export const charterDocument = z.strictObject({
  name: id,
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'a version is MAJOR.MINOR.PATCH'),
  status: z.enum(['active', 'pending', 'deprecated', 'suspended']),
  description: text,
  policy_mode: z.enum(POLICY_MODES),
  approval_at_risk: z.strictObject({
    permissive: z.union([risk, z.literal('never')]),
    strict: risk,
    paranoid: risk,
  }),
  approvals: z
    .array(
      z.strictObject({
        risk,
        quorum: z.number().int().min(1).max(9),
        priority: z.enum(PRIORITIES),
      }),
    )
    .length(5),
  principles: z.array(text).min(1),
  committee: z.strictObject({ role: id, size: positive, quorum: positive }),
  violation_policy: z.array(z.strictObject({ level: severity, action: id })).length(SEVERITIES.length),
  audit_trail: z.strictObject({
    enabled: z.literal(true),
    immutable: z.literal(true),
    retention_days: z.number().int().min(183),
  }),
  access_control: z.strictObject({
    public: z.array(id),
    node_operator: z.array(id).min(1),
    audit_only: z.array(id).min(1),
    emergency: z.array(id).min(1),
  }),
  emergency: z.strictObject({
    default_duration: duration,
    max_duration: duration,
    release_quorum: z.number().int().min(2).max(9),
  }),
  event_types: z.array(z.string().regex(/^[a-z_]+\.[a-z_]+$/, 'an event type is family.verb')),
  applications: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(512),
        families: z.array(z.string().regex(/^[a-z_]+$/, 'a family is what stands before the dot')).min(1),
        issuers: z.array(z.string().min(1).max(512)).default([]),
      }),
    )
    .default([]),
});

const mode = z.strictObject({
  screened: z.boolean(),
  human_only: z.boolean(),
  effects: z.boolean(),
  description: text,
});
const preparing = mode.extend({
  effects: z.literal(false, 'draft, research and analysis start nothing that has effects'),
});
export const modesDocument = z.strictObject({
  modes: z.strictObject({
    draft: preparing,
    research: preparing,
    analysis: preparing.extend({
      human_only: z.literal(true, 'analysis is for people, whatever a charter says'),
    }),
    grunt: mode,
    execute: mode,
  } satisfies Record<DragMode, z.ZodType<z.output<typeof mode>>>),
});

export const rolesDocument = z.strictObject({
  scopes: z.array(scope).min(1),
  roles: z.record(
    id,
    z.strictObject({ description: text, read_only: z.boolean().default(false), scopes: z.array(scope) }),
  ),
});

const phrases = z.array(text).min(1);
export const phrasesDocument = z.strictObject({
  prescriptive: z.strictObject({
    directive: phrases,
    superlative: phrases,
    absolute: phrases,
    recommendation: phrases,
  }),
  neutral: phrases,
});

const metricName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'a metric name is lower-case letters, digits and _');
export const metricsDocument = z.strictObject({
  allowed: z.array(
    z.strictObject({
      name: metricName,
      access: z.enum(['public', 'node_operator', 'audit_only', 'emergency']),
      retention_days: positive,
    }),
  ),
  forbidden: z.array(
    z.strictObject({
      name: metricName,
      priority: z.enum(PRIORITIES),
      reason: text,
    }),
  ),
  ladder: z.strictObject({
    window: duration,
    first: severity,
    steps: z.array(z.strictObject({ attempts: z.number().int().min(2), severity })),
  }),
  case_window: duration,
  clock_skew: duration,
});

export const limitsDocument = z.strictObject({
  rate_limits: z.array(
    z.strictObject({
      id: slotId,
      scope: scope.optional(),
      kind: z.enum(PRINCIPAL_KINDS).optional(),
      limit: positive,
      window: duration,
    }),
  ),
  quotas: z.array(z.strictObject({ workflow, limit: positive, window: duration })),
  budgets: z.array(
    z.strictObject({
      workflow,
      cost_dollars: z.number().positive(),
      budget_dollars: z.number().positive(),
      window: duration,
      warn_at: fraction,
    }),
  ),
});

export const remediationDocument = z.strictObject({
  violations: z.record(
    id,
    z.strictObject({
      severity,
      term: z.union([z.literal('permanent'), z.string().regex(/^P\d+[YMWD]$/)]).optional(),
    }),
  ),
  healing: z.strictObject({
    confidence_floor: fraction,
    max_plans: positive,
    blast_radius: positive,
    /** Tries of an action until it is rolled back. */
    retries: positive,
    /** A shadow says on record what it would do, and does nothing. */
    mode: z.enum(['enforce', 'shadow']).default('enforce'),
    actions: z.strictObject({ WARNING: id, SUSPENSION: id, BAN: id, CRIMINAL: id }),
  }),
});

export const slosDocument = z.strictObject({ promised: z.array(id).min(1) });

export const redactionDocument = z.strictObject({
  strip_parameters: z.array(text),
  /** Names that have a word of those and are no secrets. */
  keep_parameters: z.array(text).default([]),
  redact_fields: z.array(text),
});

const rule = z.strictObject({
  roles: z.array(id).optional(),
  kinds: z.array(z.enum(PRINCIPAL_KINDS)).optional(),
  subjects: z.array(text).optional(),
  percent: z.number().min(0).max(100).optional(),
  value: z.boolean(),
});
export const flagsDocument = z.strictObject({
  flags: z.record(
    id,
    z.strictObject({ description: text, default: z.boolean(), rules: z.array(rule).default([]) }),
  ),
});

/**
 * How the office shows itself to a server; the token of a caller is never passed on. A secret is named here and kept in the environment of
 * the process that calls (`CHANCERY_SECRET_{NAME}`), never in a charter.
 */
const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'the name of a secret: capitals, digits, underscores');
const tokenEndpoint = z.url({ protocol: /^https?$/ });
const serverCredentials = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('secret'),
    secret: secretName,
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/)
      .default('authorization'),
    prefix: z.string().default('Bearer '),
  }),
  /** RFC 6749 §4.4. */
  z.strictObject({
    kind: z.literal('client_credentials'),
    token_endpoint: tokenEndpoint,
    client_id: text,
    secret: secretName,
    scope: z.string().optional(),
    /** RFC 8707. */
    resource: z.url().optional(),
  }),
  /** RFC 8693: the caller's token goes to the token endpoint, and another comes back for the server. */
  z.strictObject({
    kind: z.literal('token_exchange'),
    token_endpoint: tokenEndpoint,
    client_id: text,
    secret: secretName,
    audience: text,
    scope: z.string().optional(),
  }),
]);
/** A call that takes longer, or an answer that is larger, has failed. */
const serverLimits = z.strictObject({
  seconds: z.number().int().min(1).max(300).default(60),
  bytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576),
});

export const gatewayDocument = z.strictObject({
  cache_seconds: z.strictObject({
    low: z.number().int().min(0),
    medium: z.number().int().min(0),
    high: z.number().int().min(0),
    critical: z.literal(0),
  }),
  servers: z.array(
    z.strictObject({
      id: text,
      sensitivity,
      environment: id,
      /** Where it speaks MCP over HTTP; without one it is a name for gateways that ask, or a program on this machine. */
      endpoint: z.url({ protocol: /^https?$/ }).optional(),
      credentials: serverCredentials.default({ kind: 'none' }),
      limits: serverLimits.default({ seconds: 60, bytes: 1_048_576 }),
    }),
  ),
  tools: z.array(
    z.strictObject({
      id: text,
      server: text,
      category: id,
      sensitivity,
      writes: z.boolean(),
      /** What a call of it weighs at least: at the risk that the policy mode names, people are asked first. */
      risk_level: z.literal([1, 2, 3, 4, 5]).optional(),
    }),
  ),
  destructive_verbs: z.array(z.string().regex(/^[a-z]+$/, 'a verb is one lower-case word')),
  /** Functions that a statement may call and still only read. */
  sql_functions: z
    .array(z.string().regex(/^[a-z_][a-z0-9_]*$/, 'a function is one name in lower case, without its schema'))
    .default([]),
  /** Obsolete: keywords that were looked for before statements had to be proved to read. Nothing reads it. */
  destructive_sql: z.array(z.string()).optional(),
  agents: z.array(
    z.strictObject({
      id: text,
      type: z.enum(AGENT_TYPES),
      trust,
      environment: id,
      capabilities: z.array(z.enum(AGENT_CAPABILITIES)),
    }),
  ),
});

/** Every YAML file that a bundle must have. */
export const DOCUMENTS = {
  'charter.yaml': charterDocument,
  'modes.yaml': modesDocument,
  'roles.yaml': rolesDocument,
  'phrases.yaml': phrasesDocument,
  'metrics.yaml': metricsDocument,
  'limits.yaml': limitsDocument,
  'remediation.yaml': remediationDocument,
  'slos.yaml': slosDocument,
  'redaction.yaml': redactionDocument,
  'flags.yaml': flagsDocument,
  'gateway.yaml': gatewayDocument,
} as const;

export type DocumentName = keyof typeof DOCUMENTS;
export type Documents = { readonly [Name in DocumentName]: z.output<(typeof DOCUMENTS)[Name]> };
export type TrustLevel = z.output<typeof trust>;
