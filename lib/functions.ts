/**
 * The functions, split by privilege: what each is for, what starts it, and what it may do. The words under
 * `may` are given their exact actions and resources in rights.ts; a test holds the synthesised policies to both.
 */
import type { Right } from './right.ts';

export interface FunctionSpec {
  /** lambdas/{name}.ts, the function's, role's and log group's name. */
  readonly name: string;
  readonly purpose: string;
  readonly may: readonly Right[];
  /** MB; CPU comes in proportion (1,769 MB is one core). */
  readonly memory: number;
  /** Seconds. API Gateway gives up after 29. */
  readonly timeout: number;
  /** Keys of which KMS is asked before the function itself is loaded, by their variables: whoever waits for a door waits for less. */
  readonly asksAhead?: readonly ('LANE_AUTHORITY_KEY' | 'CHECKPOINT_KEY' | 'WITNESS_KEY')[];
  /** What is copied beside the code. */
  readonly carries?: readonly ('cedar' | 'charter' | 'workflows' | 'dashboards' | 'console' | 'routes')[];
}

/** Who opens a door to callers, or acts for them, knows who they are and has it on record. */
const OF_A_DOOR = ['append to the ledger', 'record people', 'read state'] as const;

/** A decision of the committee is carried out by whoever hears it, and by the sweep where that one was cut off. */
const TO_GOVERN = [
  'keep callers',
  'keep runs',
  'keep tools',
  'keep reviews',
  'keep approvals',
  'keep turns',
  'keep governance',
  'keep cases',
] as const;

const AUTHORIZER: FunctionSpec = {
  name: 'authorizer',
  purpose: 'Checks bearer tokens at the edge, so that a flood of bad ones reaches nothing that can run',
  may: ['append to the ledger'],
  memory: 512,
  timeout: 10,
};

/** Mounted on the API. `serves` are the OpenAPI tags of the routes that a function answers. */
export interface ApiFunctionSpec extends FunctionSpec {
  readonly serves: readonly string[];
}

const API: readonly ApiFunctionSpec[] = [
  {
    name: 'gate',
    purpose: 'Decides, records, and runs workflows',
    serves: ['workflows', 'decisions', 'authzen', 'tools', 'flags'],
    may: [
      ...OF_A_DOOR,
      'keep callers',
      'keep runs',
      'keep tools',
      'keep approvals',
      'store documents',
      'start workflows',
      'sign capabilities',
    ],
    memory: 1024,
    timeout: 29,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'mcp',
    purpose: 'Calls the tools of MCP servers for agents, decided and recorded before and after',
    serves: ['mcp', 'missions'],
    may: [
      ...OF_A_DOOR,
      'keep callers',
      'keep runs',
      'keep tools',
      'keep reviews',
      'keep approvals',
      'store documents',
    ],
    asksAhead: ['LANE_AUTHORITY_KEY'],
    memory: 1024,
    timeout: 29,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'govern',
    purpose: 'Changes governance state: approvals, charters, sanctions, emergency stop, alerts taken on',
    serves: [
      'alerts',
      'approvals',
      'charter',
      'emergency',
      'limits',
      'violations',
      'sanctions',
      'healing',
      'overrides',
      'whistleblower',
      'revocations',
      'deployments',
      'maintenance',
    ],
    // It reads the ledger to replay a candidate charter and starts what an approval releases.
    may: [
      ...OF_A_DOOR,
      'read the ledger',
      ...TO_GOVERN,
      'keep alerts',
      'store documents',
      'start workflows',
      'erase subjects',
    ],
    asksAhead: ['LANE_AUTHORITY_KEY'],
    memory: 1024,
    timeout: 29,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'audit',
    purpose: 'Reads the ledger and its proofs, and records that it was read',
    serves: ['ledger'],
    may: [...OF_A_DOOR, 'read the ledger', 'read the log'],
    asksAhead: ['LANE_AUTHORITY_KEY', 'CHECKPOINT_KEY', 'WITNESS_KEY'],
    memory: 1024,
    timeout: 29,
    carries: ['cedar', 'charter'],
  },
  {
    name: 'observe',
    purpose: 'Metrics, health, objectives, and the console',
    serves: ['metrics', 'health', 'slo', 'console'],
    may: [...OF_A_DOOR, 'read the ledger', 'read the log', 'read what AWS publishes'],
    asksAhead: ['LANE_AUTHORITY_KEY', 'CHECKPOINT_KEY', 'WITNESS_KEY'],
    memory: 512,
    timeout: 15,
    carries: ['cedar', 'charter', 'workflows', 'console', 'routes'],
  },
];

const BEHIND: readonly FunctionSpec[] = [
  {
    name: 'project',
    purpose: 'Folds new records into the metrics, woken by the stream',
    may: [
      'read the ledger',
      'keep figures',
      'consume the stream',
      'wake the loop and the notifier',
      'wake the broadcaster',
      'see who listens',
      'leave dead letters',
    ],
    memory: 512,
    timeout: 60,
  },
  {
    name: 'seal',
    purpose: 'Seals lanes into the Merkle tree and signs checkpoints, woken by the stream',
    may: [
      'append to the ledger',
      'read the ledger',
      'keep figures',
      'keep verdicts',
      'publish the log',
      'have checkpoints signed',
      'consume the stream',
      'leave dead letters',
    ],
    memory: 1024,
    timeout: 120,
  },
  {
    name: 'heal',
    purpose: 'Finds patterns in violations and acts on them, within the caps of the charter',
    may: [...OF_A_DOOR, 'keep callers', 'read the ledger', 'keep cases', 'keep turns', 'leave dead letters'],
    memory: 512,
    timeout: 60,
    carries: ['cedar', 'charter'],
  },
  {
    name: 'settle',
    purpose: 'Hears long workflows end and records their outcome',
    may: [...OF_A_DOOR, 'keep runs', 'store documents', 'read executions', 'leave dead letters'],
    memory: 512,
    timeout: 60,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'sweep',
    purpose:
      'Finds stale runs, expired approvals and unfinished revocations, every minute; compares state that changes with the ledger',
    // An approval whose run could not be started is judged and started again.
    may: [
      ...OF_A_DOOR,
      'read the ledger',
      ...TO_GOVERN,
      // An acknowledgement that somebody put there or took away is made right like all else that gives power.
      'keep alerts',
      'store documents',
      'start workflows',
      'erase subjects',
      'hear of changed state',
      'leave dead letters',
    ],
    memory: 512,
    timeout: 60,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'tripwire',
    purpose: 'Puts on record what others do to the runs, buckets, tables and keys of the log',
    may: ['append to the ledger', 'read the ledger', 'leave dead letters'],
    memory: 256,
    timeout: 30,
  },
];

/** Called by another function, which waits for the answer. */
const CALLED: readonly FunctionSpec[] = [
  {
    name: 'sign',
    purpose: 'Signs the checkpoints that the sealer hands it, and never two trees of one size',
    may: ['sign checkpoints', 'keep signed'],
    memory: 256,
    timeout: 10,
  },
  {
    name: 'witness',
    purpose: 'Cosigns, with the time, what extends the last checkpoint that it saw',
    may: ['witness checkpoints', 'keep witnessed'],
    memory: 256,
    timeout: 10,
  },
];

/** One per task that a workflow may call: each has only its own rights. `task` is the name in the ASL. */
export interface TaskFunctionSpec extends FunctionSpec {
  readonly task: string;
}

const TASKS: readonly TaskFunctionSpec[] = [
  {
    name: 'task-http-call',
    task: 'http_call',
    purpose: 'Calls a configured HTTP endpoint for a workflow',
    may: ['call out'],
    memory: 256,
    timeout: 20,
  },
  {
    name: 'task-ledger-report',
    task: 'ledger_report',
    purpose: 'Counts records for a compliance report',
    may: ['read the ledger', 'store documents'],
    memory: 512,
    timeout: 20,
  },
  {
    name: 'task-subject-export',
    task: 'subject_export',
    purpose: "Collects one subject's records for a data export",
    may: ['read the ledger', 'open personal fields', 'store documents'],
    memory: 512,
    timeout: 20,
  },
];

export const FUNCTIONS = {
  authorizer: AUTHORIZER,
  api: API,
  behind: BEHIND,
  called: CALLED,
  tasks: TASKS,
} as const;

/** Of the watch stack: nothing of a governed request waits for them. */
export const WATCH_FUNCTIONS: readonly FunctionSpec[] = [
  {
    name: 'notify',
    purpose: 'Tells people of alerts, and records that it did',
    may: ['append to the ledger', 'read the ledger', 'keep alerts', 'leave dead letters'],
    memory: 512,
    timeout: 60,
  },
  {
    name: 'live',
    purpose: 'Lets in who listens to the live feed, and records that they came and went',
    may: [...OF_A_DOOR, 'read the ledger', 'keep listeners', 'wake the broadcaster', 'leave dead letters'],
    asksAhead: ['LANE_AUTHORITY_KEY'],
    memory: 512,
    timeout: 29,
    carries: ['cedar', 'charter'],
  },
  {
    name: 'broadcast',
    purpose: 'Tells who listens to the live feed of new records, woken by the projector',
    may: [...OF_A_DOOR, 'read the ledger', 'keep listeners', 'speak to listeners', 'leave dead letters'],
    memory: 512,
    timeout: 60,
    carries: ['cedar', 'charter'],
  },
  {
    name: 'siem',
    purpose: 'Exports records as CloudEvents to the event bus',
    may: ['read the ledger', 'keep exported', 'leave dead letters'],
    memory: 512,
    timeout: 60,
  },
  {
    name: 'push',
    purpose: 'Pushes the counters to Managed Prometheus, and keeps what service levels look back on',
    may: ['read the ledger', 'read state', 'keep figures', 'leave dead letters', 'read what AWS publishes'],
    memory: 512,
    timeout: 60,
    carries: ['cedar', 'charter', 'workflows'],
  },
  {
    name: 'canary',
    purpose: 'Asks for one governed decision a minute, like any caller',
    may: ['leave dead letters'],
    memory: 256,
    timeout: 30,
  },
  {
    name: 'provision-grafana',
    purpose: 'Puts data sources and dashboards into Managed Grafana when the stack changes',
    may: ['leave dead letters'],
    memory: 256,
    timeout: 300,
    carries: ['dashboards'],
  },
];

export const ALL_FUNCTIONS: readonly FunctionSpec[] = [AUTHORIZER, ...API, ...BEHIND, ...CALLED, ...TASKS];

const HOLDS_A_KEY: ReadonlySet<Right> = new Set([
  'append to the ledger',
  'record people',
  'open personal fields',
  'sign checkpoints',
  'witness checkpoints',
  'sign capabilities',
]);

/** The functions that own a lane: the lane authority may certify them and nobody else. */
export const WRITERS: readonly string[] = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS]
  .filter((each) => each.may.includes('append to the ledger'))
  .map((each) => each.name);

/** Those who must know whose pseudonym is whose: who records people, and who opens what was recorded of them. */
export const PSEUDONYMISERS: readonly string[] = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS]
  .filter((each) => each.may.some((right) => right === 'record people' || right === 'open personal fields'))
  .map((each) => each.name);

/** Who may use a key at all: their roles stand beside the keys, which know them by their ids. */
export const KEY_HOLDERS: readonly FunctionSpec[] = [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS].filter((each) =>
  each.may.some((right) => HOLDS_A_KEY.has(right)),
);
