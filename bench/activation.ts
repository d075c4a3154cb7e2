/**
 * Activating a charter while 500 decisions a second come in (open loop: the next request does not wait for the
 * last answer) at a runtime in a process of its own. Counts what was lost and which charter each record names.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { bundleWith } from '../test/charter/world.ts';
import { governed } from '../test/runtime/support.ts';
import { startProcess } from '../test/support/process.ts';
import { percentile, type Table, table } from './table.ts';

const PER_SECOND = 500;
const SECONDS = 6;
const FORBID = {
  'policies/out.cedar':
    '@id("operators-out")\nforbid (principal in Chancery::Role::"operator", action, resource is Chancery::Workflow);\n',
};

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly outcome?: string;
    readonly activated?: boolean;
    readonly charter?: { readonly digest: string };
  };
}

interface Seen {
  readonly answer: Answer;
  readonly ms: number;
}

export async function benchActivation(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-activation-'));
  const runtime = await startProcess(folder);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const post = (path: string, token: string, body: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = request(`${runtime.url}${path}`, { method: 'POST', headers, agent }, (answer) => {
        text(answer).then(
          (said) => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(said) }),
          reject,
        );
      });
      sent.once('error', reject).end(JSON.stringify(body));
    });
  const mint = (sub: string, role: string, name = sub): Promise<string> =>
    mintLocalToken(folder, { sub, name, roles: [role], kind: 'human' }, Date.now());
  try {
    const [ann, ben] = [await mint('ann', 'committee_member'), await mint('ben', 'committee_member')];
    const files = Object.fromEntries(bundleWith(FORBID));
    const { id } = (await post('/charters', await mint('root', 'admin'), { files })).body;
    const acknowledged = { acknowledge: ['allow_to_deny'] };
    const operator = await mint('jake', 'operator', 'Jake Smith');
    const ask = (): Promise<Answer> =>
      post('/decisions', operator, governed({ options: { explain: 'none' } }));
    for (let warm = 0; warm < 200; warm += 1) await ask();
    await post(`/charters/${id}/replay`, ann, {});
    await post(`/charters/${id}/activate`, ann, acknowledged);

    const sent: Promise<Seen>[] = [];
    const began = performance.now();
    const activated = sleep((SECONDS * 1_000) / 2).then(() =>
      post(`/charters/${id}/activate`, ben, acknowledged),
    );
    while (performance.now() - began < SECONDS * 1_000) {
      const due = Math.floor(((performance.now() - began) / 1_000) * PER_SECOND);
      while (sent.length < due) {
        const at = performance.now();
        sent.push(ask().then((answer) => ({ answer, ms: performance.now() - at })));
      }
      await sleep(1);
    }
    const answers = await Promise.all(sent);
    const seconds = (performance.now() - began) / 1_000;
    if ((await activated).body.activated !== true) throw new Error('the charter was not activated');
    const times = answers.map(({ ms }) => ms).sort((left, right) => left - right);
    const lost = answers.filter(({ answer }) => answer.status !== 200).length;
    const under = answers.filter(({ answer }) => answer.body.charter?.digest === id).length;
    const wrong = answers.filter(
      ({ answer }) => (answer.body.outcome === 'deny') !== (answer.body.charter?.digest === id),
    ).length;
    return table(
      `Activating a charter at ${PER_SECOND} decisions a second`,
      [
        'decisions',
        'answered/s',
        'lost',
        'under the new charter',
        'judged by another than named',
        'p50 ms',
        'p99 ms',
      ],
      [
        [
          answers.length,
          Math.round(answers.length / seconds),
          lost,
          under,
          wrong,
          percentile(times, 0.5).toFixed(1),
          percentile(times, 0.99).toFixed(1),
        ],
      ],
    );
  } finally {
    agent.destroy();
    await runtime.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  }
}
