/** What waits for a person, and their word on it. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { APPROVAL_STATES } from '../../src/govern/approvals/approval.ts';
import {
  ABOUT_THE_PERSON,
  type Approvals,
  type ApprovalView,
  type Ballot,
} from '../../src/govern/approvals/approvals.ts';
import { parseWith, readOptionalJson, readQuery } from '../body.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { problem } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface ApprovalRoutesDeps {
  readonly approvals: Approvals;
}

const listQuery = closed({
  status: z.enum(APPROVAL_STATES).optional(),
  ...pageQuery('apr'),
});

const ballotBody = closed({
  comment: z.string().max(1_000).optional(),
  /** The digest of what the person looked at: with it, a word never counts for anything else. */
  action_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

export function approvalRoutes({ approvals }: ApprovalRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/approvals',
        scope: 'approvals:read',
        summary: 'List approvals, newest first',
        tag: 'approvals',
        query: listQuery,
      },
      async (c) => {
        const { status, ...page } = readQuery(c, listQuery);
        const found = await approvals.list({ ...pageAsked(page), ...(status ? { status } : {}) });
        return c.json(found);
      },
    );

    mount(
      {
        method: 'get',
        path: '/approvals/:id',
        scope: 'approvals:read',
        own: (c, caller) => approvals.isRequester(c.req.param('id') ?? '', caller),
        summary: 'Show one approval; one’s own without the scope as well',
        tag: 'approvals',
      },
      async (c) => c.json(found(await approvals.get(c.req.param('id') ?? ''))),
    );

    for (const verdict of ['approve', 'reject'] satisfies Ballot['verdict'][])
      mount(
        {
          method: 'post',
          path: `/approvals/:id/${verdict}`,
          scope: 'approvals:decide',
          summary: verdict === 'approve' ? 'Approve; the last one needed starts the run' : 'Reject',
          tag: 'approvals',
          body: ballotBody,
          responses: {
            200: { description: 'Counted' },
            403: { description: 'This person may not decide it' },
            404: { description: 'No such approval' },
            409: {
              description: 'It ended, expired, was decided by you already, or is not what you looked at',
            },
          },
        },
        (c) => decide(c, approvals, verdict),
      );
  };
}

async function decide(c: Ctx, approvals: Approvals, verdict: Ballot['verdict']): Promise<Response> {
  const { comment, action_digest } = parseWith(ballotBody, await readOptionalJson(c));
  const decided = await approvals.decide(c.req.param('id') ?? '', callerOf(c), {
    verdict,
    ...(comment === undefined ? {} : { comment }),
    ...(action_digest === undefined ? {} : { action_digest }),
  });
  if (decided === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
  const { approval } = decided;
  if (decided.ok) {
    const { approval_id, status } = approval;
    return c.json({ success: true, trace_id: c.get('trace'), approval_id, status, approval });
  }
  const { reason } = decided;
  c.set('governed', true);
  const code = ABOUT_THE_PERSON.has(reason.code) ? 'CHARTER_DENIED' : 'CONFLICT';
  return problem(c, code, reason.message, { reasons: [reason] });
}

const NO_SUCH = 'There is no such approval.';

function found(approval: ApprovalView | undefined): ApprovalView {
  if (approval === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
  return approval;
}
