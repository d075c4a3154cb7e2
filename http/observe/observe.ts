/** What can be seen from outside: metrics, health, SLOs. Reads only. */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { takesGzip } from '../../src/basics/accept.ts';
import type { Clock } from '../../src/ports.ts';
import type { Exposition } from '../../src/watch/metrics/exposition.ts';
import { CONTENT_TYPE, negotiate } from '../../src/watch/metrics/render.ts';
import type { Objectives } from '../../src/watch/objectives.ts';
import type { Health, HealthReport, Status } from '../../src/watch/ops/health.ts';
import { sloById } from '../../src/watch/slo/slos.ts';
import { readQuery } from '../body.ts';
import { problem } from '../problem.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface ObserveDeps {
  readonly exposition: Pick<Exposition, 'render'>;
  readonly health: Health;
  readonly objectives: Objectives;
  /** True once start-up is over: everything loaded and the ledger's end verified. */
  readonly started: () => boolean;
  /** True while the service finishes what runs and takes nothing new. */
  readonly draining: () => boolean;
  readonly clock: Clock;
}

const proof = closed({ proof: z.enum(['0', '1']).optional() });

const compress = promisify(gzip);
/** Smaller bodies cost more to compress than to send. */
const GZIP_FROM_BYTES = 1_024;

export function observeRoutes(deps: ObserveDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/metrics',
        standing: 'if-readable',
        scope: 'metrics:read',
        tag: 'metrics',
        summary: 'All metrics, as Prometheus text or OpenMetrics by Accept',
        produces: ['text/plain', 'application/openmetrics-text'],
      },
      async (c) => {
        const format = negotiate(c.req.header('accept'));
        const body = Buffer.from(await deps.exposition.render(format));
        const plain = body.length < GZIP_FROM_BYTES || !takesGzip(c.req.header('accept-encoding'));
        const sent = plain ? body : await compress(body);
        return c.body(bytes(sent), 200, {
          'content-type': CONTENT_TYPE[format],
          'content-length': String(sent.length),
          ...(plain ? {} : { 'content-encoding': 'gzip' }),
          vary: 'accept, accept-encoding',
        });
      },
    );
    mount(
      {
        method: 'get',
        path: '/health/live',
        scope: null,
        tag: 'health',
        summary: 'The process answers; depends on nothing',
      },
      (c) =>
        c.json({
          status: 'healthy' satisfies Status,
          timestamp: new Date(deps.clock()).toISOString(),
          checks: [],
        }),
    );
    mount(
      { method: 'get', path: '/health', scope: null, tag: 'health', summary: 'Status of every check' },
      async (c) => answer(c, summary(await deps.health.report())),
    );
    mount(
      { method: 'get', path: '/health/ready', scope: null, tag: 'health', summary: 'May traffic come?' },
      async (c) => {
        if (!deps.started()) return notYet(c, deps.clock(), 'startup');
        if (deps.draining()) return notYet(c, deps.clock(), 'drain');
        return answer(c, summary(await deps.health.ready()));
      },
    );
    mount(
      { method: 'get', path: '/health/startup', scope: null, tag: 'health', summary: 'Is start-up over?' },
      (c) =>
        deps.started()
          ? c.json({
              status: 'healthy' satisfies Status,
              timestamp: new Date(deps.clock()).toISOString(),
              checks: [],
            })
          : notYet(c, deps.clock(), 'startup'),
    );
    mount(
      {
        method: 'get',
        path: '/health/detailed',
        standing: 'if-readable',
        scope: 'system:status',
        tag: 'health',
        summary: 'Every check with what it found',
      },
      async (c) => answer(c, await deps.health.report()),
    );
    mount(
      {
        method: 'get',
        path: '/slos',
        standing: 'if-readable',
        scope: 'slo:read',
        tag: 'slo',
        summary: 'Every service level: met, what is left, how fast it burns',
      },
      async (c) =>
        c.json({ timestamp: new Date(deps.clock()).toISOString(), slos: await deps.objectives.judgements() }),
    );
    mount(
      {
        method: 'get',
        path: '/slos/:id',
        standing: 'if-readable',
        scope: 'slo:read',
        tag: 'slo',
        summary: 'One service level; with ?proof=1 the records that it can be recomputed from',
        query: proof,
      },
      async (c) => {
        const asked = readQuery(c, proof);
        const slo = sloById(c.req.param('id') ?? '');
        if (slo === undefined)
          return problem(c, 'NOT_FOUND', 'There is no service level of that id; GET /slos lists them.');
        return c.json(await deps.objectives.judgement(slo, asked.proof === '1'));
      },
    );
  };
}

/** Public answers name the checks, their status and their latency, and nothing that helps an attacker. */
const summary = (report: HealthReport): HealthReport => ({
  ...report,
  checks: report.checks.map(({ name, status, details: { latency_ms, policies_loaded, finding } }) => ({
    name,
    status,
    details: {
      latency_ms,
      ...(policies_loaded === undefined ? {} : { policies_loaded }),
      ...(finding === undefined ? {} : { finding }),
    },
  })),
});

const answer = (c: Ctx, report: HealthReport): Response =>
  c.json(report, report.status === 'unhealthy' ? 503 : 200);

const notYet = (c: Ctx, now: number, name: string): Response =>
  c.json(
    {
      status: 'unhealthy' satisfies Status,
      timestamp: new Date(now).toISOString(),
      checks: [{ name, status: 'unhealthy' satisfies Status, details: { latency_ms: 0 } }],
    },
    503,
  );

/** Hono takes array buffers that are not shared; Buffer's type leaves that open. */
const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
