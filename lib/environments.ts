/**
 * Every environment that Chancery is deployed to, in one typed place. What differs between dev, staging and
 * prod is here and nowhere else; a first deployment gives its own issuer and account (docs/operations.md).
 */

import { wholeIn } from '../src/basics/decimal.ts';
import { type IssuerEntry, issuersSchema, mistakesIn } from '../src/identity/issuer-settings.ts';
import { knownIssuers } from '../src/identity/issuers.ts';
import type { LogLevel } from '../src/ports.ts';
import { ENVIRONMENT_NAMES } from '../src/terms.ts';

export { ENVIRONMENT_NAMES };
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number];

export interface Environment {
  readonly name: EnvironmentName;
  /** Of the code, for `build_info`. */
  readonly commit?: string;
  /** Absent: whatever account and region the CDK CLI is logged into. */
  readonly account?: string;
  readonly region?: string;
  /** None: the deployment answers 401 to everybody, which is safe and says what is missing. */
  readonly issuers: readonly IssuerEntry[];
  /** Where callers reach the API, where that is a domain of one's own: it stands in what is published about it. */
  readonly url?: string;
  /** Origins of pages that may call, as a browser writes them (`https://app.example.org`); none: only our own console. */
  readonly origins: readonly string[];
  /** Where the pages of docs/ are served, at the commit that is deployed: runbook links lead there. */
  readonly docs?: string;
  /** Base URL that the shipped deployment workflows ask; without it they fail and say so. */
  readonly deployEndpoint?: string;
  /** Refuse tokens whose `typ` is not `at+jwt`. */
  readonly requireAccessTokenType: boolean;
  /** COMPLIANCE cannot be shortened by anybody, the account's owner included: only where that is wanted. */
  readonly worm: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number };
  /** Days in which a removed document or tile can still be brought back. */
  readonly noncurrentDays: number;
  readonly logDays: 7 | 30 | 365;
  /** Requests a second over all routes, and the burst above it. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  readonly firewall: boolean;
  /** Executions that Lambda grants the account at once in this region: 10 in a new one (`-c concurrency=…`). */
  readonly accountConcurrency: number;
  /**
   * Functions with a share of it that is theirs alone: a flood elsewhere must starve neither the door, nor the stop,
   * nor what seals. Set aside only where the account has enough (`setAside`).
   */
  readonly shares: Readonly<Partial<Record<string, number>>>;
  /** `canary`: 10 % of the traffic for five minutes, rolled back on alarm. `at-once`: no CodeDeploy. */
  readonly rollout: 'canary' | 'at-once';
  /** Share of requests that are traced. */
  readonly tracing: number;
  readonly detailedMetrics: boolean;
  /**
   * Version of the Lambda Insights layer, which measures memory and CPU of every function (alarms
   * LambdaMemoryHigh and LambdaCpuHigh); absent: none, and those two have no data. docs/costs.md has its price.
   */
  readonly insights?: string;
  readonly logLevel: LogLevel;
  /** By logger, where it is not the common level. */
  readonly logLevels?: Readonly<Record<string, LogLevel>>;
  /** By logger: the share of requests whose lines are kept. Warnings, errors and faults always are. */
  readonly logSamples?: Readonly<Record<string, number>>;
  readonly watch: {
    /**
     * What CloudWatch shows beside Managed Prometheus and Grafana, which have it all. `vital`: alarms on what must be heard
     * of when Prometheus itself is away (the canary, tampering, what is stuck or lost), and the metrics that those need.
     * `all`: an alarm for each function too, burn rates, objectives, all dashboards, and the exported events as a log, by which
     * Contributor Insights tells who asks most. docs/costs.md has the difference.
     */
    readonly cloudwatch: 'vital' | 'all';
    /**
     * Records that go to the event bus, where a SIEM takes them: `notable` are refusals, failures, administration, findings;
     * `all` adds each governed call that went as it was to, which Contributor Insights needs. EventBridge bills each event.
     */
    readonly events: 'notable' | 'all';
    /** Managed Prometheus keeps samples this long. */
    readonly metricDays: number;
    readonly grafana: { readonly enabled: boolean; readonly authentication: 'SAML' | 'AWS_SSO' };
  };
}

const COMMON = {
  issuers: [],
  origins: [],
  requireAccessTokenType: false,
  accountConcurrency: 10,
  shares: { authorizer: 20, govern: 5, seal: 5, project: 5 },
  detailedMetrics: true,
  watch: {
    cloudwatch: 'all',
    events: 'all',
    metricDays: 30,
    grafana: { enabled: true, authentication: 'SAML' },
  },
} as const;

/** Of the layer of Lambda Insights that is deployed. */
const INSIGHTS = '1.0.498.0';

export const ENVIRONMENTS: Readonly<Record<EnvironmentName, Environment>> = {
  dev: {
    ...COMMON,
    name: 'dev',
    worm: { mode: 'GOVERNANCE', days: 1 },
    noncurrentDays: 1,
    logDays: 7,
    throttle: { rate: 50, burst: 100 },
    firewall: false,
    rollout: 'at-once',
    tracing: 1.0,
    logLevel: 'debug',
    watch: { ...COMMON.watch, cloudwatch: 'vital', events: 'notable' },
  },
  staging: {
    ...COMMON,
    name: 'staging',
    worm: { mode: 'GOVERNANCE', days: 30 },
    noncurrentDays: 30,
    logDays: 30,
    throttle: { rate: 200, burst: 400 },
    firewall: false,
    rollout: 'canary',
    tracing: 0.5,
    insights: INSIGHTS,
    logLevel: 'info',
  },
  prod: {
    ...COMMON,
    name: 'prod',
    requireAccessTokenType: true,
    // Half a year and a day over the 183 days for which records are kept at least.
    worm: { mode: 'COMPLIANCE', days: 184 },
    noncurrentDays: 90,
    logDays: 365,
    throttle: { rate: 1_000, burst: 2_000 },
    firewall: true,
    shares: { authorizer: 100, govern: 20, seal: 10, project: 10 },
    rollout: 'canary',
    tracing: 0.1,
    insights: INSIGHTS,
    logLevel: 'info',
    watch: { ...COMMON.watch, metricDays: 150 },
  },
};

/** What may be said on the command line (`cdk deploy -c env=dev -c issuer=…`); everything else is in the file. */
export interface Overrides {
  readonly env?: unknown;
  readonly account?: unknown;
  readonly region?: unknown;
  readonly issuer?: unknown;
  readonly audience?: unknown;
  readonly jwks?: unknown;
  readonly deployEndpoint?: unknown;
  readonly commit?: unknown;
  readonly concurrency?: unknown;
  /** With commas between. */
  readonly origins?: unknown;
  readonly docs?: unknown;
}

/** The environment to build. Throws on an unknown name or half an issuer: never guesses one. */
export function environmentOf(overrides: Overrides): Environment {
  const name = ENVIRONMENT_NAMES.find((each) => each === (overrides.env ?? 'dev'));
  if (name === undefined) {
    throw new Error(`-c env must be one of ${ENVIRONMENT_NAMES.join(', ')}, not ${String(overrides.env)}`);
  }
  const base = ENVIRONMENTS[name];
  const account = text(overrides.account);
  const region = text(overrides.region);
  const deployEndpoint = text(overrides.deployEndpoint);
  const commit = text(overrides.commit);
  const docs = text(overrides.docs);
  if (docs !== undefined && !/^https?:\/\/[^/]/.test(docs))
    throw new Error(`-c docs is the URL under which docs/ is served, such as https://…/docs, not ${docs}`);
  return {
    ...base,
    ...(account ? { account } : {}),
    ...(region ? { region } : {}),
    ...(deployEndpoint ? { deployEndpoint } : {}),
    ...(commit ? { commit } : {}),
    ...(docs ? { docs: docs.replace(/\/$/, '') } : {}),
    ...(overrides.concurrency === undefined ? {} : { accountConcurrency: whole(overrides.concurrency) }),
    origins: [...base.origins, ...originsIn(text(overrides.origins))],
    issuers: trusted([...base.issuers, ...issuerFrom(overrides)]),
  };
}

/** Throws where the functions would not start: on a setting that is wrong, or people who would have two homes. */
function trusted(issuers: readonly IssuerEntry[]): readonly IssuerEntry[] {
  const parsed = issuersSchema.safeParse(issuers);
  if (!parsed.success) throw new Error(`issuers: ${mistakesIn(parsed.error).join('; ')}`);
  knownIssuers(parsed.data);
  if (issuers.length > 1 && !issuers.some(({ home }) => home === true)) {
    throw new Error(
      'issuers: with more than one, say which was the first with home: true (docs/identity.md)',
    );
  }
  return issuers;
}

function issuerFrom(overrides: Overrides): IssuerEntry[] {
  const issuer = text(overrides.issuer);
  const audience = text(overrides.audience);
  if (issuer === undefined && audience === undefined) return [];
  if (issuer === undefined || audience === undefined) {
    throw new Error('-c issuer and -c audience go together: a token is accepted for both or not at all');
  }
  const jwks = text(overrides.jwks) ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  return [{ issuer, audience, jwksUri: jwks }];
}

/** Throws on what no browser would send: it would let nobody in, and nobody would know why. */
function originsIn(said = ''): string[] {
  const origins = said.split(',').flatMap((each) => each.trim() || []);
  for (const each of origins) {
    if (!URL.canParse(each) || new URL(each).origin !== each)
      throw new Error(`-c origins: ${each} is no origin, such as https://app.example.org`);
  }
  return origins;
}

/** AWS refuses to leave an account fewer than this for what has no share of its own. */
const LEFT_FOR_ALL = 100;

/** The shares that an account can grant: all of them, or none where it has too little, as a new one does. */
export function setAside({ shares, accountConcurrency }: Environment): Environment['shares'] {
  const sum = Object.values(shares).reduce<number>((total, share = 0) => total + share, 0);
  return accountConcurrency - sum >= LEFT_FOR_ALL ? shares : {};
}

function whole(value: unknown): number {
  const found = wholeIn(String(value));
  if (found === undefined || found < 10)
    throw new Error(
      `-c concurrency is how many executions Lambda grants the account at once, 10 or more, not ${String(value)}`,
    );
  return found;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
