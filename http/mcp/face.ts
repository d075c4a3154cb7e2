/**
 * The office as an MCP server: one instance for each request (HTTP) or connection (stdio), all of the protocol by the official SDK. What
 * a method means is told in `src/gate`; here are only its names.
 */
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { parseTraceparent } from '../../src/basics/trace.ts';
import type { Caller } from '../../src/decision/question.ts';
import { callTool, type ToolAnswer, type ToolOffice } from '../../src/gate/tool-call.ts';
import { listTools } from '../../src/gate/tool-list.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { callerSpanOf } from '../trace.ts';
import { answerResult } from './answers.ts';
import { answerLooks, refuseCursor } from './looks.ts';
import { spoken } from './spoken.ts';

export interface FaceDeps {
  readonly office: ToolOffice;
  readonly version: string;
  /** Where people decide. */
  readonly approvalUrl: (approval_id: string) => string;
}

/** Where a person sees an approval and decides: the console opens there, whoever has the link signs in first. */
export const approvalPage = (url: string, approval_id: string): string =>
  `${url}/console#/approvals/${approval_id}`;

export interface Visit {
  readonly caller: () => Caller;
  /** The one server that was asked for; undefined: all that the charter lists. */
  readonly server?: string;
  /** The caller's own token, for an exchange. */
  readonly token?: string;
}

/** Milliseconds for which a client may keep a list: what a principal may call can change with the next decision. */
const LIST_TTL_MS = 30_000;

export function openFace(deps: FaceDeps, visit: Visit): Server {
  const { office, version } = deps;
  const server = new Server(
    { name: 'chancery', title: 'Chancery', version },
    {
      capabilities: { tools: {}, resources: {}, prompts: {} },
      instructions:
        'Every call is decided and recorded before it is made. A refusal says why and what would be allowed. Sensitive tools need an AIM in _meta["org.chancery/aim"] or a registered mission.',
      inputRequired: { legacyShim: false },
    },
  );

  server.setRequestHandler('tools/list', async ({ params }, ctx) => {
    refuseCursor(params);
    const charter = await office.charter();
    const { tools } = await spoken(() =>
      listTools(office, callerOf(visit, ctx), serversOf(office, charter, visit), visit.token),
    );
    return {
      // Definitions were parsed when they were read from their server.
      tools: tools.map(
        ({ id, definition }) => ({ ...definition.said, name: nameFor(visit, id) }) as unknown as Tool,
      ),
      ttlMs: LIST_TTL_MS,
      cacheScope: 'private',
    };
  });

  server.setRequestHandler(
    'tools/call',
    async (request, ctx): Promise<CallToolResult | InputRequiredResult> => {
      const { name, arguments: given = {} } = request.params;
      const tool = idFor(visit, name);
      const caller = callerOf(visit, ctx);
      const meta = ctx.mcpReq._meta ?? {};
      const state = ctx.mcpReq.requestState<string>();
      const parameters = asJson(given);
      const progressToken = meta.progressToken;
      const holdsState = canOpenUrls(ctx);
      const told: Promise<void>[] = [];
      const answer = await inSpan(office, ctx, caller, tool, () =>
        callTool(office, caller, {
          tool,
          arguments: parameters,
          ...(meta['org.chancery/aim'] === undefined ? {} : { aim: asValue(meta['org.chancery/aim']) }),
          ...(meta['org.chancery/mission'] === undefined
            ? {}
            : { mission: asValue(meta['org.chancery/mission']) }),
          ...(state === undefined ? {} : { state }),
          holdsState,
          signal: ctx.mcpReq.signal,
          ...(progressToken === undefined
            ? {}
            : {
                progress: (step) => {
                  const said = ctx.mcpReq.notify({
                    method: 'notifications/progress',
                    params: { progressToken, ...step },
                  });
                  // Who is not there any more misses a step; the outcome is recorded all the same.
                  told.push(said.catch(() => undefined));
                },
              }),
          ...(visit.token === undefined ? {} : { caller: visit.token }),
        }),
      );
      // A step that comes after the answer is one that nobody waits for.
      await Promise.all(told);
      return answerResult(answer, {
        trace: caller.trace,
        approvalUrl: deps.approvalUrl,
        ...(holdsState
          ? {
              state: (approval_id: string) =>
                office.states.seal(approval_id, {
                  who: office.pseudonym(caller.principal),
                  tool,
                  arguments: parameters,
                }),
            }
          : {}),
      });
    },
  );

  answerLooks(server, {
    office,
    callerOf: (ctx) => callerOf(visit, ctx),
    servers: async () => serversOf(office, await office.charter(), visit),
    ...(visit.server === undefined ? {} : { server: visit.server }),
    ...(visit.token === undefined ? {} : { token: visit.token }),
  });
  return server;
}

/** Names are `server.tool`, and as the server has them where one server was asked for. */
const nameFor = ({ server }: Visit, id: string): string =>
  server === undefined ? id : id.slice(server.length + 1);
const idFor = ({ server }: Visit, name: string): string =>
  server === undefined ? name : `${server}.${name}`;

function serversOf(
  { shelf }: ToolOffice,
  charter: Parameters<ToolOffice['shelf']['servers']>[0],
  { server }: Visit,
): readonly string[] {
  return shelf.servers(charter).filter((name) => server === undefined || name === server);
}

/** `traceparent` in `_meta` is honoured (MCP 2026-07-28, basic, "_meta"): the call belongs to the caller's trace. */
function callerOf({ caller }: Visit, ctx: ServerContext): Caller {
  const trace_id = parseTraceparent(traceOf(ctx).get('traceparent'))?.trace_id;
  return trace_id === undefined ? caller() : { ...caller(), trace: trace_id };
}

/** The trace headers of a call, which it has in `_meta`. */
const traceOf = ({ mcpReq: { _meta } }: ServerContext) => ({
  get(name: string): string | undefined {
    const said = _meta?.[name];
    return typeof said === 'string' ? said : undefined;
  },
});

/** By the conventions for MCP servers: in the trace that the call names, beside that of the request which brought it. */
function inSpan(
  office: ToolOffice,
  ctx: ServerContext,
  { trace }: Caller,
  tool: string,
  work: () => Promise<ToolAnswer>,
): Promise<ToolAnswer> {
  const attributes = {
    kind: 'server',
    trace_id: trace,
    ...callerSpanOf(traceOf(ctx), trace),
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
  } as const;
  return office.tracer.span(`tools/call ${tool}`, attributes, async (note) => {
    const answer = await spoken(work);
    const failed = answer.kind === 'called' && answer.data.error_type;
    note({ outcome: answer.kind, ...(failed ? { 'error.type': failed } : {}) });
    return answer;
  });
}

/** Only clients of 2026-07-28 can be told to open a URL and come back. */
function canOpenUrls(ctx: ServerContext): boolean {
  return opensUrls.safeParse(ctx.mcpReq.envelope).success;
}

const object = z.looseObject({});
const opensUrls = z.looseObject({
  [CLIENT_CAPABILITIES_META_KEY]: z.looseObject({ elicitation: z.looseObject({ url: object }) }),
});

/** The SDK has read it from JSON. */
function asJson(value: Record<string, unknown>): JsonObject {
  return value as JsonObject;
}
function asValue(value: unknown): Json {
  return value as Json;
}
