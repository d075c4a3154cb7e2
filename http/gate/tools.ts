/** What came of the tool calls that a gateway carried out. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { bornAt } from '../../src/basics/ids.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import { openName, veilBy } from '../../src/ledger/people/names.ts';
import type { Pseudonym } from '../../src/ledger/people/pseudonym.ts';
import type { EntryFilter } from '../../src/ledger/reader.ts';
import type { Ledger, LedgerRecord } from '../../src/ledger/record.ts';
import { type Principal, TOOL_OUTCOMES } from '../../src/terms.ts';
import { parseWith, readJson } from '../body.ts';
import { onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';

export interface ToolRoutesDeps {
  readonly ledger: Ledger;
  readonly pseudonym: Pseudonym;
  /** Every record that matches, oldest first. */
  readonly records: (wanted: EntryFilter) => AsyncIterable<{ readonly record: LedgerRecord }>;
}

const invocation = closed({
  tool: z.string().min(1).max(128),
  outcome: z.enum(TOOL_OUTCOMES),
  duration_ms: z.number().min(0).max(86_400_000).optional(),
  /** The decision that allowed it. */
  decision_id: z.string().max(64).optional(),
  error_type: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/)
    .optional(),
});

/** A decision has its id before it is recorded, by at most this long. */
const RECORDED_WITHIN_MS = 30_000;

export function toolRoutes({ ledger, pseudonym, records }: ToolRoutesDeps): RouteFamily {
  const veil = veilBy(pseudonym);
  /** Why this is not the decision that allowed the call; undefined when it is. */
  async function objection(
    caller: Principal,
    { tool, outcome, decision_id }: z.output<typeof invocation>,
  ): Promise<Reason | undefined> {
    if (decision_id === undefined) return undefined;
    const made = bornAt(decision_id);
    const subject = pseudonym(caller);
    const [from, to] = [made, made + RECORDED_WITHIN_MS].map((ms) => new Date(ms).toISOString());
    const wanted = { type: 'decision.made', subject, ...(from && to ? { from, to } : {}) };
    if (made > 0)
      for await (const { record } of records(wanted)) {
        if (record.data.decision_id !== decision_id) continue;
        const about = record.data.resource;
        const same =
          typeof about === 'object' && about !== null && 'id' in about && about.id === openName(tool, veil);
        if (!same) return wrong('another_tool', 'this decision was about something else');
        if (outcome === 'denied' || record.data.outcome === 'allow') return undefined;
        return wrong('decision_not_allowed', 'this decision did not allow the call');
      }
    return wrong('unknown_decision', 'there is no such decision of yours');
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/tools/invocations',
        scope: 'decisions:evaluate',
        summary: 'Record what came of a tool call',
        tag: 'tools',
        body: invocation,
        responses: {
          201: { description: 'Recorded' },
          400: { description: 'It names a decision that did not allow this call' },
        },
      },
      async (c) => {
        const said = parseWith(invocation, await readJson(c));
        const { tool, outcome, duration_ms, decision_id, error_type } = said;
        const reason = await objection(c.get('principal'), said);
        if (reason !== undefined)
          throw new ChanceryError('VALIDATION_ERROR', `${reason.message}.`, { reasons: [reason] });
        c.set('context', { tool, outcome });
        const receipt = await ledger.append(
          onRecord(c, outcome === 'failure' ? 'tool.failed' : 'tool.invoked', {
            tool: openName(tool, veil),
            outcome,
            ...(duration_ms === undefined ? {} : { duration_us: Math.round(duration_ms * 1000) }),
            ...(decision_id ? { decision_id } : {}),
            ...(error_type ? { error_type } : {}),
          }),
        );
        return c.json({ recorded: true, receipt: receiptBody(receipt) }, 201);
      },
    );
  };
}

const wrong = (code: string, message: string): Reason => ({
  code,
  path: '/decision_id',
  message,
  kind: 'invalid',
});
