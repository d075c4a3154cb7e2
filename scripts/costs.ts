import { ampGroups, ruleGroups } from '../src/watch/alerts/publish/render-rules.ts';
import { STEP, sloRuleGroups } from '../src/watch/slo/prometheus.ts';

/**
 * What a million governed executions cost on AWS, from the operations of one. Prices are list prices of
 * us-east-1 in dollars, without free tiers; figures that no test can count are named as assumptions.
 */

/** Of one execution, as a test counts them on the running system. */
export interface Counted {
  /** Write request units: each item written, in started kilobytes. */
  readonly writeUnits: number;
  /** Read request units: consistent reads, in started four kilobytes. */
  readonly readUnits: number;
  /** Bytes of its ledger records, which projector and sealer each read once. */
  readonly recordBytes: number;
  /** Write request units of its two records alone: what an append costs by itself. */
  readonly recordUnits: number;
  readonly engineCalls: number;
  /** Write units that an `Idempotency-Key` adds. */
  readonly idempotencyUnits: number;
  /** Of one run of the sealer over the records of its window. */
  readonly seal: {
    /** Puts and lists, which S3 bills alike. */
    readonly requests: number;
    readonly signatures: number;
    /** Of the functions that sign for it, and are waited for. */
    readonly calls: number;
    readonly writeUnits: number;
  };
}

export interface Line {
  readonly what: string;
  readonly per: string;
  readonly units: number;
  readonly dollars: number;
}

/** Dollars a unit. */
export const PRICES = {
  apiRequest: 3.5 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  expressRequest: 1 / 1e6,
  expressGbSecond: 0.00001667,
  /** Sign with an elliptic-curve key. */
  kmsSign: 0.15 / 1e4,
  s3Put: 0.005 / 1e3,
  logGb: 0.5,
  /** Of the class for what is searched now and then. */
  rareLogGb: 0.25,
  trace: 5 / 1e6,
  /** EventBridge, per started 64 KB. */
  event: 1 / 1e6,
  /** Managed Prometheus: what it takes, and what rules and dashboards read. */
  sampleIn: 0.9 / 1e7,
  sampleRead: 0.1 / 1e9,
  /** GetMetricData, per metric asked for. */
  metricAsked: 0.01 / 1e3,
  /** A month, of the first ten thousand. */
  customMetric: 0.3,
  /** A month each. */
  key: 1,
  alarmMetric: 0.1,
  compositeAlarm: 0.5,
  dashboard: 3,
  secret: 0.4,
  insightRule: 0.5,
  /** KMS requests that are not signatures. */
  kmsRequest: 0.03 / 1e4,
} as const;

/** What depends on the traffic and on AWS; change them for your own. */
export const ASSUMED = {
  /** Executions a second, evenly. */
  rate: 10,
  /** Share of requests whose token API Gateway has not seen in the last 60 s. */
  authorizerShare: 0.1,
  gate: { ms: 80, gb: 1 },
  authorizer: { ms: 10, gb: 0.5 },
  /** One run gathers the records of a window. `writeUnits`: the figures that moved since its last run. */
  project: { ms: 100, gb: 0.5, everySeconds: 5, writeUnits: 60 },
  seal: { ms: 400, gb: 1, everySeconds: 5 },
  /** `sign` and `witness`: two items of a table and a signature of KMS. */
  signs: { ms: 30, gb: 0.25 },
  /** Woken by the counts on standings, of which it looks at no more than what it is told. */
  sweep: { ms: 5, gb: 0.5, everySeconds: 1 },
  /** Open ones, of functions that are up or were in the last six hours: each is asked in each run. */
  lanes: 10,
  express: { ms: 100, gb: 0.0625 },
  /** Of the gate: access line and what Lambda itself writes; and its metrics, where all go to CloudWatch. Measured on the deployed stacks. */
  logBytes: 1_500,
  metricBytes: 3_500,
  /** Access log of API Gateway, and the four events of an Express execution without tasks, without its data. */
  edgeLogBytes: 2_500,
  tracedShare: 0.1,
  /** The export: a run a minute; an event for each record, which is kept as a line of the log of events. */
  siem: { ms: 500, gb: 0.5, eventBytes: 1_800 },
  /** Series of a system in use (measured after the dashboards' scenario), under so many names, a sample every 30 s. */
  prometheus: { series: 711, names: 180, everySeconds: 30 },
  /** Idle: schedules that wake a function each minute, one of them twice, and what a wake costs. */
  idle: { wakesAMinute: 8, wake: { ms: 150, gb: 0.5, reads: 20, writes: 4 }, metrics: 8, gigabytes: 2 },
  /** What the layer writes for an invocation, and the metrics that it keeps for a function. */
  insights: { bytes: 1_100, metrics: 8 },
} as const;

const MILLION = 1e6;
const A_MONTH = 30 * 24 * 3_600;

const lambda = ({ ms, gb }: { readonly ms: number; readonly gb: number }, calls: number): number =>
  calls * (PRICES.lambdaRequest + (ms / 1e3) * gb * PRICES.lambdaGbSecond);

const samplesIn = (seconds: number): number =>
  (ASSUMED.prometheus.series * seconds) / ASSUMED.prometheus.everySeconds;

/** What evaluating all rules as often as they are reads in so many seconds: by series and window of each selector. */
function samplesRead(seconds: number): number {
  const { series, names, everySeconds } = ASSUMED.prometheus;
  const rules = ampGroups([...ruleGroups(), ...sloRuleGroups()]);
  const read = rules.reduce((sum, { interval = '30s', rules: each }) => {
    const every = secondsOf(interval);
    const once = each.reduce(
      (all, { expr }) =>
        all +
        selectorsOf(expr).reduce((samples, { recorded, window }) => {
          // A recorded series is one, with a sample for each evaluation of its own group.
          const apart = recorded ? (window > 3_600 ? secondsOf(STEP) : 30) : everySeconds;
          return samples + (recorded ? 1 : series / names) * Math.max(1, window / apart);
        }, 0),
      0,
    );
    return sum + (once * seconds) / every;
  }, 0);
  // To two figures: one more rule must not change the page.
  return Number(read.toPrecision(2));
}

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const secondsOf = (duration: string): number => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (count === undefined || !(unit === 's' || unit === 'm' || unit === 'h' || unit === 'd'))
    throw new RangeError(`no duration: ${duration}`);
  return Number(count) * UNITS[unit];
};

/** Each metric that an expression names, with the window in seconds that it is read over (0: the newest sample). */
function selectorsOf(expr: string): { readonly recorded: boolean; readonly window: number }[] {
  const named = /\b(chancery[_:][A-Za-z0-9_:]+)(?:\{[^}]*\})?(?:\[(\d+[smhd])\])?/g;
  return [...expr.matchAll(named)].map(([, name = '', window]) => ({
    recorded: name.includes(':'),
    window: window === undefined ? 0 : secondsOf(window),
  }));
}

/** One line per thing that is billed, for a million executions. */
export function costsOfAMillion(counted: Counted): Line[] {
  const seconds = MILLION / ASSUMED.rate;
  const projections = seconds / ASSUMED.project.everySeconds;
  const seals = seconds / ASSUMED.seal.everySeconds;
  const sweeps = seconds / ASSUMED.sweep.everySeconds;
  const authorized = MILLION * ASSUMED.authorizerShare;
  const gathered = (MILLION * 3 * counted.recordBytes) / 4_096;
  const projected = projections * ASSUMED.project.writeUnits;
  const { express } = ASSUMED;
  const asked = (projections + seals) * ASSUMED.lanes;
  const sealed = seals * counted.seal.writeUnits;
  const gigabytes = (bytes: number) => bytes / 1e9;
  const line = (what: string, per: string, units: number, dollars: number): Line => ({
    what,
    per,
    units,
    dollars,
  });
  return [
    line('API Gateway, REST', 'request', MILLION, MILLION * PRICES.apiRequest),
    line('Lambda authorizer', 'call', authorized, lambda(ASSUMED.authorizer, authorized)),
    line('Lambda gate', 'call', MILLION, lambda(ASSUMED.gate, MILLION)),
    line(
      'DynamoDB writes',
      'write unit',
      counted.writeUnits * MILLION,
      counted.writeUnits * MILLION * PRICES.writeUnit,
    ),
    line(
      'DynamoDB reads',
      'read unit',
      counted.readUnits * MILLION,
      counted.readUnits * MILLION * PRICES.readUnit,
    ),
    line('DynamoDB reads of projector, sealer and export', 'read unit', gathered, gathered * PRICES.readUnit),
    line('DynamoDB reads of lanes with nothing new', 'read unit', asked, asked * PRICES.readUnit),
    line('DynamoDB writes of the sealer', 'write unit', sealed, sealed * PRICES.writeUnit),
    line('DynamoDB writes of the projector', 'write unit', projected, projected * PRICES.writeUnit),
    line(
      'Step Functions Express',
      'execution',
      counted.engineCalls * MILLION,
      counted.engineCalls *
        MILLION *
        (PRICES.expressRequest + (express.ms / 1e3) * express.gb * PRICES.expressGbSecond),
    ),
    line('Lambda project', 'run', projections, lambda(ASSUMED.project, projections)),
    line('Lambda seal', 'run', seals, lambda(ASSUMED.seal, seals)),
    line(
      'Lambda sign and witness',
      'call',
      seals * counted.seal.calls,
      lambda(ASSUMED.signs, seals * counted.seal.calls),
    ),
    line('Lambda sweep, told of standings', 'run', sweeps, lambda(ASSUMED.sweep, sweeps)),
    line(
      'KMS signatures of checkpoints',
      'signature',
      seals * counted.seal.signatures,
      seals * counted.seal.signatures * PRICES.kmsSign,
    ),
    line(
      'S3 puts and lists of the sealer',
      'request',
      seals * counted.seal.requests,
      seals * counted.seal.requests * PRICES.s3Put,
    ),
    ...(
      [
        ['CloudWatch Logs of the gate', MILLION * ASSUMED.logBytes, PRICES.logGb],
        [
          'CloudWatch Logs of API Gateway and Step Functions',
          MILLION * ASSUMED.edgeLogBytes,
          PRICES.rareLogGb,
        ],
      ] as const
    ).map(([what, bytes, price]) => line(what, 'GB', gigabytes(bytes), gigabytes(bytes) * price)),
    line('X-Ray', 'trace', MILLION * ASSUMED.tracedShare, MILLION * ASSUMED.tracedShare * PRICES.trace),
    line('Lambda siem', 'run', seconds / 60, lambda(ASSUMED.siem, seconds / 60)),
    line(
      'Managed Prometheus, samples taken',
      'sample',
      samplesIn(seconds),
      samplesIn(seconds) * PRICES.sampleIn,
    ),
    line(
      'Managed Prometheus, samples that rules read',
      'sample',
      samplesRead(seconds),
      samplesRead(seconds) * PRICES.sampleRead,
    ),
  ];
}

/**
 * Of the ledger alone, in dollars, at the records that an execution leaves: two appends. Written once; read once by
 * the sealer; its share of the sealer's runs, signatures and objects.
 */
export function costOfAMillionAppends(counted: Counted): number {
  const appends = MILLION / 2;
  const seals = appends / ASSUMED.rate / ASSUMED.seal.everySeconds;
  const { seal } = counted;
  const run =
    lambda(ASSUMED.seal, 1) +
    lambda(ASSUMED.signs, seal.calls) +
    seal.signatures * PRICES.kmsSign +
    seal.requests * PRICES.s3Put +
    seal.writeUnits * PRICES.writeUnit +
    ASSUMED.lanes * PRICES.readUnit;
  return (
    appends * (counted.recordUnits * PRICES.writeUnit + (counted.recordBytes / 4_096) * PRICES.readUnit) +
    seals * run
  );
}

/** What stands whether anybody asks or not. */
export interface Standing {
  readonly functions: number;
  /** Dollars a month for CloudWatch metrics of our own, all combinations of dimensions seen. */
  readonly metricDollars: number;
  /** What AWS publishes: metrics asked for, and what one function that asks in each period pays a month. */
  readonly published: { readonly metrics: number; readonly dollars: number };
}

/** What an environment has that is paid for by the month, as its templates say. */
export interface Held {
  readonly keys: number;
  readonly alarmMetrics: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
  readonly secrets: number;
  readonly insightRules: number;
  readonly insights: boolean;
}

/** A month of an environment that nobody asks anything but its own canary and schedules. */
export function costsOfAnIdleMonth(held: Held, standing: Standing): Line[] {
  const { idle, insights } = ASSUMED;
  const line = (what: string, per: string, units: number, price: number): Line => ({
    what,
    per,
    units,
    dollars: units * price,
  });
  const wakes = (idle.wakesAMinute * A_MONTH) / 60;
  const { ms, gb, reads, writes } = idle.wake;
  return [
    line('KMS keys', 'key', held.keys, PRICES.key),
    line('CloudWatch alarms', 'metric watched', held.alarmMetrics, PRICES.alarmMetric),
    line('CloudWatch composite alarms', 'alarm', held.compositeAlarms, PRICES.compositeAlarm),
    line('CloudWatch dashboards', 'dashboard', held.dashboards, PRICES.dashboard),
    line('CloudWatch metrics of our own', 'metric', idle.metrics, PRICES.customMetric),
    line(
      'Lambda Insights',
      'metric',
      held.insights ? insights.metrics * standing.functions : 0,
      PRICES.customMetric,
    ),
    line('Contributor Insights', 'rule', held.insightRules, PRICES.insightRule),
    line('Secrets Manager', 'secret', held.secrets, PRICES.secret),
    line('Managed Prometheus, samples taken', 'sample', samplesIn(A_MONTH), PRICES.sampleIn),
    line('Managed Prometheus, samples that rules read', 'sample', samplesRead(A_MONTH), PRICES.sampleRead),
    line('CloudWatch figures read for `push`', 'dollar', standing.published.dollars, 1),
    line(
      'Lambda, schedules and the canary',
      'run',
      wakes,
      PRICES.lambdaRequest + (ms / 1e3) * gb * PRICES.lambdaGbSecond,
    ),
    line(
      'Step Functions, the half minutes between pushes',
      'run',
      A_MONTH / 60,
      PRICES.expressRequest + 31 * 0.0625 * PRICES.expressGbSecond,
    ),
    line('DynamoDB of those runs', 'read unit', wakes * reads, PRICES.readUnit),
    line('DynamoDB of those runs', 'write unit', wakes * writes, PRICES.writeUnit),
    line('API Gateway, the canary', 'request', A_MONTH / 60, PRICES.apiRequest),
    line('X-Ray, every request of the canary', 'trace', A_MONTH / 60, PRICES.trace),
    line('Checkpoints that stay fresh', 'signature', (2 * A_MONTH) / 60, PRICES.kmsSign),
    line('Checkpoints that stay fresh', 'S3 request', (6 * A_MONTH) / 60, PRICES.s3Put),
    line('Logs and storage', 'GB', idle.gigabytes, PRICES.logGb),
  ].filter(({ units }) => units > 0);
}

const watching = (held: Held): number =>
  held.alarmMetrics * PRICES.alarmMetric +
  held.compositeAlarms * PRICES.compositeAlarm +
  held.dashboards * PRICES.dashboard +
  held.insightRules * PRICES.insightRule;

/** The page docs/costs.md. */
export function renderCosts(
  counted: Counted,
  standing: Standing,
  held: Readonly<Record<'dev' | 'prod', Held>>,
): string {
  const { insights } = ASSUMED;
  const lines = costsOfAMillion(counted);
  const total = lines.reduce((sum, { dollars }) => sum + dollars, 0);
  const idle = costsOfAnIdleMonth(held.dev, standing);
  const { metricBytes, siem } = ASSUMED;
  const loggedByAll = ((metricBytes + 2 * siem.eventBytes) * MILLION * PRICES.logGb) / 1e9;
  const sumOf = (each: readonly Line[]) => each.reduce((sum, { dollars }) => sum + dollars, 0);
  const figure = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
  const money = (value: number) => `$${value.toFixed(2)}`;
  return `${[
    '# Costs',
    '',
    `A million governed executions cost about **${money(total)}** on AWS: allowed, run as an Express workflow without tasks, recorded, projected, sealed,`,
    'exported to the SIEM where it is notable, shown in and watched by Managed Prometheus. An idle development environment costs about',
    `**${money(sumOf(idle))}** a month. What is a switch of an environment is not in these sums: it stands below with its price.`,
    '',
    '## A million executions',
    '',
    'The operations of one execution are counted on the running system by `test/infra/costs.test.ts`, which writes this',
    'page (`npx vitest run test/infra/costs -u`) and fails while it differs:',
    '',
    `- ${figure(counted.writeUnits)} DynamoDB write units (standing, decision record, outcome record; items in started kilobytes)`,
    `- ${figure(counted.readUnits)} read units of its own, and ${figure(counted.recordBytes)} bytes of records that projector and sealer read once each`,
    `- ${figure(counted.engineCalls)} Step Functions execution`,
    `- per run of the sealer, over ${ASSUMED.rate * ASSUMED.seal.everySeconds} executions: ${figure(counted.seal.requests)} S3 requests, ${figure(counted.seal.signatures)} signatures by ${figure(counted.seal.calls)} calls of what signs, ${figure(counted.seal.writeUnits)} write units`,
    '',
    '| what | units | dollars per million |',
    '| --- | --- | --- |',
    ...lines.map(
      ({ what, per, units, dollars }) => `| ${what} | ${figure(units)} × ${per} | ${money(dollars)} |`,
    ),
    `| **total** | | **${money(total)}** |`,
    '',
    `Of the ledger alone, a million appends cost **${money(costOfAMillionAppends(counted))}**: ${figure(counted.recordUnits / 2)} write units each, read once by the sealer, and sealed with ${2 * ASSUMED.rate} of them a second.`,
    '',
    '## What is assumed',
    '',
    'Prices are the list prices of us-east-1 in November 2026 without free tiers; other regions differ by up to a fifth.',
    'What no test can count is set in `scripts/costs.ts`:',
    '',
    `- ${ASSUMED.rate} executions a second, evenly. Projection and sealing run by the clock, so they cost less per execution the busier it is.`,
    `- A run of the projector every ${ASSUMED.project.everySeconds} s, which writes ${ASSUMED.project.writeUnits} units: the figures that moved.`,
    `- One request in ${1 / ASSUMED.authorizerShare} comes with a token that API Gateway has not seen in the last minute.`,
    `- The gate takes ${ASSUMED.gate.ms} ms of 1 GB, most of it waiting for DynamoDB and Step Functions; a workflow's tasks cost their own time on top.`,
    `- ${figure(ASSUMED.logBytes)} bytes of log by the gate, ${figure(ASSUMED.edgeLogBytes)} by API Gateway and Step Functions; ${ASSUMED.tracedShare * 100} % of requests traced.`,
    `- The bus to the SIEM carries what is notable: refusals, failures, administration, findings, at ${money(PRICES.event * MILLION)} a million; of an allowed execution that succeeds there is none. ${ASSUMED.prometheus.series} series in Managed Prometheus under ${ASSUMED.prometheus.names} names, a sample every ${ASSUMED.prometheus.everySeconds} s. What rules read is counted on the rules themselves.`,
    `- ${ASSUMED.lanes} open lanes, which projector, sealer and export ask in each run. Items are billed in started kilobytes (writes) and four kilobytes (reads).`,
    '- Lambda reads streams free of charge. Data keys cost next to nothing by use: DynamoDB and S3 keep them (bucket keys).',
    '',
    '## What comes on top',
    '',
    '| when | what | dollars per million of them |',
    '| --- | --- | --- |',
    `| a request carries an \`Idempotency-Key\` | ${figure(counted.idempotencyUnits)} write units | ${money(MILLION * counted.idempotencyUnits * PRICES.writeUnit)} |`,
    `| a workflow has a quota or budget | 1 write unit | ${money(MILLION * PRICES.writeUnit)} |`,
    `| a subject is seen for the first time | 1 read and 1 write unit for its key | ${money(MILLION * (PRICES.writeUnit + PRICES.readUnit))} |`,
    `| a lane opens: a cold start, six hours | 1 signature, 3 other KMS requests, 4 write units | ${money(MILLION * (PRICES.kmsSign + 3 * PRICES.kmsRequest + 4 * PRICES.writeUnit))} |`,
    `| a workflow runs as Standard | its state transitions at $25 a million, instead of the Express execution | ${money(MILLION * 4 * 25e-6)} for four each |`,
    '',
    '## A month of standing there',
    '',
    'Of the development environment as `lib/environments.ts` has it, with nobody but its canary. Counts of keys, alarms, dashboards, rules and',
    'secrets are those of its synthesised stacks.',
    '',
    '| what | units | dollars a month |',
    '| --- | --- | --- |',
    ...idle.map(
      ({ what, per, units, dollars }) => `| ${what} | ${figure(units)} × ${per} | ${money(dollars)} |`,
    ),
    `| **total** | | **${money(sumOf(idle))}** |`,
    '',
    'What is dear is a switch of an environment, and on in staging and production:',
    '',
    '| switch in `lib/environments.ts` | what it brings | dollars a month |',
    '| --- | --- | --- |',
    `| \`watch.cloudwatch: 'all'\` | an alarm for each function and burn rate, ${held.prod.dashboards} dashboards, objectives, who asks most, all of our metrics in CloudWatch (up to ${money(standing.metricDollars)}, when every combination of dimensions is seen) | ${money(watching(held.prod) - watching(held.dev))} and the metrics, and ${money(loggedByAll)} of logs per million executions |`,
    `| \`insights\` | memory and CPU of ${standing.functions} functions, by Lambda Insights, and ${figure(insights.bytes)} bytes of log for each call | ${money(insights.metrics * standing.functions * PRICES.customMetric)}, and $${((insights.bytes * MILLION * PRICES.logGb) / 1e9).toFixed(2)} per million calls |`,
    `| \`watch.events: 'all'\` | each record on the bus, an event of ${figure(siem.eventBytes)} bytes, two of an execution; who asks most is told from them | ${money(2 * MILLION * PRICES.event)} per million executions |`,
    '| `firewall` | WAF with its three rules | $8.00, and $0.60 per million requests |',
    '| `tracing` | the share of requests that is traced | $5.00 per million traces |',
    '| `watch.grafana` | Managed Grafana, for those who signed in that month | $9.00 an editor, $5.00 a viewer |',
    '',
    `\`push\` asks CloudWatch for ${standing.published.metrics} metrics every five minutes, and \`observe\` at most as much while somebody scrapes it. Storage is`,
    '$0.25 a gigabyte a month in DynamoDB, $0.20 for its point-in-time recovery, $0.023 in S3; a million executions leave about 3 GB of records and indexes.',
  ].join('\n')}\n`;
}
