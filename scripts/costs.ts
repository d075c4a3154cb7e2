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
  trace: 5 / 1e6,
  /** A month, of the first ten thousand. */
  customMetric: 0.3,
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
  project: { ms: 100, gb: 0.5, everySeconds: 1, writeUnits: 60 },
  seal: { ms: 400, gb: 1, everySeconds: 5 },
  /** Open ones, of functions that are up or were in the last six hours: each is asked in each run. */
  lanes: 10,
  express: { ms: 100, gb: 0.0625 },
  /** Of the gate: access line, metrics, and what Lambda itself writes. Measured on the deployed stacks. */
  logBytes: 5_000,
  /** Access log of API Gateway, and the four events of an Express execution without tasks, without its data. */
  edgeLogBytes: 2_500,
  tracedShare: 0.1,
  /** What the layer writes for an invocation, and the metrics that it keeps for a function. */
  insights: { bytes: 1_100, metrics: 8 },
} as const;

const MILLION = 1e6;

/** One line per thing that is billed, for a million executions. */
export function costsOfAMillion(counted: Counted): Line[] {
  const seconds = MILLION / ASSUMED.rate;
  const lambda = ({ ms, gb }: { ms: number; gb: number }, calls: number) =>
    calls * (PRICES.lambdaRequest + (ms / 1e3) * gb * PRICES.lambdaGbSecond);
  const projections = seconds / ASSUMED.project.everySeconds;
  const seals = seconds / ASSUMED.seal.everySeconds;
  const authorized = MILLION * ASSUMED.authorizerShare;
  const gathered = (MILLION * 2 * counted.recordBytes) / 4_096;
  const projected = projections * ASSUMED.project.writeUnits;
  const { express, insights } = ASSUMED;
  const asked = (projections + seals) * ASSUMED.lanes;
  const sealed = seals * counted.seal.writeUnits;
  const invocations = MILLION + authorized + projections + seals;
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
    line('DynamoDB reads of projector and sealer', 'read unit', gathered, gathered * PRICES.readUnit),
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
        ['CloudWatch Logs of the gate', MILLION * ASSUMED.logBytes],
        ['CloudWatch Logs of API Gateway and Step Functions', MILLION * ASSUMED.edgeLogBytes],
        ['CloudWatch Logs of Lambda Insights', invocations * insights.bytes],
      ] as const
    ).map(([what, bytes]) => line(what, 'GB', gigabytes(bytes), gigabytes(bytes) * PRICES.logGb)),
    line('X-Ray', 'trace', MILLION * ASSUMED.tracedShare, MILLION * ASSUMED.tracedShare * PRICES.trace),
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
  const { ms, gb } = ASSUMED.seal;
  const run =
    PRICES.lambdaRequest +
    (ms / 1e3) * gb * PRICES.lambdaGbSecond +
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

/** The page docs/costs.md. */
export function renderCosts(counted: Counted, standing: Standing): string {
  const { insights } = ASSUMED;
  const lines = costsOfAMillion(counted);
  const total = lines.reduce((sum, { dollars }) => sum + dollars, 0);
  const figure = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
  const money = (value: number) => `$${value.toFixed(2)}`;
  return `${[
    '# Costs',
    '',
    `A million governed executions cost about **${money(total)}** on AWS: allowed, run as an Express workflow without tasks, recorded, projected, sealed.`,
    '',
    'The operations of one execution are counted on the running system by `test/infra/costs.test.ts`, which writes this',
    'page (`npx vitest run test/infra/costs -u`) and fails while it differs:',
    '',
    `- ${figure(counted.writeUnits)} DynamoDB write units (standing, decision record, outcome record; items in started kilobytes)`,
    `- ${figure(counted.readUnits)} read units of its own, and ${figure(counted.recordBytes)} bytes of records that projector and sealer read once each`,
    `- ${figure(counted.engineCalls)} Step Functions execution`,
    `- per run of the sealer, over ${ASSUMED.rate * ASSUMED.seal.everySeconds} executions: ${figure(counted.seal.requests)} S3 requests, ${figure(counted.seal.signatures)} signatures, ${figure(counted.seal.writeUnits)} write units`,
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
    `- A run of the projector a second, which writes ${ASSUMED.project.writeUnits} units: the figures that moved.`,
    `- One request in ${1 / ASSUMED.authorizerShare} comes with a token that API Gateway has not seen in the last minute.`,
    `- The gate takes ${ASSUMED.gate.ms} ms of 1 GB, most of it waiting for DynamoDB and Step Functions; a workflow's tasks cost their own time on top.`,
    `- ${figure(ASSUMED.logBytes)} bytes of log by the gate, ${figure(ASSUMED.edgeLogBytes)} by API Gateway and Step Functions; ${ASSUMED.tracedShare * 100} % of requests traced.`,
    `- ${ASSUMED.lanes} open lanes, which projector and sealer ask in each run. Items are billed in started kilobytes (writes) and four kilobytes (reads).`,
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
    '## What it costs to stand there',
    '',
    'Idle, an environment pays for its keys (8 customer keys at $1 a month, 9 with the watch stack), alarms ($0.10 each, math and',
    'composite ones more), dashboards ($3 each beyond three), canary and schedules (about $2), and storage:',
    'DynamoDB at $0.25, its point-in-time recovery at $0.20 and S3 at $0.023 a gigabyte a month. A million executions leave about 3 GB of records and indexes.',
    `Metrics of our own in CloudWatch are up to ${money(standing.metricDollars)} a month, when every combination of their dimensions is seen. Lambda`,
    `Insights keeps ${insights.metrics} metrics for each of ${standing.functions} functions: ${money(insights.metrics * standing.functions * PRICES.customMetric)} a month; leave \`insights\` out of \`lib/environments.ts\` to do without.`,
    `Showing what AWS publishes asks for ${standing.published.metrics} metrics every five minutes: ${money(standing.published.dollars)} a month for \`push\`, and at most as much for \`observe\` while somebody scrapes it.`,
    'Managed Grafana bills per active editor ($9) and viewer ($5), Managed Prometheus per sample ($0.90 for ten million),',
    'and WAF in production $8 a month with its three rules, plus $0.60 per million requests.',
  ].join('\n')}\n`;
}
