/** Cases: reported, shown, decided, appealed and made good. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError } from '../../src/errors.ts';
import { CASE_STATES, CASE_STEPS, type Case, type CaseStep } from '../../src/govern/cases/case.ts';
import type { CaseStore } from '../../src/govern/cases/case-store.ts';
import type { Cases } from '../../src/govern/cases/cases.ts';
import type { CaseEvidence } from '../../src/govern/cases/evidence.ts';
import { isParty } from '../../src/govern/cases/hearing.ts';
import { openedView, type Reader, viewOf } from '../../src/govern/cases/view.ts';
import type { Sanctions } from '../../src/govern/sanctions/sanctions.ts';
import type { Known, Marked } from '../../src/identity/person.ts';
import { covers } from '../../src/identity/scopes.ts';
import { openName, type Veil } from '../../src/ledger/people/names.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { type Principal, type PrincipalId, SEVERITIES } from '../../src/terms.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { problem } from '../problem.ts';
import { callerOf, onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import { quoted, wording } from '../words.ts';
import { severityOf } from './violation-type.ts';

export interface ViolationRoutesDeps {
  readonly cases: Cases;
  readonly caseStore: CaseStore;
  readonly evidence: CaseEvidence;
  readonly sanctions: Pick<Sanctions, 'of'>;
  readonly charter: () => Promise<Charter>;
  readonly ledger: Ledger;
  readonly marked: (who: Known & PrincipalId) => Marked;
  readonly veil: Veil;
  readonly clock: Clock;
}

/** A record takes 60 KB: evidence is named or quoted here, and kept where it is. */
const evidenceList = z.array(quoted).max(10).default([]);

const reportSchema = closed({
  violation_type: z.string().min(1).max(64),
  node_or_service: wording(1, 96),
  description: wording(1, 4_000),
  evidence: evidenceList,
  /** Whose principal `node_or_service` is, where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
});

const stepSchema = closed({
  /** Why: sealed in the record, for the committee and whom the case accuses. */
  reason: wording(1, 2_000),
  evidence: evidenceList,
  /** With `confirm`: a finding of another severity than the type's. */
  severity: z.enum(SEVERITIES).optional(),
  /** With `confirm`, where the report left it open. */
  issuer: z.string().min(1).max(512).optional(),
});

const listQuery = closed({
  status: z.enum(CASE_STATES).optional(),
  severity: z.enum(SEVERITIES).optional(),
  violation_type: z.string().max(64).optional(),
  node_or_service: z.string().max(128).optional(),
  /** `true`: those that wait for the committee. */
  open: z.enum(['true', 'false']).optional(),
  ...pageQuery('vio'),
});

const SUMMARY: Readonly<Record<CaseStep, string>> = {
  confirm: 'Find that it happened: what its severity brings is in force when this answers',
  dismiss: 'Find that it did not: what was done because of it is undone',
  appeal: 'Ask for another hearing; for whom it accuses, who reported it, and the committee',
  restore: 'Grant the appeal: what was done is undone',
};

export function violationRoutes(deps: ViolationRoutesDeps): RouteFamily {
  const { cases, caseStore } = deps;

  /** Whom the case accuses, and who reported it, may see how it stands and appeal. */
  const isOwn = async (c: Ctx, principal: Principal): Promise<boolean> => {
    const kase = await caseStore.get(c.req.param('id') ?? '');
    if (kase === undefined) return false;
    const who = deps.marked(principal);
    return isParty(kase.accused, principal, who) || isParty(kase.reporter, principal, who);
  };

  async function found(c: Ctx): Promise<Case> {
    const kase = await caseStore.get(c.req.param('id') ?? '');
    if (kase === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
    return kase;
  }

  function readerOf(c: Ctx, kase: Case): Reader | undefined {
    const principal = c.get('principal');
    if (isParty(kase.accused, principal, deps.marked(principal))) return 'accused';
    return covers(principal.scopes, 'violations:decide') ? 'committee' : undefined;
  }

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
        const report = parseWith(reportSchema, await readJson(c));
        const severity = severityOf(await deps.charter(), report.violation_type);
        const { issuer, ...said } = report;
        const { violation_id, receipt } = await cases.report(
          caller,
          { ...said, ...(issuer === undefined ? {} : { issuer }) },
          severity,
        );
        const { violation_type } = report;
        return c.json(
          {
            violation_id,
            violation_type,
            severity,
            status: 'investigating',
            trace_id: caller.trace,
            audit_logged: true,
            receipt: receiptBody(receipt),
          },
          201,
          { location: `/violations/${violation_id}` },
        );
      },
    );

    mount(
      {
        method: 'get',
        path: '/violations',
        scope: 'violations:read',
        summary: 'List cases, newest first',
        tag: 'violations',
        query: listQuery,
      },
      async (c) => {
        const { open, status, severity, violation_type, node_or_service, ...page } = readQuery(c, listQuery);
        if (violation_type !== undefined) severityOf(await deps.charter(), violation_type);
        const { cases: shown, next } = await caseStore.list(
          {
            ...(open === undefined ? {} : { open: open === 'true' }),
            ...(status === undefined ? {} : { status }),
            ...(severity === undefined ? {} : { severity }),
            ...(violation_type === undefined ? {} : { violation_type }),
            ...(node_or_service === undefined
              ? {}
              : { node_or_service: openName(node_or_service, deps.veil) }),
          },
          pageAsked(page),
        );
        return c.json({ violations: shown.map(viewOf), ...(next === undefined ? {} : { next }) });
      },
    );

    mount(
      {
        method: 'get',
        path: '/violations/:id',
        scope: 'violations:read',
        own: isOwn,
        sanctioned: 'may',
        summary: 'Show one case; with its evidence to whoever may decide it',
        tag: 'violations',
      },
      async (c) => {
        const kase = await found(c);
        const reader = readerOf(c, kase);
        if (reader === undefined) return c.json(viewOf(kase));
        const { violation_id, accused } = kase;
        if (reader === 'committee')
          await deps.ledger.append(onRecord(c, 'admin.access', { resource: 'case_evidence', violation_id }));
        const sanctions = accused.by === '' ? [] : await deps.sanctions.of(accused.by);
        const ofIt = sanctions.filter(({ case_id }) => case_id === violation_id);
        return c.json(await openedView(kase, reader, deps.evidence, ofIt, deps.clock()));
      },
    );

    for (const step of CASE_STEPS)
      mount(
        {
          method: 'post',
          path: `/violations/:id/${step}`,
          scope: step === 'appeal' ? 'violations:report' : 'violations:decide',
          ...(step === 'appeal' ? ({ own: isOwn, sanctioned: 'may' } as const) : {}),
          summary: SUMMARY[step],
          tag: 'violations',
          body: stepSchema,
          responses: {
            200: {
              description:
                'On record; a finding of CRIMINAL, or of less where that stands, takes two people who find the same',
            },
            403: { description: 'This person may not' },
            404: { description: 'No such case' },
            409: { description: 'Not from the state that it is in' },
          },
        },
        (c) => take(c, step),
      );

    mount(
      {
        method: 'delete',
        path: '/violations/:id/evidence',
        scope: 'violations:decide',
        summary: 'Destroy the key of a case that has ended: what it rested on cannot be read any more',
        tag: 'violations',
        responses: {
          200: { description: 'Destroyed, and on record' },
          409: { description: 'It waits for a finding' },
        },
      },
      async (c) => {
        const kase = await found(c);
        const refusal = cases.mayForget(kase, callerOf(c));
        if (refusal !== undefined) return refused(c, refusal);
        const data = { what: 'case_evidence_destroyed', violation_id: kase.violation_id };
        const receipt = await deps.ledger.append(onRecord(c, 'admin.config_changed', data));
        const keys = await deps.evidence.destroy(kase.violation_id);
        return c.json({
          violation_id: kase.violation_id,
          destroyed: keys.length,
          receipt: receiptBody(receipt),
        });
      },
    );
  };

  async function take(c: Ctx, step: CaseStep): Promise<Response> {
    const { severity, issuer, ...said } = parseWith(stepSchema, await readJson(c));
    if (step !== 'confirm' && severity !== undefined) throw onlyWithConfirm('severity');
    if (step !== 'confirm' && issuer !== undefined) throw onlyWithConfirm('issuer');
    const caller = callerOf(c);
    const mayDecide = covers(caller.principal.scopes, 'violations:decide');
    const stepped = await cases.step(
      c.req.param('id') ?? '',
      step,
      { caller, mayDecide },
      {
        ...said,
        ...(severity === undefined ? {} : { severity }),
        ...(issuer === undefined ? {} : { issuer }),
      },
    );
    if (stepped === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
    if (!stepped.ok) return refused(c, stepped);
    const { kase, receipt, missing } = stepped;
    return c.json({
      success: true,
      trace_id: caller.trace,
      ...viewOf(kase),
      missing,
      receipt: receiptBody(receipt),
    });
  }
}

type Refusal = Extract<NonNullable<Awaited<ReturnType<Cases['step']>>>, { ok: false }>;

function refused(c: Ctx, { about, reason }: Refusal): Response {
  c.set('governed', true);
  return problem(c, about === 'person' ? 'CHARTER_DENIED' : 'CONFLICT', reason.message, {
    reasons: [reason],
  });
}

function onlyWithConfirm(member: string): ChanceryError {
  const message = 'only a finding that confirms the case takes it';
  return new ChanceryError('VALIDATION_ERROR', `/${member}: ${message}`, {
    reasons: [{ code: 'schema_error', path: `/${member}`, message, kind: 'invalid' }],
  });
}

const NO_SUCH = 'There is no such case.';
