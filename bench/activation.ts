/**
 * Activating a charter while 500 decisions a second come in (open loop: the next request does not wait for the
 * last answer). Counts what was lost and which charter each record names. Load and runtime share one process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleWith } from '../test/charter/world.ts';
import { type Answered, governed, startTestRuntime } from '../test/runtime/support.ts';
import { percentile, type Table, table } from './table.ts';

const PER_SECOND = 500;
const SECONDS = 6;
const FORBID = {
  'policies/out.cedar':
    '@id("operators-out")\nforbid (principal in Chancery::Role::"operator", action, resource is Chancery::Workflow);\n',
};

interface Seen {
  readonly answer: Answered;
  readonly ms: number;
}

export async function benchActivation(): Promise<Table> {
  const chancery = await startTestRuntime();
  try {
    const member = (sub: string) => chancery.token({ sub, name: sub, roles: ['committee_member'] });
    const [ann, ben] = [await member('ann'), await member('ben')];
    const author = await chancery.token({ sub: 'root', roles: ['admin'] });
    const files = Object.fromEntries(bundleWith(FORBID));
    const { id } = (await chancery.call('POST', '/charters', { token: author, body: { files } })).body;
    const acknowledged = { acknowledge: ['allow_to_deny'] };
    const operator = await chancery.token();
    const ask = () =>
      chancery.call('POST', '/decisions', {
        token: operator,
        body: governed({ options: { explain: 'none' } }),
      });
    for (let warm = 0; warm < 200; warm += 1) await ask();
    await chancery.call('POST', `/charters/${id}/replay`, { token: ann, body: {} });
    await chancery.call('POST', `/charters/${id}/activate`, { token: ann, body: acknowledged });

    const sent: Promise<Seen>[] = [];
    const began = performance.now();
    const activated = sleep((SECONDS * 1_000) / 2).then(() =>
      chancery.call('POST', `/charters/${id}/activate`, { token: ben, body: acknowledged }),
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
    await chancery.stop();
  }
}
