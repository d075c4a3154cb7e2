/** Reports without a name: handed in by anybody, read and answered by the committee. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Whistleblower } from '../../src/govern/whistleblower.ts';
import { notAPerson } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { parseWith, readJson } from '../body.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { quoted, wording } from '../words.ts';
import { severityOf } from './violation-type.ts';

export interface WhistleblowerRoutesDeps {
  readonly whistleblower: Whistleblower;
  readonly charter: () => Promise<Charter>;
  readonly ledger: Ledger;
}

/** What is sealed must fit a record. */
const MOST_BYTES = 36_000;

const reportBody = closed({
  description: wording(1, 20_000),
  violation_type: z.string().min(1).max(64).optional(),
  node_or_service: wording(1, 96).optional(),
  evidence: z.array(quoted).max(10).optional(),
});
const codeBody = closed({ code: z.string().trim().min(1).max(64) });
const answerBody = closed({ answer: wording(1, 8_000) });

const NO_SUCH = 'There is no such report.';

export function whistleblowerRoutes({
  whistleblower,
  charter,
  ledger,
}: WhistleblowerRoutesDeps): RouteFamily {
  /** Only people of the committee, and each look is on record. */
  async function committee(c: Ctx, what: string, about: JsonObject = {}): Promise<void> {
    const denied = notAPerson(c.get('principal'), 'what a whistleblower reports');
    if (denied !== undefined)
      throw new ChanceryError('CHARTER_DENIED', denied.message, { reasons: [denied] });
    await ledger.append(onRecord(c, 'admin.access', { what, ...about }));
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/whistleblower/reports',
        scope: null,
        anonymous: true,
        summary: 'Report without a name; the code of the answer reads the answer',
        tag: 'whistleblower',
        body: reportBody,
        responses: {
          201: { description: 'Sealed to the committee, which answers within 24 h' },
          429: { description: 'Too many came within the hour, from all together' },
        },
      },
      async (c) => {
        const given = parseWith(reportBody, await readJson(c));
        if (given.violation_type !== undefined) severityOf(await charter(), given.violation_type);
        const report: JsonObject = {
          description: given.description,
          ...(given.violation_type === undefined ? {} : { violation_type: given.violation_type }),
          ...(given.node_or_service === undefined ? {} : { node_or_service: given.node_or_service }),
          ...(given.evidence === undefined ? {} : { evidence: given.evidence }),
        };
        if (Buffer.byteLength(JSON.stringify(report)) > MOST_BYTES) throw tooLong();
        const taken = await whistleblower.receive(report);
        return c.json({ success: true, ...taken.report, code: taken.code }, 201);
      },
    );

    mount(
      {
        method: 'post',
        path: '/whistleblower/answers',
        scope: null,
        anonymous: true,
        summary: 'Read what became of a report, with its code',
        tag: 'whistleblower',
        body: codeBody,
        responses: { 200: { description: 'The answer, once there is one' }, 404: { description: NO_SUCH } },
      },
      async (c) => {
        const { code } = parseWith(codeBody, await readJson(c));
        return c.json(found(await whistleblower.answerFor(code.toUpperCase())));
      },
    );

    mount(
      {
        method: 'get',
        path: '/whistleblower/reports',
        scope: 'violations:decide',
        summary: 'List the reports without a name, newest first',
        tag: 'whistleblower',
      },
      async (c) => {
        await committee(c, 'whistleblower_list');
        return c.json({ reports: await whistleblower.list() });
      },
    );

    mount(
      {
        method: 'get',
        path: '/whistleblower/reports/:id',
        scope: 'violations:decide',
        summary: 'Read one of them',
        tag: 'whistleblower',
      },
      async (c) => {
        const report_id = c.req.param('id') ?? '';
        const report = found(await whistleblower.read(report_id));
        await committee(c, 'whistleblower_read', { report_id });
        return c.json(report);
      },
    );

    mount(
      {
        method: 'post',
        path: '/whistleblower/reports/:id/answer',
        scope: 'violations:decide',
        summary: 'Answer it',
        tag: 'whistleblower',
        body: answerBody,
        responses: {
          200: { description: 'Whoever has the code can read it' },
          404: { description: NO_SUCH },
          409: { description: 'It is answered already' },
        },
      },
      async (c) => {
        const { answer } = parseWith(answerBody, await readJson(c));
        const report_id = c.req.param('id') ?? '';
        await committee(c, 'whistleblower_answer', { report_id });
        const answered = await whistleblower.answer(report_id, answer, (type, data) =>
          onRecord(c, type, data),
        );
        return c.json({ success: true, trace_id: c.get('trace'), ...found(answered) });
      },
    );
  };
}

function found<T>(report: T | undefined): T {
  if (report === undefined) throw new ChanceryError('NOT_FOUND', NO_SUCH);
  return report;
}

function tooLong(): ChanceryError {
  const message = `a report has at most ${MOST_BYTES} bytes in all`;
  return new ChanceryError('VALIDATION_ERROR', `/description: ${message}`, {
    reasons: [{ code: 'schema_error', path: '/description', message, kind: 'invalid' }],
  });
}
