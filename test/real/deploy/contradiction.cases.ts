/**
 * The deployed ledger contradicts itself, in each way that somebody with rights to its tables could bring about: nothing is
 * acknowledged by any function while that stands, readiness names it, what fires the alert is written, and once it is put right
 * all of them go on by themselves, with everything that was acknowledged before.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import { laneKey, placeOf, seqKey, typeOfBytes } from '../../../src/ledger/bytes.ts';
import { patrolVerdict } from '../../../src/ledger/check/patrol-round.ts';
import { sealerVerdict, VERDICT_MS } from '../../../src/ledger/check/start-check.ts';
import { directory, laneItems } from '../../../src/ledger/lane/directory.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import { readLock } from '../../../src/ledger/seal/lock.ts';
import { TILE_WIDTH } from '../../../src/ledger/tree/tiles.ts';
import type { Attributes, Item, Table } from '../../../src/ports.ts';
import type { Answer, Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';

/** Writers go by a verdict of five seconds, readiness by one of ten; the rest is a cold start beside others. */
const PATIENCE = { timeout: 60_000, interval: 250 };

interface Way {
  readonly name: string;
  /** What the finding is about: whoever looks from another side may name the other of two that contradict one another. */
  readonly head: RegExp;
  /** A finding that leaves places of lanes free: alarms are recorded meanwhile, and the tripwire records nothing else. */
  readonly alarmsPass?: boolean;
  /** Makes it so. @param decide has a decision recorded @returns puts it right */
  readonly make: (ledger: Table, decide: () => Promise<Answer>) => Promise<() => Promise<unknown>>;
}

/** An old one, that is no lane's certificate. */
async function sealedRecord(ledger: Table): Promise<Item> {
  const { last_lane } = await readLock(ledger);
  for (let lane = 1; lane <= last_lane; lane += 1) {
    const found = await ledger.get(laneKey(lane), seqKey(1));
    if (found !== undefined) return found;
  }
  throw new Error('no lane has a second record');
}

/** Puts a copy of a lane's last record behind it, though its writer goes on. */
async function forgeBehind(ledger: Table, lane: number): Promise<Item> {
  for (;;) {
    const [last] = (await ledger.query(laneKey(lane), { reverse: true, limit: 1 })).items;
    if (last === undefined) throw new Error(`nothing is in lane ${lane}`);
    const forged = { ...last, pk: last.pk, sk: seqKey(placeOf(last.sk) + 1) };
    if ((await ledger.put(forged, 'absent')).stored) return forged;
  }
}

/**
 * Changes the lock, which nobody but the sealer may. By its version: a round under way would otherwise swap over the change, and what
 * is put back later would be older than the tree.
 */
const lockOf = (changed: (lock: Item) => Attributes) => async (ledger: Table) => {
  for (;;) {
    const lock = await ledger.get('LOG', 'LOCK');
    if (lock === undefined) throw new Error('nothing is sealed yet');
    const version = Number(lock.version);
    const wrong = { ...lock, ...changed(lock), version: version + 1 };
    if (!(await ledger.put({ ...wrong, pk: lock.pk, sk: lock.sk }, { version })).stored) continue;
    return async () => {
      const right = await ledger.put({ ...lock, version: version + 2 }, { version: version + 1 });
      expect(right).toEqual({ stored: true });
    };
  }
};

const ways = (deployed: () => Deployment): readonly Way[] => [
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
  {
    name: 'a record is forged behind the last one of a lane',
    head: /^lane/,
    alarmsPass: true,
    async make(ledger, decide) {
      const { status, body } = await decide();
      expect(status).toBe(200);
      const forged = await forgeBehind(ledger, body.receipt.lane);
      return () => ledger.remove(forged.pk, forged.sk);
    },
  },
  {
    name: 'a sealed record is changed',
    head: /^record/,
    alarmsPass: true,
    async make(ledger) {
      const { pk, sk, b } = await sealedRecord(ledger);
      if (!(b instanceof Uint8Array)) throw new TypeError('a record is bytes');
      await ledger.merge(pk, sk, { b: b.with(b.length - 2, (b.at(-2) ?? 0) ^ 1) });
      return () => ledger.merge(pk, sk, { b });
    },
  },
  {
    name: 'a sealed record is gone, and restored from the log',
    head: /^record/,
    alarmsPass: true,
    async make(ledger) {
      const { pk, sk } = await sealedRecord(ledger);
      await ledger.remove(pk, sk);
      return async () => {
        const { code, out } = await deployed().chancery(['ledger', 'restore']);
        expect(code, out).toBe(0);
      };
    },
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
    const all = async (acknowledges: boolean, but: readonly string[] = []) =>
      Promise.all(
        Object.entries(acknowledging)
          .filter(([name]) => !but.includes(name))
          .map(([name, ask]) => expect.poll(ask, { ...PATIENCE, message: name }).toBe(acknowledges)),
      );

    const types = async (): Promise<Map<string, string>> => {
      const found = new Map<string, string>();
      for await (const { sk } of directory(ledger, 1))
        for await (const item of laneItems(ledger, Number(sk), 0))
          if (item.b instanceof Uint8Array)
            found.set(`${Number(sk)}.${placeOf(item.sk)}`, typeOfBytes(item.b) ?? '');
      return found;
    };

    const standing = async (): Promise<string> => {
      for (const look of [await sealerVerdict(state).read(), await patrolVerdict(state)])
        if (look?.sound === false) return look.head;
      return 'nothing';
    };
    /**
     * The beats of the sealer's schedule, by hand and one after the other, until what it says is this: after as many as the sealed
     * log has bundles it has looked at everything. Two more are for a bundle that begins meanwhile.
     */
    const beatUntil = async (said: RegExp, size: number): Promise<void> => {
      const bundles = Math.ceil(size / TILE_WIDTH);
      for (let beats = 0; beats <= bundles + 2; beats += 1) {
        await deployed().invoke('seal', { source: 'schedule' });
        if (said.test(await standing())) return;
      }
      expect(await standing()).toMatch(said);
    };

    it.each(ways(deployed))(
      '$name',
      async ({ head, alarmsPass, make }) => {
        const acknowledged = await types();
        const { size } = await readLock(ledger);
        const began = Date.now();
        const mend = await make(ledger, () => call('olive', 'POST /decisions', ASK));
        let mended = false;
        try {
          await beatUntil(head, size);
          // Whoever looked just before believes what they saw for so long, and has half a second to append.
          const believed = sleep(VERDICT_MS + 1_000);
          const ready = () => deployed().call('GET /health/ready');
          await Promise.all([
            all(false, alarmsPass ? ['tripwire'] : []),
            expect.poll(async () => findingIn(await ready()), PATIENCE).toMatch(head),
          ]);
          await believed;
          const before = await types();
          await Promise.all([
            ...Object.values(acknowledging).map((ask) => ask()),
            ...['heal', 'sweep', 'settle', 'notify', 'seal', 'broadcast'].map((name) =>
              deployed().invoke(name, { source: 'schedule' }),
            ),
          ]);
          const during = await types();
          const alarms = (id: string): boolean => during.get(id) === 'security.tamper_detected';
          const added = [...during.keys()].filter(
            // A process that was not there before opens a lane for its alarm.
            (id) => !before.has(id) && !alarms(id) && !(alarmsPass && alarms(id.replace(/\.0$/, '.1'))),
          );
          expect(added.map((id) => `${id}: ${during.get(id)}`)).toEqual([]);
          expect(await firesTheAlert(deployed(), began)).toBe(true);

          await mend();
          mended = true;
          await beatUntil(/^nothing$/, size);
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
