/** `chancery mcp wrap` as an agent's configuration starts it: each of its options does what the page says. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { personHere } from '../../local/mcp-agent.ts';
import { dataPaths } from '../../local/stores.ts';
import { DEV_ISSUER } from '../../src/identity/development.ts';
import { openPersonal } from '../../src/ledger/people/personal.ts';
import { createPseudonym } from '../../src/ledger/people/pseudonym.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { recordsOf } from '../observe/scrape.ts';
import { PROJECT } from '../runtime/support.ts';
import { SERVER } from './world.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-wrap-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One call of `echo` through a server that is wrapped so, and its records when everything has ended. */
async function called(data: string, options: readonly string[]): Promise<readonly LedgerRecord[]> {
  const client = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(PROJECT, 'bin/chancery.ts'), 'mcp', 'wrap', ...options, '--', process.execPath, SERVER],
      env: { PATH: process.env.PATH ?? '', CHANCERY_DATA: data },
      cwd: PROJECT,
      stderr: 'ignore',
    }),
  );
  const answer = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
  expect(answer.isError).toBeUndefined();
  await client.close();
  return (await recordsOf(data)).filter(({ type }) => /^(?:decision|tool\.invoked)/.test(type));
}

/** What a record says of a person to whoever holds their key. */
async function opened(data: string, { personal }: LedgerRecord): Promise<unknown> {
  if (personal === undefined) throw new Error('nothing personal is in it');
  const [subject = '', generation = ''] = personal.key.split('.');
  const keys = openLedgerFile(dataPaths(data).subjects);
  try {
    const item = await keys.get(`SUBJECT#${subject}`, generation.padStart(6, '0'));
    if (!(item?.k instanceof Uint8Array)) throw new Error('there is no key');
    return openPersonal(personal, item.k);
  } finally {
    keys.close();
  }
}

it.each([
  ['whoever --as names', ['--as', 'dora'], 'dora'],
  ['who is signed in', [], personHere()],
])(
  'decides for %s: under their pseudonym, with their name sealed',
  async (_who, options, sub) => {
    const data = join(folder, options.join('') || 'data');
    const records = await called(data, options);
    expect(records.map(({ type }) => type)).toEqual(['decision.made', 'tool.invoked']);
    const key = Buffer.from(readFileSync(dataPaths(data).pseudonymKey, 'utf8').trim(), 'hex');
    const subject = createPseudonym(key, DEV_ISSUER.issuer)({ issuer: DEV_ISSUER.issuer, sub });
    expect(records.map((record) => record.subject)).toEqual([subject, subject]);
    const [decision] = records;
    if (decision === undefined) throw new Error('nothing was decided');
    expect(await opened(data, decision)).toMatchObject({ sub, name: sub });
  },
  60_000,
);
