/** Overrides: running what would need an approval without one, for a time and on the record. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { weakness } from '../../src/govern/overrides/justification.ts';
import { OVERRIDE_STATES, type OverrideView } from '../../src/govern/overrides/override.ts';
import type { OverrideRecord, Overrides } from '../../src/govern/overrides/overrides.ts';
import { type Marked, notAPerson } from '../../src/identity/person.ts';
import type { Say } from '../../src/ledger/people/words.ts';
import { OVERRIDE_REASONS, type Principal } from '../../src/terms.ts';
import type { Registry, Workflow } from '../../src/workflow/workflow.ts';
import { parseWith, readJson, readOptionalJson, readQuery } from '../body.ts';
import { seconds } from '../number.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { type People, subjectNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { wording } from '../words.ts';

export interface OverrideRoutesDeps extends People {
  readonly overrideDesk: Overrides;
  readonly workflows: Registry;
  readonly marked: (principal: Principal) => Marked;
  readonly say: Say;
  /** Whether this office itself is the production environment. */
  readonly production: boolean;
}

const order = closed({
  reason: z.enum(OVERRIDE_REASONS, {
    error: ({ input }) =>
      input === 'emergency_bypass'
        ? 'emergency_bypass is not offered: nothing bypasses everything; stop with POST /emergency-stop, or name the exception'
        : `must be one of ${OVERRIDE_REASONS.join(', ')}`,
  }),
  /** What it is for, in at least 20 characters; in at least 50 where they are nothing but usual words. */
  justification: z.string().max(2_000),
  /** The workflow that then runs without an approval. */
  workflow_name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  /** For this principal only: a `sub`, or the pseudonym that entries show. */
  subject: z.string().min(1).max(256).optional(),
  issuer: z.string().min(1).max(512).optional(),
  /** Can make it one of production, and never take that from it. */
  environment: z.enum(['development', 'staging', 'production']).optional(),
  duration: seconds.optional(),
});

const renewal = closed({ duration: seconds.optional() });
const ending = closed({ reason: wording(10, 500) });
const listQuery = closed({
  status: z.enum(OVERRIDE_STATES).optional(),
  ...pageQuery('ovr'),
});

const CHANGES = {
  200: { description: 'As it is now' },
  403: { description: 'Not a person, or whom it is for' },
  404: { description: 'No such override' },
  409: { description: 'It is over, beyond its limit, or decided by you already' },
};

export function overrideRoutes(deps: OverrideRoutesDeps): RouteFamily {
  const { overrideDesk: overrides, workflows } = deps;
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/overrides',
        scope: 'approvals:decide',
        summary: 'Let a workflow run without an approval for a time',
        tag: 'overrides',
        body: order,
        responses: {
          201: { description: 'In force' },
          202: { description: 'In production: it waits for the votes of others' },
          403: { description: 'Not a person, or the one whom it is for' },
        },
      },
      async (c) => {
        const asked = parseWith(order, await readJson(c));
        const weak = weakness(asked.justification);
        if (weak !== undefined) throw invalid(weak.code, '/justification', weak.message);
        const { by, who } = personIn(c, deps);
        const workflow = workflows.get(asked.workflow_name);
        if (workflow === undefined)
          throw invalid(
            'unknown_workflow',
            '/workflow_name',
            'no workflow of this name; GET /workflows lists them',
          );
        const view = await overrides.start(
          {
            reason: asked.reason,
            justification: asked.justification.trim(),
            workflow: workflow.name,
            production: deps.production || asked.environment === 'production' || isOfProduction(workflow),
            ...(asked.subject === undefined
              ? {}
              : { subject: subjectNamed(deps, asked.subject, asked.issuer) }),
            ...(asked.duration === undefined ? {} : { duration_ms: asked.duration * 1_000 }),
          },
          who,
          by,
          recording(c),
        );
        return answer(c, view, view.status === 'active' ? 201 : 202);
      },
    );

    mount(
      {
        method: 'get',
        path: '/overrides',
        scope: 'approvals:read',
        summary: 'List overrides, newest first',
        tag: 'overrides',
        query: listQuery,
      },
      async (c) => {
        const { status, ...page } = readQuery(c, listQuery);
        return c.json(
          await overrides.list({ ...pageAsked(page), ...(status === undefined ? {} : { status }) }),
        );
      },
    );

    mount(
      {
        method: 'get',
        path: '/overrides/:id',
        scope: 'approvals:read',
        summary: 'Show one override',
        tag: 'overrides',
      },
      async (c) => c.json(found(await overrides.get(idIn(c)))),
    );

    mount(
      {
        method: 'post',
        path: '/overrides/:id/approve',
        scope: 'approvals:decide',
        summary: 'Vote for its start, or for the renewal that is asked',
        tag: 'overrides',
        responses: CHANGES,
      },
      async (c) => {
        const { by } = personIn(c, deps);
        return answer(c, found(await overrides.approve(idIn(c), by, recording(c))), 200);
      },
    );

    mount(
      {
        method: 'post',
        path: '/overrides/:id/renew',
        scope: 'approvals:decide',
        summary: 'Ask for more time, within the limit from its start',
        tag: 'overrides',
        body: renewal,
        responses: CHANGES,
      },
      async (c) => {
        const { by } = personIn(c, deps);
        const { duration: more } = parseWith(renewal, await readOptionalJson(c));
        const ms = more === undefined ? undefined : more * 1_000;
        return answer(c, found(await overrides.renew(idIn(c), ms, by, recording(c))), 200);
      },
    );

    mount(
      {
        method: 'post',
        path: '/overrides/:id/end',
        scope: 'approvals:decide',
        summary: 'End it at once',
        tag: 'overrides',
        body: ending,
        responses: CHANGES,
      },
      async (c) => {
        personIn(c, deps);
        const { reason } = parseWith(ending, await readJson(c));
        return answer(c, found(await overrides.end(idIn(c), deps.say(reason), recording(c))), 200);
      },
    );
  };
}

/** What may do the greatest harm counts as production, whatever the caller says. */
const isOfProduction = ({ risk_level }: Workflow): boolean => risk_level === 5;

const idIn = (c: Ctx): string => c.req.param('id') ?? '';

function personIn(c: Ctx, { marked }: OverrideRoutesDeps) {
  const who = c.get('principal');
  const denied = notAPerson(who, 'an override');
  if (denied !== undefined) throw new ChanceryError('CHARTER_DENIED', denied.message, { reasons: [denied] });
  return { who, by: marked(who) };
}

const recording =
  (c: Ctx): OverrideRecord =>
  (type, data, personal) =>
    onRecord(c, type, data, personal);

const answer = (c: Ctx, view: OverrideView, status: 200 | 201 | 202): Response =>
  c.json({ success: true, trace_id: c.get('trace'), ...view }, status);

function found(view: OverrideView | undefined): OverrideView {
  if (view === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such override.');
  return view;
}

function invalid(code: string, path: string, message: string): ChanceryError {
  return new ChanceryError('VALIDATION_ERROR', `${path}: ${message}`, {
    reasons: [{ code, path, message, kind: 'invalid' }],
  });
}
