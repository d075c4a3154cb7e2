/** The local runtime's settings: the one file that reads the environment of the one-machine system. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import type { Program } from '../adapters/mcp/client.ts';
import { decimalIn, wholeIn } from '../src/basics/decimal.ts';
import { DEV_ISSUER } from '../src/identity/development.ts';
import { issuersSchema, mistakesIn } from '../src/identity/issuer-settings.ts';
import { knownIssuers } from '../src/identity/issuers.ts';
import type { IssuerSettings } from '../src/identity/settings.ts';
import { LOG_LEVELS } from '../src/ports.ts';
import type { Channel } from '../src/watch/alerts/rules/rule.ts';
import { type LogSettings, logLevels, logSamples } from '../src/watch/ops/log-line.ts';
import { SettingsError } from './settings-error.ts';

const httpUrl = z.url({ protocol: /^https?$/, error: 'it is a URL that begins with http:// or https://' });
/** @param what it is, for whoever wrote another thing */
const numberFrom = (read: typeof wholeIn, least: number, most: number, what: string) =>
  z
    .string()
    .transform((text) => read(text) ?? Number.NaN)
    .pipe(z.number({ error: what }).min(least, what).max(most, what));
const PORT = 'it is a port: a whole number from 0 to 65535';

/** The settings of the local runtime; `.env.example` explains each. */
const environmentSchema = z.object({
  PORT: numberFrom(wholeIn, 0, 65_535, PORT).default(8787),
  CHANCERY_HOST: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
  CHANCERY_DATA: z.string().min(1).default('.chancery'),
  CHANCERY_URL: httpUrl.optional(),
  CHANCERY_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'it is one token: visible characters, no blank and no line break')
    .optional(),
  CHANCERY_CONFIG: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().optional(),
  CHANCERY_CHARTER: z.string().min(1).default('charter'),
  CHANCERY_WORKFLOWS: z.string().min(1).default('workflows'),
  CHANCERY_SERVICE: z.string().min(1).default('chancery'),
  CHANCERY_COMMIT: z.string().min(1).max(64).default('local'),
  CHANCERY_LOG: z.string().min(1).optional(),
  CHANCERY_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** JSON: {"ledger": "debug", …}: the lowest level of a logger, where it is not the common one. */
  CHANCERY_LOG_LEVELS: z.string().optional(),
  /** JSON: {"http": 0.1, …}: the share of a logger's requests whose lines are kept; trouble is always kept. */
  CHANCERY_LOG_SAMPLES: z.string().optional(),
  CHANCERY_TRACE_RATE: numberFrom(decimalIn, 0, 1, 'it is a share from 0 to 1').default(1),
  /** JSON: {"/health/live": 0, …}: the share of a route's requests that is traced, where it is not the rate's. */
  CHANCERY_TRACE_ROUTES: z.string().optional(),
  CHANCERY_OTLP_ENDPOINT: httpUrl.optional(),
  CHANCERY_DETAILED_METRICS: z.stringbool().default(true),
  CHANCERY_REQUIRE_AT_JWT: z.stringbool().default(false),
  /** JSON: a list of issuers (src/identity/issuer-settings.ts), beside the development issuer. */
  CHANCERY_ISSUERS: z.string().optional(),
  DEPLOY_ENDPOINT: httpUrl.optional(),
  CHANCERY_SLACK_VIOLATIONS_URL: httpUrl.optional(),
  CHANCERY_SLACK_PERFORMANCE_URL: httpUrl.optional(),
  CHANCERY_SLACK_DEBUG_URL: httpUrl.optional(),
  CHANCERY_PAGERDUTY_ROUTING_KEY: z.string().length(32).optional(),
  CHANCERY_PAGERDUTY_URL: httpUrl.optional(),
  CHANCERY_SIEM_FILE: z.string().min(1).optional(),
  /** JSON: {"filesystem": {"command": "npx", "args": ["-y", "…"]}}: programs that are MCP servers, by their names in the charter. */
  CHANCERY_MCP_PROGRAMS: z.string().optional(),
  /** Origins of pages that may speak to the MCP server, with commas between. */
  CHANCERY_ORIGINS: z.string().default('http://localhost,http://127.0.0.1'),
  CHANCERY_CANARY: z.stringbool().default(false),
});

const programs = z.record(
  z.string(),
  z.strictObject({
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    cwd: z.string().default('.'),
  }),
);

export interface NotifySettings {
  readonly slack: Readonly<Partial<Record<Channel, string>>>;
  readonly pagerduty?: { readonly routingKey: string; readonly url?: string };
}

export interface LocalSettings {
  /** The address to listen at: loopback, unless a container's port is reached from outside. */
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  /** Where the CLI finds the API. */
  readonly url: string;
  /** Where callers reach it, if not on the port of this machine. */
  readonly publicUrl?: string;
  readonly token?: string;
  /** Where the CLI keeps the environments that a person named. */
  readonly contextsFile: string;
  readonly charterFolder: string;
  readonly workflowsFolder: string;
  readonly service: string;
  /** Of the running build; shown in `build_info`. */
  readonly commit: string;
  readonly logFile: string;
  readonly log: LogSettings;
  readonly traceRate: number;
  readonly traceRoutes: Readonly<Record<string, number>>;
  /** An OpenTelemetry collector that spans go to besides the file. */
  readonly otlpEndpoint?: string;
  readonly detailedMetrics: boolean;
  readonly requireAccessTokenType: boolean;
  readonly issuers: readonly IssuerSettings[];
  readonly deployEndpoint?: string;
  /** Where alerts are told; what is not set is only recorded. The addresses are secrets. */
  readonly notify: NotifySettings;
  /** OCSF lines for a collector; not written when not set. */
  readonly siemFile?: string;
  /** Programs of this machine that are MCP servers, by their names in the charter. */
  readonly programs: Readonly<Record<string, Program>>;
  readonly origins: readonly string[];
  /** What `CHANCERY_SECRET_{NAME}` holds; asked for when it is needed. */
  readonly secret: (name: string) => string | undefined;
  /** Ask for a decision every minute, so that alerts can tell silence from an outage. */
  readonly canary: boolean;
  /** Everything in the project that is read at run time is found from here. */
  readonly projectFolder: string;
}

/** Reads the environment. Throws SettingsError that names the variable and what it takes. */
export function readSettings(environment: NodeJS.ProcessEnv, projectFolder: string): LocalSettings {
  const parsed = environmentSchema.safeParse(dropEmpty(environment));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SettingsError(`The environment is not right:\n  ${lines.join('\n  ')}`);
  }
  const env = parsed.data;
  const dataFolder = resolve(env.CHANCERY_DATA);
  return {
    host: env.CHANCERY_HOST,
    port: env.PORT,
    dataFolder,
    url: (env.CHANCERY_URL ?? `http://127.0.0.1:${env.PORT}`).replace(/\/$/, ''),
    ...(env.CHANCERY_URL ? { publicUrl: env.CHANCERY_URL.replace(/\/$/, '') } : {}),
    ...(env.CHANCERY_TOKEN ? { token: env.CHANCERY_TOKEN } : {}),
    contextsFile: contextsFileOf(env, dataFolder),
    charterFolder: resolve(projectFolder, env.CHANCERY_CHARTER),
    workflowsFolder: resolve(projectFolder, env.CHANCERY_WORKFLOWS),
    service: env.CHANCERY_SERVICE,
    commit: env.CHANCERY_COMMIT,
    logFile: resolve(env.CHANCERY_LOG ?? `${dataFolder}/logs/chancery.jsonl`),
    log: {
      level: env.CHANCERY_LOG_LEVEL,
      levels: jsonOf('CHANCERY_LOG_LEVELS', env.CHANCERY_LOG_LEVELS, logLevels),
      samples: jsonOf('CHANCERY_LOG_SAMPLES', env.CHANCERY_LOG_SAMPLES, logSamples),
    },
    traceRate: env.CHANCERY_TRACE_RATE,
    traceRoutes: traceRoutesOf(env.CHANCERY_TRACE_ROUTES),
    ...(env.CHANCERY_OTLP_ENDPOINT ? { otlpEndpoint: env.CHANCERY_OTLP_ENDPOINT } : {}),
    detailedMetrics: env.CHANCERY_DETAILED_METRICS,
    requireAccessTokenType: env.CHANCERY_REQUIRE_AT_JWT,
    issuers: issuersOf(env.CHANCERY_ISSUERS),
    ...(env.DEPLOY_ENDPOINT ? { deployEndpoint: env.DEPLOY_ENDPOINT } : {}),
    notify: notifyOf(env),
    programs: jsonOf('CHANCERY_MCP_PROGRAMS', env.CHANCERY_MCP_PROGRAMS, programs),
    origins: env.CHANCERY_ORIGINS.split(',').map((origin) => origin.trim()),
    secret: (name) => environment[`CHANCERY_SECRET_${name}`],
    canary: env.CHANCERY_CANARY,
    ...(env.CHANCERY_SIEM_FILE ? { siemFile: resolve(env.CHANCERY_SIEM_FILE) } : {}),
    projectFolder,
  };
}

/** XDG Base Directory: a folder that is not absolute is passed over. */
function contextsFileOf(
  { CHANCERY_CONFIG: file, XDG_CONFIG_HOME: home = '' }: z.infer<typeof environmentSchema>,
  dataFolder: string,
): string {
  if (file !== undefined) return resolve(file);
  return join(isAbsolute(home) ? home : configFolder(dataFolder), 'chancery', 'config.json');
}

/** In a container one may be a number without a name, and so without a home. */
function configFolder(dataFolder: string): string {
  try {
    return join(homedir(), '.config');
  } catch {
    return join(dataFolder, '.config');
  }
}

function notifyOf(env: z.infer<typeof environmentSchema>): NotifySettings {
  const slack = {
    violations: env.CHANCERY_SLACK_VIOLATIONS_URL,
    performance: env.CHANCERY_SLACK_PERFORMANCE_URL,
    debug: env.CHANCERY_SLACK_DEBUG_URL,
  };
  const routingKey = env.CHANCERY_PAGERDUTY_ROUTING_KEY;
  const url = env.CHANCERY_PAGERDUTY_URL;
  return {
    slack: Object.fromEntries(Object.entries(slack).filter(([, address]) => address !== undefined)),
    ...(routingKey === undefined ? {} : { pagerduty: { routingKey, ...(url === undefined ? {} : { url }) } }),
  };
}

function issuersOf(text: string | undefined): readonly IssuerSettings[] {
  if (text === undefined) return [];
  const wrong = (why: string) => new SettingsError(`CHANCERY_ISSUERS: ${why}\n  See docs/identity.md.`);
  const parsed = issuersSchema.safeParse(parsedJson(text));
  if (!parsed.success) throw wrong(mistakesIn(parsed.error).join('\n  '));
  try {
    knownIssuers([DEV_ISSUER, ...parsed.data]);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  return parsed.data;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SettingsError(
      'CHANCERY_ISSUERS: give a JSON array of {"issuer", "audience", "jwksUri"}; see docs/identity.md.',
      { cause },
    );
  }
}

/** Probes and scrapes come every few seconds and say little. */
const QUIET_ROUTES = { '/health/live': 0.01, '/health/ready': 0.01, '/metrics': 0.01 };

function traceRoutesOf(text: string | undefined): LocalSettings['traceRoutes'] {
  if (text === undefined) return QUIET_ROUTES;
  try {
    return z.record(z.string().startsWith('/'), z.number().min(0).max(1)).parse(JSON.parse(text));
  } catch (cause) {
    throw new SettingsError(
      'CHANCERY_TRACE_ROUTES: give a JSON object of a route and a share from 0 to 1; see .env.example.',
      { cause },
    );
  }
}

/** @throws SettingsError that names the variable */
function jsonOf<T extends object>(name: string, text: string | undefined, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text ?? '{}'));
  } catch (cause) {
    throw new SettingsError(`${name}: give a JSON object by logger; see .env.example.`, { cause });
  }
}

/** `PORT=` in a shell or an .env file means "not set". */
function dropEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
