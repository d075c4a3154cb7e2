/** A server of one tool over HTTP, by the official SDK, in a process of its own: `node bench/mcp-upstream.ts PORT`. */
import { createServer } from 'node:http';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';

const handler = createMcpHandler(() => {
  const server = new Server({ name: 'upstream', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: [
      {
        name: 'echo',
        description: 'Says what it is told.',
        inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      },
    ],
  }));
  server.setRequestHandler('tools/call', ({ params }) => ({
    content: [{ type: 'text', text: `echo ${JSON.stringify(params.arguments)}` }],
  }));
  return server;
});

createServer(async (incoming, outgoing) => {
  if (incoming.url === '/ping') {
    outgoing.end('up');
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const text = Buffer.concat(chunks).toString('utf8');
  const request = new Request('http://upstream/mcp', { method: incoming.method ?? 'GET', headers });
  const response = await handler.fetch(request, text === '' ? {} : { parsedBody: JSON.parse(text) });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}).listen(Number(process.argv[2]), '127.0.0.1');
