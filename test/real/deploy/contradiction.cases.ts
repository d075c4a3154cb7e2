/**
 * The deployed ledger contradicts itself, as somebody with rights to its tables could bring about: nothing is
 * acknowledged by any function while that stands, readiness names it, what fires the alert is written, and once it is put right
 * all of them go on by themselves, with everything that was acknowledged before.
 */
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import { typeOfBytes } from '../../../src/ledger/bytes.ts';
import { patrolVerdict } from '../../../src/ledger/check/patrol-round.ts';
import { sealerVerdict } from '../../../src/ledger/check/start-check.ts';
import { directory, laneItems } from '../../../src/ledger/lane/directory.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Attributes, Item, Table } from '../../../src/ports.ts';
import type { Answer, Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

/** Writers go by a verdict of five seconds, readiness by one of ten; the rest is a cold start beside others. */
const PATIENCE = { timeout: 60_000, interval: 250 };

interface Way {
  readonly name: string;
  /** What the finding is about: whoever looks from another side may name the other of two that contradict one another. */
  readonly head: RegExp;
  /** Makes it so. @returns puts it right */
  readonly make: (ledger: Table) => Promise<() => Promise<unknown>>;
}

const withoutKey = ({ pk: _pk, sk: _sk, ...attributes }: Item): Omit<Item, 'pk' | 'sk'> => attributes;

/** Changes the lock, which nobody but the sealer may. */
const lockOf = (changed: (lock: Item) => Attributes) => async (ledger: Table) => {
  const lock = await ledger.get('LOG', 'LOCK');
  if (lock === undefined) throw new Error('nothing is sealed yet');
  await ledger.merge('LOG', 'LOCK', changed(lock));
  return () => ledger.merge('LOG', 'LOCK', withoutKey(lock));
};

const WAYS: readonly Way[] = [
  {
    name: 'the lock goes back behind a checkpoint that was signed',
    head: /^(?:lock|worm)/,
    make: lockOf(() => ({ size: 0, note: '', lanes: '', from: 0, last_lane: 0 })),
  },
  {
    name: 'the lock is ahead of its checkpoint',
    head: /^lock/,
    make: lockOf(({ size }) => ({ size: Number(size) + 1 })),
  },
];

export function contradictions(deployed: () => Deployment): void {
  describe('while the deployed ledger contradicts itself', () => {
    let ledger: Table;
    let state: Table;
    const tokens: Record<string, string> = {};
    let visits = 0;

    beforeAll(async () => {
      ledger = deployed().ledgerTable();
      state = deployed().table('state');
      for (const [sub, role] of [
        ['olive', 'operator'],
        ['aude', 'auditor'],
      ] as const)
        tokens[sub] = await deployed().issuer.mint({
          sub,
          name: `${sub} Person`,
          roles: [role],
          kind: 'human',
        });
    });

    const call = (who: string, route: string, body?: unknown) =>
      deployed().call(route, { token: tokens[who] ?? '', ...(body === undefined ? {} : { body }) });

    /** Of each function that acknowledges to somebody: whether it did. */
    const acknowledging: Readonly<Record<string, () => Promise<boolean>>> = {
      gate: async () => said(await call('olive', 'POST /decisions', ASK)),
      govern: async () => said(await call('olive', 'POST /charter/metrics/validate', SAMPLE)),
      mcp: async () => said(await call('olive', 'POST /missions', MISSION)),
      audit: async () => said(await call('aude', 'GET /ledger/entries?limit=1')),
      live: async () => {
        const event = {
          headers: { authorization: `Bearer ${tokens.aude}` },
          requestContext: { connectionId: `nobody-${++visits}`, eventType: 'CONNECT' },
        };
        const { answer } = await deployed().invoke('live', event);
        return saidStatus(JSON.parse(answer).statusCode);
      },
      // It has nobody to refuse: it fails, and EventBridge tells it again.
      tripwire: async () => !(await deployed().invoke('tripwire', BY_HAND)).failed,
    };
    const all = async (acknowledges: boolean) =>
      Promise.all(
        Object.entries(acknowledging).map(([name, ask]) =>
          expect.poll(ask, { ...PATIENCE, message: name }).toBe(acknowledges),
        ),
      );

    const types = async (): Promise<Map<string, string>> => {
      const found = new Map<string, string>();
      const numbers: number[] = [];
      for await (const { sk } of directory(ledger, 1)) numbers.push(Number(sk));
      await Promise.all(
        numbers.map(async (lane) => {
          for await (const { sk, b } of laneItems(ledger, lane, 0))
            if (b instanceof Uint8Array) found.set(`${lane}.${Number(sk)}`, typeOfBytes(b) ?? '');
        }),
      );
      return found;
    };

    /** The sealer is woken by its schedule, here by hand. */
    const found = async () => {
      await deployed().invoke('seal', { source: 'schedule' });
      for (const look of [await sealerVerdict(state).read(), await patrolVerdict(state)])
        if (look?.sound === false) return look.head;
      return 'nothing';
    };

    it.each(WAYS)(
      '$name',
      async ({ head, make }) => {
        const acknowledged = await types();
        const began = Date.now();
        const mend = await make(ledger);
        let mended = false;
        try {
          await expect.poll(found, PATIENCE).toMatch(head);
          const ready = () => deployed().call('GET /health/ready');
          await Promise.all([
            all(false),
            expect.poll(async () => findingIn(await ready()), PATIENCE).toMatch(head),
          ]);
          const before = await types();
          await Promise.all([
            ...Object.values(acknowledging).map((ask) => ask()),
            ...['heal', 'sweep', 'settle', 'notify', 'seal', 'broadcast'].map((name) =>
              deployed().invoke(name, { source: 'schedule' }),
            ),
          ]);
          const during = await types();
          const added = [...during].filter(
            ([id, type]) => !before.has(id) && type !== 'security.tamper_detected',
          );
          expect(added).toEqual([]);
          expect(await firesTheAlert(deployed(), began)).toBe(true);

          await mend();
          mended = true;
          await expect.poll(found, PATIENCE).toBe('nothing');
          await all(true);
          const after = await types();
          expect([...acknowledged.keys()].filter((id) => !after.has(id))).toEqual([]);
        } finally {
          if (!mended) await mend();
        }
      },
      180_000,
    );

    it('nothing of it is left: ready, on record, and every record verifies', async () => {
      await expect.poll(async () => (await deployed().call('GET /health/ready')).status, PATIENCE).toBe(200);
      // Over a contradiction of its heads nothing was recorded, not even the alarm: by now it is.
      const { entries } = await readEntries(ledger, { type: 'security.tamper_detected' }, { limit: 100 });
      expect(entries.map(({ record }) => record.data)).toContainEqual(
        expect.objectContaining({ kind: 'head_conflict', head: 'lock' }),
      );
      const { out } = await deployed().chancery(['ledger', 'verify', '--json']);
      const { findings } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
      const wrong = findings.filter(
        ({ verdict }: { verdict: string }) => !['PENDING', 'ERASED'].includes(verdict),
      );
      expect(wrong).toEqual([]);
    }, 120_000);
  });
}

const ASK = {
  action: 'gateway:tool:invoke',
  resource: { type: 'tool', id: 'search-mcp.search' },
  parameters: { q: 'weather' },
};
const SAMPLE = { metric_name: 'latency_p50', value: 1, timestamp: '2026-01-01T00:00:00Z', source: 'node-1' };
const MISSION = {
  aim: {
    actor: { name: 'olive Person' },
    input: { sources: [{ type: 'api', description: 'notes' }] },
    mission: { objective: 'See what is acknowledged', success_criteria: ['it is known'] },
  },
  tools: ['search-mcp.search'],
};
/** As the rule hands it on when a policy of the log's bucket is changed. */
const BY_HAND = {
  'detail-type': 'AWS API Call via CloudTrail',
  detail: {
    eventID: 'e-contradiction',
    eventName: 'PutBucketPolicy',
    eventSource: 's3.amazonaws.com',
    requestParameters: { bucketName: `chancery-dev-log-${ACCOUNT}-${REGION}` },
  },
};

/** True when something was acknowledged, false when it was refused for the ledger's sake; throws on any other answer. */
function said({ status, body }: Answer): boolean {
  if (status === 503) expect(body.code).toBe('LEDGER_UNAVAILABLE');
  return saidStatus(status);
}

function saidStatus(status: number): boolean {
  expect([200, 201, 503]).toContain(status);
  return status !== 503;
}

function findingIn({ status, body }: Answer): string {
  if (status !== 503) return '';
  const { details } = body.checks.find(({ name }: { name: string }) => name === 'ledger');
  return String(details.finding);
}

/** The sealer's log has a figure that LedgerIntegrityFailure or LedgerTamperEvent looks at: CloudWatch itself would read it off there. */
async function firesTheAlert({ ministack }: Deployment, since: number): Promise<boolean> {
  const client = new CloudWatchLogsClient({
    region: REGION,
    endpoint: ministack.endpoint,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' },
  });
  const logGroupName = '/chancery/dev/seal';
  for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName, startTime: since }))
    for (const { message = '' } of events)
      if (/"Result":"(?:TRUNCATED|MODIFIED|MISSING|FORK|DUPLICATE)"|"LedgerTamperEvents":/.test(message))
        return true;
  return false;
}
