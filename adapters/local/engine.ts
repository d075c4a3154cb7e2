/**
 * Step Functions on one machine: `aws-local-stepfunctions` interprets the same definition files, and a task's
 * placeholder `${TaskArn_NAME}` is answered by that task's function in this process. A run dies with the
 * process; the sweep then finds it stale.
 */
import { ExecutionError, ExecutionTimeoutError, StateMachine } from 'aws-local-stepfunctions';
import type { Json } from '../../src/json.ts';
import type { Engine, EngineResult, Log, Table } from '../../src/ports.ts';
import type { Task } from '../../src/workflow/tasks/task.ts';
import type { Registry, Workflow } from '../../src/workflow/workflow.ts';

export interface LocalEngineDeps {
  readonly workflows: Registry;
  readonly tasks: Readonly<Record<string, Task>>;
  /** Keeps the names of long runs, so that none is started again after a restart. */
  readonly table: Pick<Table, 'put'>;
  /** Hears the end of a long run (`wait: false`), as EventBridge tells it on AWS. */
  readonly ended: (end: { name: string; workflow: string; result: EngineResult }) => Promise<void>;
  readonly log: Log;
  /** Milliseconds before each retry instead of the definition's own, so that tests need not wait. */
  readonly retry_ms?: number;
}

export interface LocalEngine extends Engine {
  /** Resolves when nothing runs any more and every end was heard. */
  idle(): Promise<void>;
}

/** As long as Step Functions keeps the names of executions. */
const NAME_KEPT_SECONDS = 90 * 86_400;
/** At least so many names of finished short runs are remembered. Each is made from a fresh ULID: that is plenty. */
const REMEMBERED = 5_000;

export function localEngine(deps: LocalEngineDeps): LocalEngine {
  const machines = new Map(deps.workflows.all.map((workflow) => [workflow.name, prepare(workflow, deps)]));
  const short = new Map<string, Promise<EngineResult>>();
  const long = new Set<Promise<void>>();
  let finished = new Set<string>();
  let earlier = new Set<string>();

  const execute = (name: string, workflow: string, input: Json): Promise<EngineResult> => {
    const machine = machines.get(workflow);
    if (machine === undefined)
      return Promise.resolve(failed('StateMachineDoesNotExist', `No workflow "${workflow}" is loaded.`));
    return machine(name, input);
  };

  const runShort = (name: string, workflow: string, input: Json): Promise<EngineResult> => {
    const already = short.get(name);
    if (already !== undefined) return already;
    if (finished.has(name) || earlier.has(name))
      return Promise.resolve(failed('ExecutionAlreadyExists', `"${name}" has run already.`));
    const run = execute(name, workflow, input).finally(() => {
      short.delete(name);
      finished.add(name);
      if (finished.size < REMEMBERED) return;
      earlier = finished;
      finished = new Set();
    });
    short.set(name, run);
    return run;
  };

  const runLong = async (name: string, workflow: string, input: Json): Promise<EngineResult> => {
    const claim = await deps.table.put(
      { pk: 'RUNS', sk: name, workflow, expires: Math.ceil(Date.now() / 1000) + NAME_KEPT_SECONDS },
      'absent',
    );
    if (claim.stored) {
      const run = execute(name, workflow, input)
        .then((result) => deps.ended({ name, workflow, result }))
        .catch((error: unknown) =>
          deps.log.write(
            'error',
            'engine',
            'The end of a run was not recorded; the sweep will find it stale.',
            {
              execution_id: name,
              error,
            },
          ),
        )
        .finally(() => long.delete(run));
      long.add(run);
    }
    return { status: 'started' };
  };

  return {
    run: ({ name, workflow, input, wait }) => (wait ? runShort : runLong)(name, workflow, input),
    async idle() {
      while (short.size + long.size > 0) await Promise.allSettled([...short.values(), ...long]);
    },
  };
}

type Machine = (name: string, input: Json) => Promise<EngineResult>;

/** One for all runs: making one, with its stack, costs more than aborting. */
const ENDED = new DOMException('The run has ended', 'AbortError');

/** Prepares a definition once; a run only adds its name and its own way to be stopped. */
function prepare(workflow: Workflow, deps: LocalEngineDeps): Machine {
  // The registry has checked it, and names line and fix; the library's own validator takes half a second to load.
  const machine = new StateMachine(asText(workflow.definition), { validationOptions: { noValidate: true } });
  const states = [...statesOf(workflow.definition)];
  const retryIntervalOverrides =
    deps.retry_ms === undefined
      ? {}
      : Object.fromEntries(states.map(({ name }) => [name, deps.retry_ms ?? 0]));

  return async (name, input) => {
    const stop = new AbortController();
    const taskResourceLocalHandlers = Object.fromEntries(
      states.flatMap(({ name: state, resource }) =>
        resource === undefined ? [] : [[state, asLambda(taskFor(resource, deps.tasks), stop.signal)]],
      ),
    );
    const began = performance.now();
    const micros = () => Math.round((performance.now() - began) * 1000);
    try {
      const overrides = { taskResourceLocalHandlers, retryIntervalOverrides };
      const output = await machine.run(asText(input), { overrides, context: { Execution: { Name: name } } })
        .result;
      return { status: 'succeeded', output, duration_us: micros() };
    } catch (error) {
      return { ...failureOf(error), duration_us: micros() };
    } finally {
      stop.abort(ENDED); // a task that outlives its run must not go on behind our back
    }
  };
}

/** Names and resources of all states, those inside Parallel and Map too; names are unique in a definition. */
function* statesOf(value: Json | undefined): Generator<{ name: string; resource: string | undefined }> {
  if (value === undefined || value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'States' && inner !== null && typeof inner === 'object' && !Array.isArray(inner))
      for (const [name, state] of Object.entries(inner)) {
        const resource =
          state !== null && typeof state === 'object' && !Array.isArray(state) ? state.Resource : undefined;
        yield { name, resource: typeof resource === 'string' ? resource : undefined };
      }
    yield* statesOf(inner);
  }
}

function taskFor(resource: string, tasks: LocalEngineDeps['tasks']): Task {
  const name = /^\$\{TaskArn_(\w+)\}$/.exec(resource)?.[1];
  const task = name !== undefined && Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  return (
    task ??
    (async () => {
      const error = new Error(`${resource} runs on AWS only.`);
      error.name = 'TaskUnavailable';
      throw error;
    })
  );
}

/** What goes in and out of Step Functions is JSON text, and so it is here: nothing is shared with the caller. */
const asText = (value: Json) => JSON.parse(JSON.stringify(value));

const asLambda = (task: Task, signal: AbortSignal) => async (input: Json) =>
  asText(await task(input, { signal }));

/** Error names as Step Functions has them: `States.Timeout`, a Fail state's Error, or the thrown error's name. */
function failureOf(error: unknown): EngineResult & { status: 'failed' } {
  if (error instanceof ExecutionTimeoutError)
    return failed('States.Timeout', 'The workflow ran out of time.');
  const thrown = error instanceof ExecutionError ? error.cause : error;
  return thrown instanceof Error
    ? failed(thrown.name, thrown.message)
    : failed('States.Runtime', String(thrown));
}

function failed(error: string, cause: string): EngineResult & { status: 'failed' } {
  return { status: 'failed', error, cause, duration_us: 0 };
}
