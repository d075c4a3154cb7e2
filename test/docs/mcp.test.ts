/** docs/mcp.md does what it says. What it wraps and what clients it serves is shown by real servers and clients in test/real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gatewayDocument } from '../../src/charter/documents.ts';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

const blocks = blocksOf('docs/mcp.md');
const of = (language: string) => blocks.filter((block) => block.language === language);

describe('docs/mcp.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(['docs/examples']);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  }, 60_000);
  afterAll(() => reader.close());

  it('shows configurations of clients that start one of the two commands', () => {
    const servers = of('json')
      .map(({ text }) => JSON.parse(text))
      .flatMap(({ mcpServers = {} }) => Object.values<{ command: string; args: string[] }>(mcpServers));
    // From wherever the client stands: by whole paths to what `npm ci` leaves in the project.
    const started = servers.map(({ command, args }) => [command, ...args.slice(0, 3)].join(' '));
    const chancery = '/home/me/chancery/node_modules/.bin/node /home/me/chancery/bin/chancery.ts';
    expect(started).toEqual([`${chancery} mcp wrap`, `${chancery} mcp`]);
  });

  it('lists servers and tools as a charter takes them', () => {
    const [listed] = of('yaml');
    const read = gatewayDocument.pick({ servers: true, tools: true }).safeParse(parse(listed?.text ?? ''));
    expect(read.error?.issues ?? []).toEqual([]);
  });

  it('registers a mission', async () => {
    const registering = of('sh').find(({ text }) => text.includes('missions register'));
    if (registering === undefined) throw new Error('the page registers no mission');
    expect(JSON.parse(await reader.follow(registering))).toMatchObject({
      mission_id: expect.stringMatching(/^mis_/),
      status: 'open',
      tools: ['github.*'],
      max_calls: 20,
    });
  });
});
