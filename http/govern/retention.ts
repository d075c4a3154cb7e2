/**
 * Legal holds, and the plan of a pruning. A plan only puts on record what may go: removing it
 * is for an operator with rights of their own (`chancery ledger prune`), since no process that serves requests
 * may delete a ledger item.
 */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import type { Holds } from '../../src/govern/holds.ts';
import { lanesBehind } from '../../src/govern/power/behind.ts';
import type { PowerFold } from '../../src/govern/power/fold.ts';
import { notAPerson } from '../../src/identity/person.ts';
import { type PlanDeps, planPruning, RETENTION_DAYS } from '../../src/ledger/keep/prune.ts';
import type { Say } from '../../src/ledger/people/words.ts';
import { parseWith, readJson, readOptionalJson } from '../body.ts';
import { inOrder, instant } from '../period.ts';
import { type People, subjectNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { wording } from '../words.ts';

export interface RetentionRoutesDeps extends PlanDeps, People {
  readonly say: Say;
  readonly holds: Holds;
  /** What is in force, whose records stay. */
  readonly power: { readonly fold: Pick<PowerFold, 'powers' | 'catchUp'> };
  /** In force: it says how long the audit trail is kept. */
  readonly charter: () => Promise<Charter>;
}

const time = instant.transform((text) => new Date(text).toISOString());

const holdOrder = z
  .strictObject({
    /** A `sub`, or the pseudonym that entries show. */
    subject: z.string().min(1).max(256).optional(),
    /** Whose person a `sub` is; needed where more than one issuer is trusted. */
    issuer: z.string().min(1).max(512).optional(),
    from: time.optional(),
    to: time.optional(),
    reason: wording(10, 1_000),
  })
  .check(inOrder);

const pruneOrder = closed({
  /** Never fewer than the shortest retention, nor than the charter keeps, which is what holds where none are named. */
  retention_days: z.number().int().min(RETENTION_DAYS).max(36_500).optional(),
});

/** Throws CHARTER_DENIED for a service, an agent, and whoever comes through one. */
function onlyPeople(c: Ctx): void {
  const reason = notAPerson(c.get('principal'), 'a legal hold');
  if (reason !== undefined) throw new ChanceryError('CHARTER_DENIED', reason.message, { reasons: [reason] });
}

function keptLonger(days: number): ChanceryError {
  const message = `the charter keeps the audit trail for ${days} days: ask for as many or more`;
  const reason: Reason = { code: 'too_small', path: '/retention_days', message, kind: 'invalid' };
  return new ChanceryError('VALIDATION_ERROR', message, { reasons: [reason] });
}

export function retentionRoutes(deps: RetentionRoutesDeps): RouteFamily {
  const { holds } = deps;
  const write = { scope: 'admin:system:write', tag: 'maintenance' } as const;
  return (mount) => {
    mount(
      {
        ...write,
        method: 'post',
        path: '/ledger/holds',
        summary: 'Place a legal hold: what it matches is neither pruned nor erased',
        body: holdOrder,
        responses: { 201: { description: 'In force and on record' } },
      },
      async (c) => {
        const { subject, issuer, from, to, reason } = parseWith(holdOrder, await readJson(c));
        onlyPeople(c);
        const { hold, receipt } = await holds.place(
          {
            reason: deps.say(reason),
            ...(subject === undefined ? {} : { subject: subjectNamed(deps, subject, issuer) }),
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          },
          (data, personal) => onRecord(c, 'admin.config_changed', data, personal),
        );
        return c.json({ ...hold, receipt: { ...receipt } }, 201);
      },
    );

    mount(
      {
        ...write,
        method: 'get',
        path: '/ledger/holds',
        scope: 'admin:system:read',
        summary: 'Legal holds in force',
      },
      async (c) => c.json({ holds: await holds.list() }),
    );

    mount(
      { ...write, method: 'delete', path: '/ledger/holds/:id', summary: 'Lift a legal hold' },
      async (c) => {
        onlyPeople(c);
        const lifted = await holds.lift(c.req.param('id') ?? '', (data) =>
          onRecord(c, 'admin.config_changed', data),
        );
        if (lifted === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such hold.');
        return c.json({ ...lifted.hold, lifted: true, receipt: { ...lifted.receipt } });
      },
    );

    mount(
      {
        ...write,
        method: 'post',
        path: '/ledger/prunings',
        summary: 'Put on record which closed, sealed and old lanes may leave the store',
        body: pruneOrder,
        responses: { 200: { description: 'Nothing is old enough' }, 201: { description: 'On record' } },
      },
      async (c) => {
        const asked = parseWith(pruneOrder, await readOptionalJson(c));
        const kept = (await deps.charter()).documents['charter.yaml'].audit_trail.retention_days;
        const { retention_days = kept } = asked;
        if (retention_days < kept) throw keptLonger(kept);
        const { fold } = deps.power;
        await fold.catchUp();
        const plan = await planPruning(deps, {
          retentionDays: retention_days,
          holds: await holds.list(),
          kept: lanesBehind(fold.powers.all()),
          record: (data) => onRecord(c, 'ledger.pruned', data),
        });
        if (plan === undefined) return c.json({ lanes: [], retention_days });
        return c.json({ ...plan.data, retention_days, receipt: { ...plan.receipt } }, 201);
      },
    );
  };
}
