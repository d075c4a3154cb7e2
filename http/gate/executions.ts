/** The workflows that can be asked for, and what became of those that were. */
import * as z from 'zod';
import { ChanceryError } from '../../src/errors.ts';
import {
  EXECUTION_STATES,
  type Execution,
  type ExecutionsDeps,
  type Part,
  readExecution,
  readPart,
} from '../../src/execution/executions.ts';
import type { JsonObject } from '../../src/json.ts';
import { RUN_OUTCOMES } from '../../src/terms.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';
import type { Ctx, RouteFamily, RouteSpec } from '../routes.ts';

const SCOPE = 'workflows:read';

export function executionRoutes(deps: ExecutionsDeps): RouteFamily {
  const find = async (c: Ctx): Promise<Execution> => {
    const execution = await readExecution(deps, c.req.param('id') ?? '');
    if (execution === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such execution.');
    return execution;
  };

  const own: NonNullable<RouteSpec['own']> = async (c, caller) =>
    (await readExecution(deps, c.req.param('id') ?? ''))?.subject === deps.pseudonym(caller);

  return (mount) => {
    mount(
      { method: 'get', path: '/workflows', scope: SCOPE, summary: 'List the workflows', tag: 'workflows' },
      (c) => c.json({ workflows: deps.workflows.all.map(workflowBody) }),
    );

    mount(
      {
        method: 'get',
        path: '/workflows/:name',
        scope: SCOPE,
        summary: 'Show one workflow',
        tag: 'workflows',
      },
      (c) => {
        const workflow = deps.workflows.get(c.req.param('name') ?? '');
        if (workflow === undefined)
          throw new ChanceryError('WORKFLOW_NOT_FOUND', 'No such workflow is registered.');
        return c.json(workflowBody(workflow));
      },
    );

    mount(
      {
        method: 'get',
        path: '/executions/:id',
        scope: SCOPE,
        own,
        summary: 'Say how far an execution is, or how it ended; one’s own without the scope as well',
        tag: 'workflows',
        responses: {
          200: { description: 'Its state', schema: executionSchema },
          404: { description: 'No such execution' },
        },
      },
      async (c) => c.json(executionBody(await find(c))),
    );

    for (const part of ['output', 'document'] satisfies Part[])
      mount(
        {
          method: 'get',
          path: `/executions/:id/${part}`,
          scope: SCOPE,
          own,
          summary:
            part === 'output'
              ? 'Fetch an output that went by reference'
              : 'Fetch the document that a run wrote',
          tag: 'workflows',
          produces: ['application/json', 'application/jsonl'],
          responses: {
            200: { description: 'The bytes, for who asked for the run' },
            404: { description: 'None, or not yours' },
          },
        },
        async (c) => {
          const found = await readPart(deps, await find(c), part, c.get('principal'));
          // To others it does not exist: that it does is for who asked for the run to know.
          if (found === undefined)
            throw new ChanceryError('NOT_FOUND', `This execution has no ${part} for you.`);
          const type = found.name.endsWith('.jsonl') ? 'application/jsonl' : 'application/json';
          return c.body(new Uint8Array(found.bytes), 200, {
            'content-type': type,
            'cache-control': 'no-store',
          });
        },
      );
  };
}

const executionSchema = z.looseObject({
  execution_id: z.string(),
  status: z.enum(EXECUTION_STATES),
  workflow: z.string(),
  drag_mode: z.string(),
  decision_id: z.string(),
  trace_id: z.string(),
  outcome: z.enum(RUN_OUTCOMES).optional(),
  duration_seconds: z.number().optional(),
  settlement: z.unknown().optional(),
});

function executionBody({ end, subject: _, ...execution }: Execution): JsonObject {
  if (end === undefined) return execution;
  const { decision_id: _decision, execution_id: _execution, duration_us, ...rest } = end;
  return { ...execution, ...rest, duration_seconds: Number(duration_us) / 1e6 };
}

function workflowBody({ definition: _, ...manifest }: Workflow): JsonObject {
  return JSON.parse(JSON.stringify(manifest));
}
