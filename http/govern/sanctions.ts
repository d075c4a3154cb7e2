/** Sanctions in force and past, and taking one back. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { CASE_SANCTIONS, SANCTION_STATES, viewOf } from '../../src/govern/sanctions/sanction.ts';
import type { Sanctions } from '../../src/govern/sanctions/sanctions.ts';
import { notAPerson } from '../../src/identity/person.ts';
import type { Say } from '../../src/ledger/people/words.ts';
import type { Clock } from '../../src/ports.ts';
import type { PrincipalId } from '../../src/terms.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { type People, subjectNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { wording } from '../words.ts';

export interface SanctionRoutesDeps extends People {
  readonly say: Say;
  readonly sanctions: Sanctions;
  readonly clock: Clock;
}

const listQuery = closed({
  status: z.enum(SANCTION_STATES).optional(),
  kind: z.enum(CASE_SANCTIONS).optional(),
  /** A `sub`, or the pseudonym that entries show. */
  subject: z.string().min(1).max(256).optional(),
  issuer: z.string().min(1).max(512).optional(),
  ...pageQuery('san'),
});

const liftBody = closed({
  /** Why it ends before its time. */
  reason: wording(1, 500),
});

export function sanctionRoutes(deps: SanctionRoutesDeps): RouteFamily {
  const { sanctions, clock, pseudonym } = deps;
  const isOwn = async (c: Ctx, principal: PrincipalId): Promise<boolean> =>
    (await sanctions.get(c.req.param('id') ?? ''))?.subject === pseudonym(principal);

  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/sanctions',
        scope: 'sanctions:read',
        summary: 'List sanctions, newest case first',
        tag: 'sanctions',
        query: listQuery,
      },
      async (c) => {
        const { subject, issuer, status, kind, ...asked } = readQuery(c, listQuery);
        const page = await sanctions.list({
          ...pageAsked(asked),
          ...(status === undefined ? {} : { status }),
          ...(kind === undefined ? {} : { kind }),
          ...(subject === undefined ? {} : { subject: subjectNamed(deps, subject, issuer) }),
        });
        return c.json({
          sanctions: page.sanctions.map((sanction) => viewOf(sanction, clock())),
          ...(page.next === undefined ? {} : { next: page.next }),
        });
      },
    );

    mount(
      {
        method: 'get',
        path: '/sanctions/:id',
        scope: 'sanctions:read',
        own: isOwn,
        sanctioned: 'may',
        summary: 'Show one sanction',
        tag: 'sanctions',
      },
      async (c) => {
        const sanction = await sanctions.get(c.req.param('id') ?? '');
        if (sanction === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
        return c.json(viewOf(sanction, clock()));
      },
    );

    mount(
      {
        method: 'post',
        path: '/sanctions/:id/lift',
        scope: 'sanctions:write',
        summary: 'Take a sanction back before its time',
        tag: 'sanctions',
        body: liftBody,
        responses: {
          200: { description: 'Lifted, or it had ended already' },
          403: { description: 'Not a person, or the one who is under it' },
          404: { description: 'No such sanction' },
        },
      },
      async (c) => {
        const { reason } = parseWith(liftBody, await readJson(c));
        const principal = c.get('principal');
        const denied = notAPerson(principal, 'lifting a sanction');
        if (denied !== undefined)
          throw new ChanceryError('CHARTER_DENIED', denied.message, { reasons: [denied] });
        const known = await sanctions.get(c.req.param('id') ?? '');
        if (known === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
        if (known.subject === pseudonym(principal)) throw ownSanction();
        const lifted = await sanctions.lift(known.sanction_id, deps.say(reason), (type, data, personal) =>
          onRecord(c, type, data, personal),
        );
        return c.json({
          success: true,
          trace_id: c.get('trace'),
          ...viewOf(lifted ?? known, clock()),
        });
      },
    );
  };
}

const NO_SUCH = 'There is no such sanction.';

function ownSanction(): ChanceryError {
  const message = 'who is under a sanction does not lift it; the case can be appealed';
  return new ChanceryError('CHARTER_DENIED', message, {
    reasons: [{ code: 'own_sanction', message, kind: 'forbidden' }],
  });
}
