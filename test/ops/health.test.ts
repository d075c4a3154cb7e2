import { describe, expect, it } from 'vitest';
import {
  cachesCheck,
  charterCheck,
  checkpointCheck,
  engineCheck,
  jwksCheck,
  ledgerCheck,
  optionalCheck,
  projectionCheck,
  storeCheck,
} from '../../src/watch/ops/checks.ts';
import { createHealth, type HealthCheck, type Status } from '../../src/watch/ops/health.ts';
import { memory } from '../metrics/support.ts';
import { FaultyTable } from '../support/faulty-table.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const never = () => new Promise<void>(() => undefined);
const healthOf = (checks: readonly HealthCheck[], after = never) =>
  createHealth({ checks, clock: () => NOW, after, keep_ms: 0 });

/** Each dependency, what breaks it, what the check and the whole say then. */
interface Broken {
  readonly name: string;
  readonly check: (broken: () => boolean) => HealthCheck;
  readonly status: Status;
  readonly ready: Status;
}
const CASES: readonly Broken[] = [
  {
    name: 'store',
    check: (broken) =>
      storeCheck(async () => {
        if (broken()) throw new Error('postgres://user:secret@host is away');
      }),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'ledger',
    check: (broken) =>
      ledgerCheck(() => ({ lane: 1, seq: 9, finding: undefined, failing_since: broken() ? NOW : null })),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'ledger',
    check: (broken) =>
      ledgerCheck(() => ({
        lane: 1,
        seq: 9,
        finding: broken() ? 'worm: it has seen a tree of 9, the lock knows 3' : undefined,
        failing_since: null,
      })),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'charter',
    check: (broken) =>
      charterCheck(
        async () =>
          broken()
            ? undefined
            : { version: '1', digest: 'd', policies_loaded: 30, checked_at: NOW, engine: true },
        () => NOW,
      ),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'charter',
    check: (broken) =>
      charterCheck(
        async () => ({
          version: '1',
          digest: 'd',
          policies_loaded: 30,
          engine: true,
          checked_at: broken() ? NOW - 90_000_000 : NOW,
        }),
        () => NOW,
      ),
    status: 'degraded',
    ready: 'degraded',
  },
  {
    name: 'workflow_engine',
    check: (broken) => engineCheck(async () => ({ workflows: broken() ? 0 : 4 })),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'jwks',
    check: (broken) => jwksCheck(async () => ({ issuers: 1, usable: broken() ? 0 : 1 })),
    status: 'unhealthy',
    ready: 'unhealthy',
  },
  {
    name: 'jwks',
    check: (broken) => jwksCheck(async () => ({ issuers: 2, usable: broken() ? 1 : 2 })),
    status: 'degraded',
    ready: 'degraded',
  },
  {
    name: 'checkpoint',
    check: (broken) =>
      checkpointCheck(
        async () => ({ age_seconds: broken() ? 61 : 5, tree_size: 10, unsealed: 2 }),
        () => 0,
      ),
    status: 'degraded',
    ready: 'healthy',
  },
  {
    name: 'caches',
    check: (broken) => cachesCheck(() => ({ hits: broken() ? 4_000 : 9_000, misses: 6_100 })),
    status: 'degraded',
    ready: 'healthy',
  },
  {
    name: 'siem_export',
    check: (broken) => optionalCheck('siem_export', async () => ({ enabled: true, failing: broken() })),
    status: 'degraded',
    ready: 'healthy',
  },
  {
    name: 'notifier',
    check: (broken) =>
      optionalCheck('notifier', async () => {
        if (broken()) throw new Error('away');
        return { enabled: true, failing: false };
      }),
    status: 'degraded',
    ready: 'healthy',
  },
  {
    name: 'projection',
    check: (broken) => projectionCheck(async () => (broken() ? 31 : 0)),
    status: 'degraded',
    ready: 'healthy',
  },
];

describe('health', () => {
  it.each(CASES)(
    'says $status for a broken $name, and healthy again when it is mended',
    async ({ name, check, status, ready }) => {
      let broken = false;
      const health = healthOf([check(() => broken)]);
      expect(await health.report()).toMatchObject({
        status: 'healthy',
        checks: [{ name, status: 'healthy' }],
      });
      broken = true;
      expect(await health.report()).toMatchObject({ status, checks: [{ name, status }] });
      expect((await health.ready()).status).toBe(ready);
      broken = false;
      expect((await health.report()).status).toBe('healthy');
    },
  );

  it('shows how long each check took and what it found, and never the message of an error', async () => {
    const table = new FaultyTable(memory());
    table.down();
    const report = await healthOf([storeCheck(() => table.get('HEALTH', 'probe'))]).report();
    expect(report.checks[0]?.details).toEqual({ latency_ms: 0, error: 'ChanceryError' });
    expect(report.timestamp).toBe('2026-11-21T08:00:00.000Z');
  });

  it('does not wait for a check that hangs', async () => {
    const hanging: HealthCheck = { name: 'engine', required: true, run: () => new Promise(() => undefined) };
    const report = await healthOf([hanging], () => Promise.resolve()).report();
    expect(report).toMatchObject({
      status: 'unhealthy',
      checks: [{ details: { error: 'no answer within 2000 ms' } }],
    });
  });

  it('runs the checks once for everybody who asks within a second', async () => {
    let runs = 0;
    let now = NOW;
    const counting: HealthCheck = {
      name: 'x',
      required: true,
      run: async () => ({ status: 'healthy', details: { run: ++runs } }),
    };
    const health = createHealth({ checks: [counting], clock: () => now, after: never });
    await Promise.all(Array.from({ length: 50 }, () => health.report()));
    expect(runs).toBe(1);
    now += 1_000;
    await health.report();
    expect(runs).toBe(2);
  });

  it('needs no checkpoint where there is nothing to seal, and says when there is none at all', async () => {
    const idle = checkpointCheck(
      async () => ({ age_seconds: 9_999, tree_size: 10, unsealed: 0 }),
      () => 0,
    );
    expect((await healthOf([idle]).report()).status).toBe('healthy');
    let now = 0;
    const none = checkpointCheck(
      async () => undefined,
      () => now,
    );
    // Right after the first start nothing is wrong yet.
    for (const [at, status] of [
      [0, 'healthy'],
      [60_000, 'healthy'],
      [60_001, 'degraded'],
    ] as const) {
      now = at;
      expect((await healthOf([none]).report()).status).toBe(status);
    }
  });

  it('does not judge a cold cache, however seldom it hits', async () => {
    expect((await healthOf([cachesCheck(() => ({ hits: 1, misses: 9_998 }))]).report()).status).toBe(
      'healthy',
    );
  });
});
