/**
 * From a record to those who listen: a thousand connections to a runtime in a process of its own, while executions are
 * asked for at a rate that makes 200 records a second. The time is from the record's own, before it is durable, to its
 * arrival in this process, by one clock.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { governed, PROJECT } from '../test/runtime/support.ts';
import { freePort } from '../test/support/free-port.ts';
import { answers, ended } from './child.ts';
import { percentile, show, type Table, table } from './table.ts';

const CONNECTIONS = 1_000;
/** Each makes two records. */
const EXECUTIONS_PER_SECOND = 100;
const SECONDS = 10;
/** As many connect at once. */
const DOOR = 50;

/** How many of them take everything; the others follow one person whom nothing happens to, as most pages do. */
const TAKERS = [50, 250, 1_000] as const;

export async function benchLive(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const takers of TAKERS) rows.push(await listening(takers));
  return table(
    `Live feed: record → client, ${CONNECTIONS} connections (goal p99 ≤ 250 ms at 200 records a second)`,
    [
      'take everything',
      'records a second',
      'messages a second',
      'due',
      'arrived',
      'cut off',
      'p50 ms',
      'p99 ms',
      'MB before',
      'MB most',
    ],
    rows,
  );
}

async function listening(takers: number): Promise<(string | number)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-live-'));
  const port = await freePort();
  const office = spawn(process.execPath, [join(PROJECT, 'bin/chancery.ts'), 'start'], {
    cwd: PROJECT,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      CHANCERY_DATA: folder,
      CHANCERY_TRACE_RATE: '0',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const sockets: WebSocket[] = [];
  try {
    await answers(`${url}/health/live`);
    const mint = (sub: string, name: string, roles: string[]): Promise<string> =>
      mintLocalToken(folder, { sub, name, roles, kind: 'human' }, Date.now());
    const auditor = await mint('ann', 'Ann Auditor', ['auditor']);
    const operator = await mint('jake', 'Jake Smith', ['operator']);
    const delays: number[] = [];
    let [arrived, cut] = [0, 0];
    const before = megabytes(office, 'VmRSS');
    for (let at = 0; at < CONNECTIONS; at += DOOR) {
      const some = Array.from({ length: DOOR }, (_, of) =>
        connect(
          `${url}/live?${at + of < takers ? 'type=decision.made&type=workflow.succeeded' : 'subject=nobody'}`,
          auditor,
        ),
      );
      for (const socket of await Promise.all(some)) {
        sockets.push(socket);
        socket.on('close', () => {
          cut += 1;
        });
        socket.on('message', (data: Buffer) => {
          const time = data.indexOf('"time":"2');
          if (!data.subarray(0, 16).includes('record') || time < 0) return;
          arrived += 1;
          delays.push(Date.now() - Date.parse(data.toString('latin1', time + 8, time + 32)));
        });
      }
    }
    await sleep(1_000);
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const began = performance.now();
    const asked: Promise<number>[] = [];
    while (performance.now() - began < SECONDS * 1_000) {
      const due = Math.floor(((performance.now() - began) / 1_000) * EXECUTIONS_PER_SECOND);
      while (asked.length < due) asked.push(execute(url, operator, agent));
      await sleep(5);
    }
    const statuses = await Promise.all(asked);
    const seconds = (performance.now() - began) / 1_000;
    const records = statuses.filter((status) => status === 200).length * 2;
    const due = records * takers;
    for (let waited = 0; waited < 30 && arrived < due && cut === 0; waited += 1) await sleep(100);
    agent.destroy();
    delays.sort((one, other) => one - other);
    return [
      takers,
      Math.round(records / seconds),
      Math.round(due / seconds),
      due,
      arrived,
      cut,
      percentile(delays, 0.5),
      percentile(delays, 0.99),
      before,
      megabytes(office, 'VmHWM'),
    ];
  } finally {
    for (const socket of sockets) socket.removeAllListeners('close').terminate();
    await ended(office);
    rmSync(folder, { recursive: true });
  }
}

const connect = (url: string, token: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });

function execute(url: string, token: string, agent: Agent): Promise<number> {
  const body = JSON.stringify(governed());
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/workflows/governed/execute`,
      { method: 'POST', headers, agent },
      (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    asked.once('error', reject).end(body);
  });
}

/** Of a process, as Linux tells it. */
function megabytes({ pid }: ChildProcess, of: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${of}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
}

if (import.meta.main) console.log(show(await benchLive()));
