/**
 * What breaks first when more is asked, and what a flood does to a stop: AWS's limits as token buckets and pools, with
 * what one governed execution asks of each. Limits are the defaults of a large region in November 2026 (Service Quotas,
 * and the pages of each service); an account may have others.
 */

export interface Limit {
  readonly what: string;
  /** Of it, in a second. */
  readonly capacity: number;
  /** Of it, for one execution. */
  readonly each: number;
  readonly remedy: string;
}

/** Seconds that the gate is busy with one execution, its wait for the workflow included. */
export const GATE_SECONDS = 0.13;

export interface Account {
  readonly concurrency: number;
  readonly stageRate: number;
}

export const limitsOf = ({ concurrency, stageRate }: Account): readonly Limit[] => [
  {
    what: 'throttle of the stage (`throttle` in lib/environments.ts)',
    capacity: stageRate,
    each: 1,
    remedy: 'raise it: it is ours',
  },
  {
    what: 'Lambda executions at once',
    capacity: concurrency / GATE_SECONDS,
    each: 1,
    remedy: 'ask for more concurrency (Service Quotas, L-B99A9384); it is a soft limit',
  },
  {
    what: 'API Gateway, requests of an account',
    capacity: 10_000,
    each: 1,
    remedy: 'ask for more (L-8A5B8E43), or put environments into accounts of their own',
  },
  {
    what: 'a DynamoDB partition, for one caller’s count',
    capacity: 1_000 * 200,
    each: 1,
    remedy:
      'callers are spread: one alone is held to 1,000 requests a second by it, and by the limits of the charter before',
  },
  {
    what: 'DynamoDB write units of the ledger table',
    capacity: 40_000,
    each: 5,
    remedy: 'ask for more table throughput, and warm it before a known peak',
  },
  {
    what: 'Express workflows begun',
    capacity: 6_000,
    each: 1,
    remedy: 'ask for more StartSyncExecution; or decide only (POST /decisions) and run elsewhere',
  },
  {
    what: 'records that one sealer gathers (8,192 in a run of 2 s)',
    capacity: 4_096,
    each: 2,
    remedy:
      'shorter runs follow one another at once; beyond that the tree is made of several logs, one per region or tenant',
  },
  {
    what: 'EventBridge, events put',
    capacity: 10_000,
    each: 2,
    remedy: 'ask for more (PutEvents), or read the published tiles instead: that is what they are for',
  },
];

/** What breaks at this many executions a second, the tightest first. */
export const broken = (rate: number, account: Account): readonly Limit[] =>
  limitsOf(account)
    .filter(({ capacity, each }) => rate * each > capacity)
    .sort((a, b) => a.capacity / a.each - b.capacity / b.each);

export interface Flood {
  /** Requests a second: of whoever floods, and of everybody else. */
  readonly flood: number;
  readonly good: number;
  /** Executions at once, and how many of them are the stop's own. */
  readonly concurrency: number;
  readonly reserved: number;
  /** Token bucket of the flooder's principal, in requests a second; none when undefined. */
  readonly perCaller?: number;
}

export interface Outcome {
  /** Share of good callers' requests that were answered. */
  readonly good: number;
  /** Seconds until a stop, asked for in the middle and repeated each second, is taken. */
  readonly stop_s: number;
}

const STEP_S = 0.01;
const SECONDS = 20;

/**
 * Ten milliseconds a step. Every request holds an execution for GATE_SECONDS, refused ones for a tenth of it; what finds
 * none free is throttled. Requests are taken in the mixture in which they come.
 */
export function simulate({ flood, good, concurrency, reserved, perCaller }: Flood): Outcome {
  const busy: number[] = new Array(Math.ceil(GATE_SECONDS / STEP_S)).fill(0);
  const short = Math.max(1, Math.round(busy.length / 10));
  let bucket = perCaller ?? 0;
  let [asked, answered] = [0, 0];
  let stop_s = Number.POSITIVE_INFINITY;
  for (let step = 0; step < SECONDS / STEP_S; step += 1) {
    const at = step * STEP_S;
    busy.shift();
    busy.push(0);
    // What still runs after this step, by when it ends: `busy[n]` ends n steps from now.
    let free = concurrency - reserved - busy.reduce((sum, count) => sum + count, 0);
    bucket = Math.min(perCaller ?? 0, bucket + (perCaller ?? 0) * STEP_S);
    const comes = (flood + good) * STEP_S;
    const taken = Math.min(free, comes);
    const ofGood = taken * (good / (flood + good));
    const ofFlood = taken - ofGood;
    const through = perCaller === undefined ? ofFlood : Math.min(ofFlood, bucket);
    bucket -= perCaller === undefined ? 0 : through;
    const last = busy.length - 1;
    busy[last] = (busy[last] ?? 0) + ofGood + through;
    busy[short] = (busy[short] ?? 0) + (ofFlood - through);
    free -= taken;
    asked += good * STEP_S;
    answered += ofGood;
    // One that asks again each second gets through once its own share, or the common pool, has room for it.
    const asksAgain = at >= SECONDS / 2 && Math.abs(at % 1) < STEP_S / 2;
    if (asksAgain && stop_s === Number.POSITIVE_INFINITY && (reserved > 0 || free >= 1))
      stop_s = at - SECONDS / 2 + GATE_SECONDS;
  }
  return { good: answered / asked, stop_s };
}

const RATES = [100, 1_000, 10_000];
const NEW: Account = { concurrency: 10, stageRate: 50 };
const USUAL: Account = { concurrency: 1_000, stageRate: 1_000 };

const FLOODS: readonly (readonly [string, Flood])[] = [
  ['a new account, no flood', { flood: 0, good: 20, concurrency: 10, reserved: 0 }],
  ['a new account, ten times its capacity', { flood: 770, good: 20, concurrency: 10, reserved: 0 }],
  [
    '1,000 at once, ten times that, nothing set aside',
    { flood: 77_000, good: 500, concurrency: 1_000, reserved: 0 },
  ],
  ['the same with 20 for the stop', { flood: 77_000, good: 500, concurrency: 1_000, reserved: 20 }],
  [
    'the same, and a rate rule lets the flooder through 1,000 times a second (prod has one)',
    { flood: 1_000, good: 500, concurrency: 1_000, reserved: 20, perCaller: 100 },
  ],
];

/** The page docs/scaling.md. */
export function renderScaling(): string {
  const share = (value: number) => `${Math.round(value * 100)} %`;
  const seconds = (value: number) =>
    Number.isFinite(value) ? `${value.toFixed(1)} s` : 'not while it lasts';
  return `${[
    '# Scaling',
    '',
    'What breaks first when more is asked, and what one would change: `test/infra/scaling.test.ts` writes this page from',
    'the limits in `scripts/scaling.ts` (`npx vitest run test/infra/scaling -u`) and fails while it differs. It is a model of',
    'token buckets and pools, not a measurement: what one machine does is in [performance](performance.md).',
    '',
    '## What breaks first',
    '',
    '| executions a second | account | what breaks, the tightest first | then |',
    '| --- | --- | --- | --- |',
    ...[NEW, USUAL].flatMap((account) =>
      RATES.flatMap((rate) => {
        const where = account === NEW ? 'new: 10 at once' : 'usual: 1,000 at once';
        const found = broken(rate, account);
        if (found.length === 0) return [`| ${rate.toLocaleString('en-US')} | ${where} | nothing | |`];
        return found.map(
          ({ what, capacity, each, remedy }, at) =>
            `| ${at === 0 ? rate.toLocaleString('en-US') : ''} | ${at === 0 ? where : ''} | ${what}: ${Math.floor(capacity / each).toLocaleString('en-US')} a second | ${remedy} |`,
        );
      }),
    ),
    '',
    'Each of these is a quota that AWS raises, or a service that does what an engine of our own would have to: Step Functions runs',
    'and retries, DynamoDB keeps order per lane and holds conditional writes, the tiles on S3 are read by any number of people through',
    'a cache. What is ours does not grow with the rate: a writer has a lane of its own, so that writers never wait for one another,',
    'and the one sealer is the only thing that there is once. Its limit is met by several logs, not by a faster one.',
    '',
    '## A flood',
    '',
    'A caller asks ten times what the account can do. A stop is asked for in the middle, and again each second.',
    '',
    '| account | good callers answered | a stop is taken after |',
    '| --- | --- | --- |',
    ...FLOODS.map(([what, flood]) => {
      const { good, stop_s } = simulate(flood);
      return `| ${what} | ${share(good)} | ${seconds(stop_s)} |`;
    }),
    '',
    'So the emergency stop, the sealer and the projector have executions of their own (`shares` in `lib/environments.ts`), as soon as',
    'the account grants enough (`-c concurrency=`). In a new account nothing can be set aside: AWS keeps what there is for all, and a',
    'stop may have to wait for the flood. `chancery doctor` says so. Setting the reserved concurrency of the gate to 0 stops',
    'everything without the API (docs/operations.md).',
  ].join('\n')}\n`;
}
