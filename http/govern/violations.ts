/** Reports of violations. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { reportViolation, type ViolationsDeps } from '../../src/govern/violations.ts';
import { parseWith, readJson } from '../body.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';

/** A record takes 60 KB: evidence is named or quoted here, and kept where it is. */
const reportSchema = closed({
  violation_type: z.string().min(1).max(64),
  node_or_service: z.string().trim().min(1).max(96),
  description: z.string().trim().min(1).max(4_000),
  evidence: z.array(z.string().min(1).max(2_000)).max(10).default([]),
});

export function violationRoutes(deps: ViolationsDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/violations',
        scope: 'violations:report',
        summary: 'Report conduct that breaks the charter',
        tag: 'violations',
        body: reportSchema,
        responses: { 201: { description: 'Recorded; an investigation is open' } },
      },
      async (c) => {
        const caller = callerOf(c);
        const { receipt, ...reported } = await reportViolation(
          deps,
          caller,
          parseWith(reportSchema, await readJson(c)),
        );
        return c.json(
          { ...reported, trace_id: caller.trace, audit_logged: true, receipt: receiptBody(receipt) },
          201,
        );
      },
    );
  };
}
