/**
 * `Engine` on Step Functions. A waiting run is a synchronous Express execution; any other is a Standard one,
 * which AWS starts once per name, and whose end `settle` hears.
 */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
} from '@aws-sdk/client-sfn';
import { ChanceryError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import type { Engine, EngineResult } from '../../src/ports.ts';

export interface SfnSettings {
  readonly region: string;
  /** For a stand-in; it then gets no `sync-` host prefix, which only AWS itself resolves. */
  readonly endpoint?: string;
}

/**
 * No retries by the SDK: an Express execution has no name that AWS would keep unique, so a repeated call after
 * a lost answer would run the workflow twice.
 */
export function createSfnClient({ region, endpoint }: SfnSettings): SFNClient {
  return new SFNClient({
    region,
    maxAttempts: 1,
    // A synchronous run may take 20 s; API Gateway waits for 29.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 25_000, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint, disableHostPrefix: true }),
  });
}

/** `prefix` is the ARN up to the workflow's name: `arn:…:stateMachine:chancery-dev-`. */
export function sfnEngine(client: SFNClient, prefix: string): Engine {
  return {
    run({ name, workflow, input, wait }) {
      const arn = `${prefix}${workflow}`;
      return wait
        ? runExpress(client, `${arn}-express`, name, input)
        : startStandard(client, `${arn}-standard`, name, input);
    },
  };
}

async function runExpress(
  client: SFNClient,
  stateMachineArn: string,
  name: string,
  input: Json,
): Promise<EngineResult> {
  const began = performance.now();
  const command = new StartSyncExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
  const ended = await answered(() => client.send(command));
  if (ended === undefined) return noSuchMachine(stateMachineArn);
  const { status, output, error, cause, startDate, stopDate } = ended;
  const duration_us =
    startDate && stopDate
      ? (stopDate.getTime() - startDate.getTime()) * 1_000
      : Math.round((performance.now() - began) * 1_000);
  return endOf({ status, output, error, cause, duration_us });
}

async function startStandard(
  client: SFNClient,
  stateMachineArn: string,
  name: string,
  input: Json,
): Promise<EngineResult> {
  const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
  const began = performance.now();
  const start = async (): Promise<EngineResult> => {
    const started = await answered(() => client.send(command));
    return started === undefined ? noSuchMachine(stateMachineArn) : { status: 'started' };
  };
  try {
    return await start().catch((error) => {
      // An answer that was lost at once is asked for once more: AWS starts one execution of a name, and says so.
      if (error instanceof ExecutionAlreadyExists || performance.now() - began > SOON_MS) throw error;
      return start();
    });
  } catch (error) {
    // The same name is the same decision: it has been started, by this call or by one whose answer was lost.
    if (error instanceof ExecutionAlreadyExists) return { status: 'started' };
    throw error;
  }
}

/** A caller still waits for the answer of a start that is tried again after this time. */
const SOON_MS = 3_000;

/** How a Standard execution ended; undefined while it runs. Throws STORE_UNAVAILABLE when AWS does not say. */
export async function describeEnd(
  client: SFNClient,
  executionArn: string,
): Promise<Exclude<EngineResult, { status: 'started' }> | undefined> {
  const told = await answered(() => client.send(new DescribeExecutionCommand({ executionArn })));
  if (told === undefined || told.status === 'RUNNING' || told.status === 'PENDING_REDRIVE') return undefined;
  const { status, output, error, cause, startDate, stopDate } = told;
  const duration_us = startDate && stopDate ? (stopDate.getTime() - startDate.getTime()) * 1_000 : 0;
  return endOf({ status, output, error, cause, duration_us });
}

interface Told {
  readonly status: string | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly duration_us: number;
}

function endOf({
  status,
  output,
  error,
  cause,
  duration_us,
}: Told): Exclude<EngineResult, { status: 'started' }> {
  if (status === 'SUCCEEDED') return { status: 'succeeded', output: parsed(output), duration_us };
  return {
    status: 'failed',
    error: error ?? (status === 'TIMED_OUT' ? 'States.Timeout' : 'States.Runtime'),
    cause: readable(cause) ?? `The execution ended as ${status ?? 'nothing that AWS told'}.`,
    duration_us,
  };
}

/** Undefined when the state machine is not there: then nothing ran, and that is an answer. */
async function answered<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateMachineDoesNotExist) return undefined;
    if (error instanceof ExecutionAlreadyExists) throw error;
    throw new ChanceryError('STORE_UNAVAILABLE', 'Step Functions did not answer', { cause: error });
  }
}

function noSuchMachine(arn: string): EngineResult {
  const cause = `No state machine ${arn.split(':').at(-1)} is deployed.`;
  return { status: 'failed', error: 'StateMachineDoesNotExist', cause, duration_us: 0 };
}

function parsed(output: string | undefined): Json {
  return output === undefined ? null : JSON.parse(output);
}

/** A failed Lambda task's cause is JSON around the message; a Fail state's is the text itself. */
export function readable(cause: string | undefined): string | undefined {
  if (cause === undefined) return undefined;
  try {
    const told: unknown = JSON.parse(cause);
    if (typeof told === 'object' && told !== null && 'errorMessage' in told) return String(told.errorMessage);
  } catch {
    // Not JSON: it is the text.
  }
  return cause;
}
