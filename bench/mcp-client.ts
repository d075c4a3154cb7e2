/**
 * The least that is a client of the protocol: one connection, one message after the other, nothing checked but the answer. The SDK's
 * client takes a core at 1,400 calls a second, which would be measured in place of what it calls.
 */
import { Agent, request } from 'node:http';

export interface McpClient {
  /** Calls the tool. Throws when the answer is an error. */
  call(tool: string): Promise<void>;
  close(): void;
}

/** Speaks revision 2026-07-28; where that is refused it begins with `initialize`, and keeps the session that it is given. */
export async function openClient(url: URL, token: string | undefined): Promise<McpClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let session: Record<string, string> = {};
  let id = 0;

  function post(message: object, headers: Record<string, string>): Promise<Answer> {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    return new Promise((answered, failed) => {
      const outgoing = request(url, {
        agent,
        method: 'POST',
        headers: {
          ...bearer,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          'content-length': body.length,
          ...headers,
        },
      });
      outgoing.on('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        incoming.on('error', failed).on('end', () => {
          const { statusCode: status = 0, headers: said } = incoming;
          answered({ status, text, session: said['mcp-session-id'] });
        });
      });
      outgoing.on('error', failed).end(body);
    });
  }

  const modern = (tool: string): Message => ({
    message: { id: ++id, method: 'tools/call', params: { name: tool, arguments: SAID, _meta: ENVELOPE } },
    headers: { 'mcp-protocol-version': REVISION, 'mcp-method': 'tools/call', 'mcp-name': tool },
  });
  const older = (tool: string): Message => ({
    message: { id: ++id, method: 'tools/call', params: { name: tool, arguments: SAID } },
    headers: session,
  });

  const probe = await post(
    { id: ++id, method: 'server/discover', params: { _meta: ENVELOPE } },
    { 'mcp-protocol-version': REVISION, 'mcp-method': 'server/discover' },
  );
  let asked = modern;
  if (!probe.text.includes('"supportedVersions"')) {
    const params = { protocolVersion: OLDER, capabilities: {}, clientInfo: CLIENT };
    const begun = await post({ id: ++id, method: 'initialize', params }, {});
    session = { 'mcp-protocol-version': OLDER };
    if (begun.session !== undefined) session['mcp-session-id'] = String(begun.session);
    await post({ method: 'notifications/initialized' }, session);
    asked = older;
  }
  return {
    async call(tool) {
      const { message, headers } = asked(tool);
      const { status, text } = await post(message, headers);
      if (status !== 200 || !text.includes(`echo {\\"text`)) throw new Error(`${status} ${text}`);
    },
    close: () => agent.destroy(),
  };
}

interface Message {
  readonly message: object;
  readonly headers: Record<string, string>;
}
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly session: string | readonly string[] | undefined;
}

const REVISION = '2026-07-28';
const OLDER = '2025-06-18';
const CLIENT = { name: 'bench', version: '1' };
const SAID = { text: 'hello' };
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};
