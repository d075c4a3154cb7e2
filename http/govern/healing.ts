/** What the loop did, whether it helped, and taking it back. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError } from '../../src/errors.ts';
import { HEALING_STATES } from '../../src/govern/healing.ts';
import { notAPerson } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Say } from '../../src/ledger/people/words.ts';
import { metaOf } from '../../src/ledger/record.ts';
import type { Executor } from '../../src/loop/execute.ts';
import type { Knowledge, KnownHealing } from '../../src/loop/knowledge.ts';
import { levelsIn } from '../../src/loop/threat.ts';
import type { Clock, Table } from '../../src/ports.ts';
import type { PrincipalId } from '../../src/terms.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { wording } from '../words.ts';

export interface HealingRoutesDeps {
  readonly knowledge: Knowledge;
  readonly healer: Executor;
  readonly table: Pick<Table, 'get'>;
  readonly charter: () => Promise<Pick<Charter, 'documents'>>;
  readonly pseudonym: (who: PrincipalId) => string;
  readonly say: Say;
  readonly clock: Clock;
}

const listQuery = closed({
  status: z.enum(HEALING_STATES).optional(),
  ...pageQuery('heal'),
});

const undoBody = closed({
  /** Why it is taken back. */
  reason: wording(10, 500),
});

export function healingRoutes(deps: HealingRoutesDeps): RouteFamily {
  const { knowledge, healer, table, clock } = deps;
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/healing',
        scope: 'violations:read',
        summary: 'What the loop did about violations, newest case first, and which nodes threaten',
        tag: 'healing',
        query: listQuery,
      },
      async (c) => {
        const { status, ...page } = readQuery(c, listQuery);
        const { known, next } = await knowledge.list({
          ...pageAsked(page),
          ...(status === undefined ? {} : { status }),
        });
        const { healing } = (await deps.charter()).documents['remediation.yaml'];
        return c.json({
          mode: healing.mode,
          threats: (await levelsIn(table, clock())).map(({ node, level }) => ({
            node_or_service: node,
            level,
          })),
          healing: known.map(viewOf),
          ...(next === undefined ? {} : { next }),
        });
      },
    );

    mount(
      {
        method: 'get',
        path: '/healing/:id',
        scope: 'violations:read',
        summary: 'Show one healing action',
        tag: 'healing',
      },
      async (c) => {
        const known = await knowledge.get(c.req.param('id') ?? '');
        if (known === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
        return c.json(viewOf(known));
      },
    );

    mount(
      {
        method: 'post',
        path: '/healing/:id/undo',
        scope: 'sanctions:write',
        summary: 'Take back what the loop did',
        tag: 'healing',
        body: undoBody,
        responses: {
          200: { description: 'Taken back, or there was nothing to take back' },
          403: { description: 'Not a person, or the one whom it touched' },
          404: { description: 'No such healing' },
        },
      },
      async (c) => {
        const { reason } = parseWith(undoBody, await readJson(c));
        const caller = callerOf(c);
        const denied = notAPerson(caller.principal, 'taking back a healing action');
        if (denied !== undefined)
          throw new ChanceryError('CHARTER_DENIED', denied.message, { reasons: [denied] });
        const id = c.req.param('id') ?? '';
        const known = await knowledge.get(id);
        if (known === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
        if (known.subject === deps.pseudonym(caller.principal)) throw touchedOneself();
        await healer.undo(id, deps.say(reason), {
          trace: caller.trace,
          who: caller.principal,
          meta: metaOf(caller),
        });
        const after = (await knowledge.get(id)) ?? known;
        return c.json({ success: true, trace_id: caller.trace, ...viewOf(after) });
      },
    );
  };
}

const NO_SUCH = 'There is no such healing.';

function viewOf({ at, done, case_id, nodes, ...known }: KnownHealing): JsonObject {
  return {
    ...known,
    violation_id: case_id,
    nodes: [...nodes],
    changed_at: new Date(at).toISOString(),
    ...(done === undefined ? {} : { done_at: new Date(done).toISOString() }),
  };
}

function touchedOneself(): ChanceryError {
  const message = 'whom it touched does not take it back; the case can be appealed';
  return new ChanceryError('CHARTER_DENIED', message, {
    reasons: [{ code: 'own_sanction', message, kind: 'forbidden' }],
  });
}
