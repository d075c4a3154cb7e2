/** A local runtime under traffic, watched by Prometheus, and what it saw: for the preview and for its test. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';
import { RECORDED } from '../src/watch/slo/prometheus.ts';
import { startMonitoring } from '../test/real/monitoring.ts';
import { notifyAt, startStandIn } from '../test/support/stand-in.ts';
import { type Snapshot, type Span, snapshot } from './preview-data.ts';
import { openTraffic } from './traffic.ts';

/** Where the shipped deployment workflow deploys to. */
async function startDeployTarget() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      request.url === '/health' ? '{"status":"ok","health":"ok"}' : '{"deployment":"d-1","status":"ok"}',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

/** The same on every run, so that pictures change only when what they show does. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface Watched {
  readonly span: Span;
  readonly data: Snapshot;
}

/** At least `seconds` of traffic at up to `rate` callers a second, in waves: minutes, where the rules of service levels come late. */
export async function watch(projectFolder: string, seconds: number, rate: number): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-preview-'));
  const [targets, deploy] = [await startStandIn(), await startDeployTarget()];
  // A tighter limit than the shipped one, so that a short run sees it hit.
  const charterFolder = join(folder, 'charter');
  await cp(join(projectFolder, 'charter'), charterFolder, { recursive: true });
  const limits = await readFile(join(charterFolder, 'limits.yaml'), 'utf8');
  await writeFile(
    join(charterFolder, 'limits.yaml'),
    limits.replace(/(id: decisions, scope: decisions:evaluate, limit:) \d+/, '$1 10'),
  );
  const runtime = await startRuntime({
    ...readSettings({}, projectFolder),
    port: 0,
    dataFolder: folder,
    logFile: join(folder, 'chancery.jsonl'),
    siemFile: join(folder, 'ocsf.jsonl'),
    notify: notifyAt(targets.url),
    charterFolder,
    deployEndpoint: deploy.url,
    canary: true,
    programs: {
      'search-mcp': {
        command: process.execPath,
        args: [join(projectFolder, 'test/fixtures/mcp/changing-server.ts')],
        cwd: projectFolder,
      },
    },
  });
  const monitoring = await startMonitoring({
    runtime: runtime.url,
    interval: '2s',
    tokens: {
      metrics: await runtime.mint({
        sub: 'prometheus',
        kind: 'service',
        scopes: ['metrics:read'],
        ttlSeconds: 3600,
      }),
      notify: await runtime.mint({
        sub: 'alertmanager',
        kind: 'service',
        scopes: ['alerts:notify'],
        ttlSeconds: 3600,
      }),
    },
  });
  try {
    const random = seeded(7);
    const traffic = await openTraffic({ url: runtime.url, mint: (claims) => runtime.mint(claims), random });
    await traffic.everything();
    await sleep(6_000);
    const start = Date.now();
    await traffic.everything();
    // Long windows are made of steps of minutes, each objective's at a moment of its own: before the first no budget is known.
    const isBudgeted = async () => (await monitoring.query(RECORDED.budgetLeft)).length > 0;
    while (Date.now() - start < seconds * 1000 || !(await isBudgeted())) {
      const wave = 0.6 + 0.4 * Math.sin((Date.now() - start) / 15_000);
      await Promise.all([traffic.turn(), sleep((1000 / (rate * wave)) * (0.5 + random()))]);
    }
    await sleep(4_000);
    const to = Date.now() / 1000 - 1;
    // The first rates need a full window.
    const span = { from: start / 1000 + 12, to, step: 2, window: '16s' };
    return { span, data: await snapshot(monitoring, span) };
  } finally {
    await monitoring.stop();
    await runtime.stop();
    deploy.stop();
    await targets.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
