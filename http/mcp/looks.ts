/** Resources and prompts of the servers behind the office, under its names: `server.prompt`, and `server+scheme:…`. */
import {
  type GetPromptResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Caller } from '../../src/decision/question.ts';
import { type Look, lookAt, type ServerLooked } from '../../src/gate/server-look.ts';
import type { ToolOffice } from '../../src/gate/tool-call.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { spoken } from './spoken.ts';

export interface Lookout {
  readonly office: ToolOffice;
  readonly callerOf: (ctx: ServerContext) => Caller;
  /** The one server that was asked for; undefined: all. */
  readonly server?: string;
  readonly servers: () => Promise<readonly string[]>;
  readonly token?: string;
}

/** Of one list of one server: a server that always has another is not asked for ever. */
const MOST_PAGES = 20;

/** Lists come whole here. Throws ProtocolError for a cursor, which nobody was given (MCP 2026-07-28, server/utilities/pagination). */
export function refuseCursor(params: { readonly cursor?: unknown } | undefined): void {
  if (params?.cursor !== undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'A list comes whole here: no cursor was given, and none is taken',
    );
}

export function answerLooks(face: Server, lookout: Lookout): void {
  const { office, server: only } = lookout;
  const cached = { ttlMs: 0, cacheScope: 'private' as const };

  async function look(ctx: ServerContext, asked: Omit<Look, 'signal' | 'caller'>): Promise<ServerLooked> {
    const { token } = lookout;
    const more = { signal: ctx.mcpReq.signal, ...(token === undefined ? {} : { caller: token }) };
    return spoken(() => lookAt(office, lookout.callerOf(ctx), { ...asked, ...more }));
  }

  /** The lists of all servers, one behind the other; of one that shows none, or may not be looked at, nothing. */
  async function gathered(
    ctx: ServerContext,
    method: Look['method'],
    member: string,
    renamed: (entry: JsonObject, server: string) => JsonObject,
  ): Promise<JsonObject[]> {
    const found: JsonObject[] = [];
    for (const server of await lookout.servers()) {
      let params: JsonObject = {};
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const seen = await look(ctx, { server, method, params });
        const list = seen.kind === 'seen' ? seen.answer[member] : undefined;
        if (seen.kind !== 'seen' || !Array.isArray(list)) break;
        for (const entry of list) if (isObject(entry)) found.push(renamed(entry, server));
        const { nextCursor } = seen.answer;
        if (typeof nextCursor !== 'string') break;
        params = { cursor: nextCursor };
      }
    }
    return found;
  }

  async function one(ctx: ServerContext, asked: Omit<Look, 'signal' | 'caller'>): Promise<JsonObject> {
    const seen = await look(ctx, asked);
    if (seen.kind === 'seen') return seen.answer;
    if (seen.kind === 'failed')
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${asked.server}: ${seen.fault.message}`, {
        code: 'EXECUTION_FAILED',
        reasons: [{ code: seen.fault.kind, message: seen.fault.message, kind: 'invalid' }],
      });
    const { decision, decision_id } = seen.weighed;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, decision.reasons[0]?.message ?? 'Denied.', {
      code: seen.code,
      reasons: decision.reasons.map((reason) => ({ ...reason })),
      decision_id,
    });
  }

  const uriFor = (uri: string, server: string): string => (only === undefined ? `${server}+${uri}` : uri);
  const nameFor = (name: string, server: string): string => (only === undefined ? `${server}.${name}` : name);
  const parted = async (name: string, sign: string): Promise<{ server: string; own: string }> => {
    if (only !== undefined) return { server: only, own: name };
    const server = (await lookout.servers()).find((each) => name.startsWith(`${each}${sign}`));
    if (server === undefined)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `no server shows ${JSON.stringify(name.slice(0, 128))}`,
      );
    return { server, own: name.slice(server.length + sign.length) };
  };

  face.setRequestHandler('resources/list', async ({ params }, ctx) => {
    refuseCursor(params);
    const resources = await gathered(ctx, 'resources/list', 'resources', (entry, server) => ({
      ...entry,
      uri: uriFor(String(entry.uri), server),
    }));
    // Each came through the client, which parsed it by the protocol's schema.
    return { resources: resources as never, ...cached };
  });
  face.setRequestHandler('resources/templates/list', async ({ params }, ctx) => {
    refuseCursor(params);
    const templates = await gathered(
      ctx,
      'resources/templates/list',
      'resourceTemplates',
      (entry, server) => ({
        ...entry,
        uriTemplate: uriFor(String(entry.uriTemplate), server),
      }),
    );
    return { resourceTemplates: templates as never, ...cached };
  });
  face.setRequestHandler('resources/read', async ({ params }, ctx) => {
    const { server, own } = await parted(params.uri, '+');
    const answer = await one(ctx, { server, method: 'resources/read', params: { uri: own } });
    const contents = Array.isArray(answer.contents) ? answer.contents : [];
    const named = contents
      .filter(isObject)
      .map((part) => ({ ...part, uri: uriFor(String(part.uri), server) }));
    return { contents: named, ...cached } as unknown as ReadResourceResult;
  });
  face.setRequestHandler('prompts/list', async ({ params }, ctx) => {
    refuseCursor(params);
    const prompts = await gathered(ctx, 'prompts/list', 'prompts', (entry, server) => ({
      ...entry,
      name: nameFor(String(entry.name), server),
    }));
    return { prompts: prompts as never, ...cached };
  });
  face.setRequestHandler('prompts/get', async ({ params }, ctx) => {
    const { server, own } = await parted(params.name, '.');
    const given = params.arguments === undefined ? {} : { arguments: { ...params.arguments } };
    const answer = await one(ctx, { server, method: 'prompts/get', params: { name: own, ...given } });
    const { messages, description } = answer;
    const prompt = { messages, ...(description === undefined ? {} : { description }) };
    return prompt as unknown as GetPromptResult;
  });
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
