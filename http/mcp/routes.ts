/** `POST /mcp` and `POST /mcp/{server}`: the office as an MCP server over Streamable HTTP, without sessions. */
import { createMcpHandler, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { ERRORS, type Reason } from '../../src/errors.ts';
import { bodyFault } from '../../src/gate/answer.ts';
import { TOOL_SCOPE } from '../../src/gate/tool-question.ts';
import { readBody } from '../body.ts';
import { admitsOrigin } from '../origins.ts';
import { problem, send } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily, RouteSpec } from '../routes.ts';
import { faultOf, type MessageFault } from './envelope.ts';
import { approvalPage, type FaceDeps, openFace, type Visit } from './face.ts';
import { type McpResource, metadataPath } from './resource.ts';
import { tokenOf } from './token.ts';

export interface McpRoutesDeps extends Omit<FaceDeps, 'approvalUrl'> {
  readonly url: (c: Ctx) => string;
  readonly resource: McpResource;
}

export function mcpRoutes(deps: McpRoutesDeps): RouteFamily {
  const { office, resource } = deps;

  async function serve(c: Ctx): Promise<Response> {
    const server = c.req.param('server_name');
    const origin = c.req.header('origin');
    // A page in a browser that was led to this address must not speak for who sits there (MCP, transports, "Security warning").
    if (origin !== undefined && !admitsOrigin(resource.origins, origin))
      return problem(c, 'ORIGIN_REFUSED', `Requests from ${printable(origin)} are not taken here.`);
    if (server !== undefined && !office.shelf.servers(await office.charter()).includes(server))
      return problem(
        c,
        'NOT_FOUND',
        'The charter lists no server of this name that can be reached from here.',
      );
    const token = tokenOf(c);
    const visit: Visit = {
      caller: () => callerOf(c),
      ...(server === undefined ? {} : { server }),
      ...(token === undefined ? {} : { token }),
    };
    const approvalUrl = (approval_id: string): string => approvalPage(deps.url(c), approval_id);
    const body = await readBody(c);
    if (!body.ok) return unread(c, body.reason);
    const fault = faultOf(body.value, { method: c.req.header('mcp-method'), name: c.req.header('mcp-name') });
    if (fault !== undefined) return refused(c, fault);
    const handler = createMcpHandler(() => openFace({ ...deps, approvalUrl }, visit));
    return handler.fetch(c.req.raw, { parsedBody: body.value });
  }

  return (mount) => {
    // Not `:server`: oapi-codegen has a variable of that name.
    for (const path of ['/mcp', '/mcp/:server_name'] as const) {
      mount(route(path), serve);
      const described = metadataPath(path);
      mount(
        {
          method: 'get',
          path: described,
          scope: null,
          summary: 'Whose tokens are taken at the MCP server (RFC 9728)',
          tag: 'mcp',
        },
        (c) => c.json(resource.metadata(c, c.req.param('server_name'))),
      );
    }
  };
}

const route = (path: string): RouteSpec => ({
  method: 'post',
  path,
  scope: TOOL_SCOPE,
  standing: 'weighed',
  resource: metadataPath(path),
  summary:
    path === '/mcp'
      ? 'Model Context Protocol: the tools of all servers that the charter lists'
      : 'Model Context Protocol: the tools of one server',
  tag: 'mcp',
  produces: ['application/json', 'text/event-stream'],
  responses: {
    200: { description: 'An answer of the protocol, or a stream of it' },
    202: { description: 'A notification was taken' },
    400: { description: 'Not a message of the protocol, or its headers contradict its body' },
    403: { description: 'The token lacks the scope, or the origin is not known' },
    415: { description: 'Not JSON' },
  },
});

/**
 * What is no message at all, in the protocol's words: who asks here reads no others (JSON-RPC 2.0, section 5.1). Read before the SDK does, which
 * takes a name that stands twice: whoever reads only the first would see another call than is made.
 */
function unread(c: Ctx, reason: Reason): Response {
  const code = bodyFault(reason) ?? 'VALIDATION_ERROR';
  const error = {
    code: ProtocolErrorCode.ParseError,
    message: reason.message,
    data: { code, reasons: [{ ...reason }] },
  };
  return send(c, {
    status: ERRORS[code].status,
    body: { jsonrpc: '2.0', id: null, error },
    headers: {},
    governed: false,
  });
}

function refused(c: Ctx, { id, code, message }: MessageFault): Response {
  return send(c, {
    status: 400,
    body: { jsonrpc: '2.0', id, error: { code, message } },
    headers: {},
    governed: false,
  });
}

const printable = (text: string): string => JSON.stringify(text.slice(0, 128));
