/** The quarterly report, for machines and for people, each time compiled anew out of the sealed log. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { compileReport, type SealedRecords } from '../../src/govern/quarterly/compile.ts';
import { periodAsked, QUARTER } from '../../src/govern/quarterly/period.ts';
import { written } from '../../src/govern/quarterly/render.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/govern/quarterly/report.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { readQuery } from '../body.ts';
import { size } from '../number.ts';
import { period } from '../period.ts';
import type { RouteFamily } from '../routes.ts';
import { recordReading } from './ledger.ts';

export interface QuarterlyRoutesDeps {
  readonly sealed: SealedRecords;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

const MEDIA: Readonly<Record<ReportFormat, string>> = {
  json: 'application/json',
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=UTF-8',
};

const query = closed({
  /** `2026-Q4`; by default the present one. */
  quarter: z.string().regex(QUARTER, 'a quarter is written as 2026-Q4').optional(),
  /** Another time than a quarter: both or neither. */
  ...period,
  /** Sizes of the tree that bound it, to compile a report again that somebody has. */
  from_size: size.optional(),
  to_size: size.optional(),
  format: z.enum(REPORT_FORMATS).default('json'),
});

export function quarterlyRoutes({ sealed, ledger, clock }: QuarterlyRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/reports/quarterly',
        scope: 'ledger:read',
        summary:
          'Violations, sanctions and overrides of a quarter, with the proof that the figures are right',
        tag: 'ledger',
        produces: ['application/json', 'text/markdown', 'text/html'],
        query,
      },
      async (c) => {
        const asked = readQuery(c, query);
        if ((asked.from_size ?? 0) > (asked.to_size ?? Number.POSITIVE_INFINITY))
          throw new ChanceryError('VALIDATION_ERROR', 'from_size is to_size at most.');
        const compiled = await compileReport(sealed, periodAsked(asked, clock()), {
          ...(asked.from_size === undefined ? {} : { from: asked.from_size }),
          ...(asked.to_size === undefined ? {} : { to: asked.to_size }),
        });
        if (compiled.kind === 'contradicted')
          throw new ChanceryError(
            'LEDGER_UNAVAILABLE',
            `The sealed log contradicts itself: ${compiled.detail}`,
          );
        if (compiled.kind === 'unsealed')
          throw new ChanceryError('NOT_FOUND', 'Nothing of this is sealed yet.', {
            headers: { 'retry-after': '2' },
          });
        const { report } = compiled;
        await recordReading({ ledger }, c, { what: 'quarterly', entries: report.records });
        return c.body(written(report, asked.format), 200, { 'content-type': MEDIA[asked.format] });
      },
    );
  };
}
