/**
 * What a deployed function was told: the one file that reads the environment on AWS. lib/rights.ts gives each
 * function the variables of what it may use, and no others, so everything here is optional until it is asked for.
 */
import * as z from 'zod';
import { issuersSchema } from '../../src/identity/issuer-settings.ts';
import { LOG_LEVELS } from '../../src/ports.ts';
import { ENVIRONMENT_NAMES } from '../../src/terms.ts';
import { logLevels, logSamples } from '../../src/watch/ops/log-line.ts';

/** A setting that is a JSON object; absent, it is empty. */
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .default('{}')
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

const schema = z.object({
  AWS_REGION: z.string().min(1),
  /** Set by stand-ins only; AWS itself leaves it out. */
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_XRAY_DAEMON_ADDRESS: z.string().min(1).optional(),
  LAMBDA_TASK_ROOT: z.string().min(1).default('.'),
  CHANCERY_ENVIRONMENT: z.enum(ENVIRONMENT_NAMES),
  CHANCERY_FUNCTION: z.string().min(1),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  LOG_LEVELS: json(logLevels),
  LOG_SAMPLES: json(logSamples),
  DETAILED_METRICS: z.stringbool().default(true),
  /** Which of our metrics go to CloudWatch: those that its vital alarms watch, or all that it can show. */
  CLOUDWATCH: z.enum(['vital', 'all']).default('all'),
  REQUIRE_ACCESS_TOKEN_TYPE: z.stringbool().default(false),
  ISSUERS: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(issuersSchema)
    .default([]),
  CODE_VERSION: z.string().min(1),
  CODE_COMMIT: z.string().min(1).default('unknown'),
  /** The log's name: first line of every checkpoint. */
  LOG_ORIGIN: z.string().min(1).optional(),
  /** Where the shipped deployment workflows ask for a deployment. */
  DEPLOY_ENDPOINT: z.url().optional(),
  LEDGER_TABLE: z.string().min(1).optional(),
  STATE_TABLE: z.string().min(1).optional(),
  SUBJECT_KEYS_TABLE: z.string().min(1).optional(),
  DOCUMENTS_BUCKET: z.string().min(1).optional(),
  LOG_BUCKET: z.string().min(1).optional(),
  WORM_BUCKET: z.string().min(1).optional(),
  LANE_AUTHORITY_KEY: z.string().min(1).optional(),
  CHECKPOINT_KEY: z.string().min(1).optional(),
  WITNESS_KEY: z.string().min(1).optional(),
  CAPABILITY_KEY: z.string().min(1).optional(),
  PSEUDONYM_KEY: z.string().min(1).optional(),
  STATE_MACHINE_PREFIX: z.string().min(1).optional(),
  /** ARNs of functions that this one calls. */
  HEAL_FUNCTION: z.string().min(1).optional(),
  NOTIFY_FUNCTION: z.string().min(1).optional(),
  BROADCAST_FUNCTION: z.string().min(1).optional(),
  /** Where clients of the live feed connect. */
  LIVE_URL: z.string().min(1).optional(),
  SIGN_FUNCTION: z.string().min(1).optional(),
  WITNESS_FUNCTION: z.string().min(1).optional(),
  /** ARN of the SNS topic of notices. */
  NOTICES_TOPIC: z.string().min(1).optional(),
  /** Secrets Manager: Slack webhooks and the PagerDuty routing key. */
  NOTIFY_SECRET: z.string().min(1).optional(),
  CANARY_SECRET: z.string().min(1).optional(),
  /** The secret with what MCP servers are shown, by name. */
  TOOL_SECRETS: z.string().min(1).optional(),
  API_URL: z.url().optional(),
  /** Origins of pages that may speak to the MCP server, with commas between. */
  ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((origin) => origin !== '')),
  /** Where callers reach the API, if not where API Gateway has it. */
  PUBLIC_URL: z.url().optional(),
  /** The WebSocket API and its stage, `{id}/{stage}`. */
  LIVE_API: z.string().min(1).optional(),
  /** Managed Prometheus' remote-write address. */
  PROMETHEUS_URL: z.url().optional(),
  /** EventBridge bus that receives the ledger's events. */
  EVENT_BUS: z.string().min(1).optional(),
  /** Which records go there. */
  EVENTS: z.enum(['notable', 'all']).default('notable'),
  /** JSON: the resources whose figures AWS publishes (src/watch/metrics/published.ts). */
  PUBLISHED: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.object({
        functions: z.array(z.string()),
        streamed: z.array(z.string()),
        tables: z.array(z.string()),
        queues: z.array(z.string()),
        api: z.string(),
      }),
    )
    .optional(),
});

export type AwsSettings = z.infer<typeof schema>;

/** Reads the environment of this function. Throws, naming the variable, when one is wrong: the start then fails. */
export function readAwsSettings(environment: NodeJS.ProcessEnv = process.env): AwsSettings {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new Error(`the function's environment is not right: ${what}`);
}

/** A variable that this function cannot do without. Missing means that it was not given the right to the thing. */
export function need<K extends keyof AwsSettings>(
  settings: AwsSettings,
  key: K,
): NonNullable<AwsSettings[K]> {
  const value = settings[key];
  if (value === undefined || value === null) {
    throw new Error(
      `${settings.CHANCERY_FUNCTION} was not told ${key}: lib/functions.ts does not give it that right`,
    );
  }
  return value;
}

/** X-Ray's header of the invocation that runs now: Lambda puts it into the environment anew each time. */
export const traceHeader = (): string | undefined => process.env._X_AMZN_TRACE_ID;

/** Where an operator's own commands find AWS: their shell's region, and a stand-in if it names one. */
export function operatorWhere(
  named?: string,
  environment: NodeJS.ProcessEnv = process.env,
): {
  readonly region: string;
  readonly endpoint?: string;
} {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL: endpoint } = environment;
  const region = named || AWS_REGION || AWS_DEFAULT_REGION;
  if (!region) throw new Error('AWS_REGION is not set: say in which region the environment is deployed');
  return { region, ...(endpoint ? { endpoint } : {}) };
}
