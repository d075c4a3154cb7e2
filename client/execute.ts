/** Governed executions from their caller's side: asked for once, whatever the network does, and followed to their end. */
import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from './api.gen.ts';
import { pauseFor } from './door.ts';

export type GovernedRequest =
  operations['postWorkflowsGovernedExecute']['requestBody']['content']['application/json'];
export type Ran = components['schemas']['Ran'];
export type Waits = components['schemas']['Waits'];
export type Execution = operations['getExecutionsId']['responses'][200]['content']['application/json'];
export type Receipt = components['schemas']['Receipt'];

export type Executed =
  /** It ran: `answer.output`, and `answer.receipt` to keep. */
  | { readonly kind: 'ran'; readonly key: string; readonly answer: Ran }
  /** It runs on. */
  | { readonly kind: 'runs'; readonly key: string; readonly answer: Waits; readonly execution_id: string }
  /** It waits for people. */
  | { readonly kind: 'waits'; readonly key: string; readonly answer: Waits };

export interface ExecuteOptions {
  /** One key, one run: repeat a request under its key, and it runs once. A new one is made where none is given. */
  readonly key?: string;
}

export interface FollowOptions {
  /** Looked at this often: 1,000. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  readonly pause?: (ms: number) => Promise<void>;
}

/** Throws ProblemError where it is refused or the run failed (`EXECUTION_FAILED`, whose `problem.receipt` says so for good). */
export async function execute(
  api: Client<paths>,
  request: GovernedRequest,
  { key = crypto.randomUUID() }: ExecuteOptions = {},
): Promise<Executed> {
  const { data, response } = await api.POST('/workflows/governed/execute', {
    body: request,
    params: { header: { 'Idempotency-Key': key } },
  });
  if (data === undefined) throw new TypeError(`The answer of ${response.status} has no body.`);
  if (!goesOn(response, data)) return { kind: 'ran', key, answer: data };
  const { execution_id } = data;
  return execution_id === undefined
    ? { kind: 'waits', key, answer: data }
    : { kind: 'runs', key, answer: data, execution_id };
}

/** Which of the two it is stands in the status alone. */
const goesOn = ({ status }: Response, _answer: Ran | Waits): _answer is Waits => status === 202;

/**
 * Waits until it has ended: until people had their say and the run is over. Throws ProblemError as `execute` does: where the
 * approval was refused or lapsed, and where the run failed.
 * @param request the very request that was executed: under its key it runs once
 */
export async function follow(
  api: Client<paths>,
  request: GovernedRequest,
  executed: Executed,
  { everyMs = 1_000, signal, pause = pauseFor }: FollowOptions = {},
): Promise<Ran | Execution> {
  for (let now = executed; ; ) {
    if (now.kind === 'ran') return now.answer;
    signal?.throwIfAborted();
    if (now.kind === 'runs') {
      const { data } = await api.GET('/executions/{id}', { params: { path: { id: now.execution_id } } });
      if (data !== undefined && data.status !== 'running') return data;
    }
    await pause(everyMs);
    if (now.kind === 'waits') now = await execute(api, request, { key: now.key });
  }
}
