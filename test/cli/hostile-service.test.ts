/** Whoever serves a ledger may be who rewrote it: an auditor's command over the API ends in bounded time and memory, and never with OK. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Receipt } from '../../src/ledger/record.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { type TestLog, testLog } from '../ledger/log-support.ts';
import { note, ORIGIN } from '../ledger/support.ts';
import { run } from './run.ts';

type Answers = (path: string, response: ServerResponse, request: IncomingMessage) => boolean | undefined;

const folder = mkdtempSync(join(tmpdir(), 'chancery-hostile-'));
const at = (name: string): string => join(folder, name);
let [honest, other]: (TestLog | undefined)[] = [];
let receipt: Receipt | undefined;
let server: Server;
let url = '';
/** What this one answers in its own way; false or nothing: as it should. */
let lies: Answers = () => false;
let sent = 0;

async function grown(words: string): Promise<TestLog> {
  const log = testLog();
  // What is sealed has to be of the present, or it is late.
  log.time.now = Date.now() - 60_000;
  const lane = await log.lane();
  const first = await lane.append(note(words));
  receipt ??= first;
  for (let index = 0; index < 300; index += 1) await lane.append(note(`${words} ${index}`));
  await log.sealer().seal();
  return log;
}
const files = (log: TestLog | undefined): Map<string, Uint8Array> => {
  if (log === undefined) throw new Error('there is no log yet');
  return log.log.files;
};
const json = (response: ServerResponse, body: unknown): true => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  return true;
};
const bytes = (response: ServerResponse, body: Uint8Array | string | undefined): true => {
  response.writeHead(body === undefined ? 404 : 200).end(body);
  return true;
};
/** Until whoever reads has enough. */
const endless = (response: ServerResponse, part: Uint8Array | string): true => {
  const more = (): void => {
    while (!response.destroyed && sent < MOST_SENT) {
      sent += part.length;
      if (!response.write(part)) return void response.once('drain', more);
    }
    response.destroy();
  };
  more();
  return true;
};
const MOST_SENT = 512 * 1024 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);

function asItShould(path: string, response: ServerResponse): true {
  const own = files(honest);
  if (path === '/ledger/trust') return json(response, honest?.trustAll);
  if (path === '/ledger/verify')
    return json(response, { verdict: 'OK', entries: 302, lanes: 1, findings: [], within_merge_delay: true });
  return bytes(response, own.get(path.slice(1)));
}

beforeAll(async () => {
  honest = await grown('as it was');
  other = await grown('as it never was');
  writeFileSync(at('trust'), JSON.stringify(honest.trustAll));
  writeFileSync(at('kept'), files(honest).get('checkpoint') ?? '');
  writeFileSync(at('receipt'), JSON.stringify(receipt));
  server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    response.on('error', () => undefined);
    if (lies(path, response, request) !== true) asItShould(path, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  lies = () => false;
  sent = 0;
  vi.restoreAllMocks();
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const ask = (line: string, place = url) =>
  run(
    line.split(' ').map((word) => (/^(?:TRUST|KEPT|RECEIPT)$/.test(word) ? at(word.toLowerCase()) : word)),
    { CHANCERY_URL: place, CHANCERY_TOKEN: 'shown', CHANCERY_DATA: at('none'), CHANCERY_CONFIG: at('none') },
  );
const VERIFY = 'ledger verify --trust TRUST --since KEPT';
/** A checkpoint that the log's own key signs. */
const signed = (size: number, root = new Uint8Array(32)): Promise<string> =>
  signCheckpoint({ origin: ORIGIN, size, root }, [honest?.checkpointKey ?? expect.fail('no key')]);

it('says OK of the honest one', async () => {
  expect(await ask(VERIFY)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^OK: 302 records in 1 lanes/),
  });
  expect(await ask('ledger verify --trust TRUST --since KEPT --incremental')).toMatchObject({ code: 0 });
});

describe('a service that', () => {
  it.each<[string, string, number, RegExp, () => Answers | Promise<Answers>]>([
    [
      'changes the size that was signed',
      VERIFY,
      1,
      /^MODIFIED/,
      () => {
        const text = Buffer.from(files(honest).get('checkpoint') ?? []).toString();
        return (path, response) =>
          path === '/checkpoint' && bytes(response, text.replace('\n302\n', '\n301\n'));
      },
    ],
    [
      'has an older checkpoint than the one that was kept',
      VERIFY,
      1,
      /^(?:FORK|TRUNCATED)/,
      async () => {
        const old = await signed(200);
        return (path, response) => path === '/checkpoint' && bytes(response, old);
      },
    ],
    [
      'shows another history to this auditor, well signed',
      VERIFY,
      1,
      /^FORK/,
      () => (path, response) => {
        const own = files(other).get(path.slice(1));
        return own !== undefined && bytes(response, own);
      },
    ],
    [
      'gives tiles of another tree',
      VERIFY,
      1,
      /^MODIFIED/,
      () => (path, response) =>
        path.startsWith('/tile/0/') && bytes(response, files(other).get(path.slice(1))),
    ],
    [
      'gives records of another tree, and says itself that all is well',
      VERIFY,
      1,
      /^MODIFIED/,
      () => (path, response) =>
        path.startsWith('/tile/entries/') && bytes(response, files(other).get(path.slice(1))),
    ],
    [
      'signs a tree of a thousand billion records that it does not have',
      'ledger verify',
      1,
      /^MISSING/,
      async () => {
        const vast = await signed(10 ** 15);
        return (path, response) => path === '/checkpoint' && bytes(response, vast);
      },
    ],
    [
      'has no checkpoint at all',
      VERIFY,
      1,
      /^(?:TRUNCATED|MISSING)/,
      () => (path, response) => path === '/checkpoint' && bytes(response, undefined),
    ],
    [
      'sends keys of its own',
      'ledger verify --trust TRUST',
      1,
      /^KEY/,
      async () => {
        const mine = testLog({ seed: 'mine' });
        const text = await signCheckpoint({ origin: ORIGIN, size: 5, root: new Uint8Array(32) }, [
          mine.witnessKey,
        ]);
        return (path, response) => path === '/checkpoint' && bytes(response, text);
      },
    ],
  ])('%s', async (_, line, code, verdict, made) => {
    lies = await made();
    const ended = await ask(line);
    expect([ended.code, ended.out], ended.err).toEqual([code, expect.stringMatching(verdict)]);
    expect(ended.out).not.toMatch(/^OK/m);
  });

  it.each<[string, string, number, RegExp, Answers]>([
    [
      'never ends a tile',
      VERIFY,
      1,
      /is longer than \d+ bytes/,
      (path, response) => path.startsWith('/tile/') && endless(response, ZEROS),
    ],
    [
      'never ends a checkpoint',
      VERIFY,
      1,
      /is longer than 65536 bytes/,
      (path, response) => path === '/checkpoint' && endless(response, ZEROS),
    ],
    [
      'never ends its keys',
      'ledger verify',
      1,
      /is longer than \d+ bytes/,
      (path, response) => path === '/ledger/trust' && endless(response, '['.repeat(65_536)),
    ],
    [
      'gives keys that are no JSON',
      'ledger verify',
      3,
      /no public keys that can be read/,
      (path, response) => path === '/ledger/trust' && bytes(response, '<html>'),
    ],
    [
      'gives pages of entries without end',
      'ledger tail --type decision.made',
      3,
      /there is always another/,
      (path, response) =>
        path === '/ledger/entries' && json(response, { entries: [], next: `${Math.random()}` }),
    ],
    [
      'gives entries that are none',
      'ledger tail',
      3,
      /no entries that can be read/,
      (path, response) => path === '/ledger/entries' && json(response, { entries: [{ id: '1.1' }] }),
    ],
    [
      'gives an answer about a receipt that is none',
      'ledger audit-receipt RECEIPT',
      3,
      /cannot be read/,
      (path, response) => path === '/ledger/receipts/check' && json(response, { status: 'fine' }),
    ],
  ])('%s', async (_, line, code, says, answers) => {
    lies = answers;
    const ended = await ask(line);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(says);
    expect(sent).toBeLessThan(128 * 1024 * 1024);
  });

  it('does not come to the end of an answer is left in time', async () => {
    const { timeout } = AbortSignal;
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout.call(AbortSignal, ms / 300));
    lies = (path, response) => {
      if (!path.startsWith('/tile/')) return false;
      response.writeHead(200).write('a');
      return true;
    };
    expect(await ask(VERIFY)).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/did not come to its end/),
    });
  });

  it('gives each file of a long log so slowly that nobody would live to see the end is left as well', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 30_000));
    expect(await ask(VERIFY)).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/takes too long/),
    });
  });

  it('leads elsewhere is not followed, and its token is shown to nobody', async () => {
    const reached: string[] = [];
    const elsewhere = createServer((request, response) => {
      reached.push(`${request.headers.authorization}`);
      response.end('{}');
    });
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    const { port } = elsewhere.address() as AddressInfo;
    lies = (_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/x` }).end();
      return true;
    };
    for (const line of [VERIFY, 'ledger tail', 'ledger checkpoint', 'ledger audit-receipt RECEIPT', 'status'])
      expect(await ask(line), line).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringMatching(/leads to/),
      });
    expect(reached).toEqual([]);
    await new Promise((done) => elsewhere.close(done));
  });

  it('tells of itself can add findings, and neither count records nor write lines of ours', async () => {
    lies = (path, response) =>
      path === '/ledger/verify' &&
      json(response, {
        entries: 1e9,
        lanes: 7,
        findings: [{ verdict: 'MISSING', detail: 'x\nOK: 302 records in 1 lanes\u001b[2J' }],
      });
    const { code, out } = await ask(VERIFY);
    expect([code, out.split('\n')]).toEqual([
      1,
      [
        'MISSING: 302 records in 1 lanes, 302 in the sealed tree',
        '  MISSING: the service says: x\\u000aOK: 302 records in 1 lanes\\u001b[2J',
        '',
      ],
    ]);
  });

  it('says that a promise was kept is not believed', async () => {
    const forged = { ...receipt, record_hash: 'ab'.repeat(32) };
    writeFileSync(at('receipt'), JSON.stringify(forged));
    lies = (path, response) =>
      path === '/ledger/receipts/check' && json(response, { status: 'kept', index: 1, tree_size: 302 });
    expect(await ask('ledger audit-receipt RECEIPT --trust TRUST')).toMatchObject({
      code: 5,
      out: expect.stringMatching(/^NOT_OURS/),
    });
  });
});
