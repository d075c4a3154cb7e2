/** The quarterly report, for machines and for people, each time compiled anew out of the sealed log. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { compileReport, type SealedRecords } from '../../src/govern/quarterly/compile.ts';
import { type Period, QUARTER, quarterNamed, quarterOf } from '../../src/govern/quarterly/period.ts';
import { toHtml, toMarkdown } from '../../src/govern/quarterly/render.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { readQuery } from '../body.ts';
import type { RouteFamily } from '../routes.ts';
import { recordReading } from './ledger.ts';

export interface QuarterlyRoutesDeps {
  readonly sealed: SealedRecords;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

const time = z.iso.datetime({ offset: true });
const size = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,14})$/)
  .pipe(z.coerce.number())
  .optional();
const query = closed({
  /** `2026-Q4`; by default the present one. */
  quarter: z.string().regex(QUARTER).optional(),
  /** Another time than a quarter: both or neither. */
  from: time.optional(),
  to: time.optional(),
  /** Sizes of the tree that bound it, to compile a report again that somebody has. */
  from_size: size,
  to_size: size,
  format: z.enum(['json', 'markdown', 'html']).default('json'),
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
        const sizes = {
          ...(asked.from_size === undefined ? {} : { from: asked.from_size }),
          ...(asked.to_size === undefined ? {} : { to: asked.to_size }),
        };
        const report = await compileReport(sealed, periodIn(asked, clock()), sizes);
        if (report === undefined)
          throw new ChanceryError('NOT_FOUND', 'Nothing of this is sealed yet.', {
            headers: { 'retry-after': '2' },
          });
        await recordReading({ ledger }, c, { what: 'quarterly', entries: report.records });
        if (asked.format === 'markdown')
          return c.body(toMarkdown(report), 200, { 'content-type': 'text/markdown; charset=utf-8' });
        return asked.format === 'html' ? c.html(toHtml(report)) : c.json(report);
      },
    );
  };
}

function periodIn({ quarter, from, to }: z.infer<typeof query>, now: number): Period {
  if ((from === undefined) !== (to === undefined) || (quarter !== undefined && from !== undefined))
    throw new ChanceryError('VALIDATION_ERROR', 'Give a quarter, or from and to.');
  if (from !== undefined && to !== undefined) {
    if (Date.parse(from) >= Date.parse(to)) throw new ChanceryError('VALIDATION_ERROR', 'from is before to.');
    return { from: Date.parse(from), to: Date.parse(to) };
  }
  return (quarter === undefined ? undefined : quarterNamed(quarter)) ?? quarterOf(now);
}
