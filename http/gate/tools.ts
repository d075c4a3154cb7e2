/**
 * What came of what was allowed: tool calls that a gateway carried out, and the events that governed applications
 * record. The charter says which event types exist beside the ledger's own; those of governance itself are not
 * for applications to write.
 */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import type { JsonObject } from '../../src/json.ts';
import { EVENT_TYPES, type Ledger, metaOf } from '../../src/ledger/record.ts';
import { TOOL_OUTCOMES } from '../../src/terms.ts';
import { parseWith, readJson } from '../body.ts';
import { personNamed } from '../person.ts';
import { callerOf, onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';

export interface ToolRoutesDeps {
  readonly ledger: Ledger;
  readonly charter: () => Promise<Charter>;
  readonly issuers: Issuers;
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

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const event = closed({
  type: z.string().regex(/^[a-z_]+\.[a-z_]+$/, 'an event type is family.verb'),
  /** Whose data it is about; by default the caller's. */
  subject: z.string().min(1).max(256).optional(),
  /** Whose person the subject is; needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
  data: z.custom<JsonObject>(isObject, 'must be an object').default({}),
});

/** Families of the ledger's own types that belong to applications. */
const APPLICATION_FAMILIES = ['memory.', 'user.'];

export function toolRoutes({ ledger, charter, issuers }: ToolRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/tools/invocations',
        scope: 'decisions:evaluate',
        summary: 'Record what came of a tool call',
        tag: 'tools',
        body: invocation,
        responses: { 201: { description: 'Recorded' } },
      },
      async (c) => {
        const { tool, outcome, duration_ms, decision_id, error_type } = parseWith(
          invocation,
          await readJson(c),
        );
        c.set('context', { tool, outcome });
        const receipt = await ledger.append(
          onRecord(c, outcome === 'failure' ? 'tool.failed' : 'tool.invoked', {
            tool,
            outcome,
            ...(duration_ms === undefined ? {} : { duration_us: Math.round(duration_ms * 1000) }),
            ...(decision_id ? { decision_id } : {}),
            ...(error_type ? { error_type } : {}),
          }),
        );
        return c.json({ recorded: true, receipt: receiptBody(receipt) }, 201);
      },
    );

    mount(
      {
        method: 'post',
        path: '/events',
        scope: 'decisions:evaluate',
        summary: 'Record an event of a governed application',
        tag: 'tools',
        body: event,
        responses: {
          201: { description: 'Recorded; its data is sealed under the key of its subject' },
          403: { description: 'About somebody else, by an agent or a person' },
        },
      },
      async (c) => {
        const { type, subject, issuer, data } = parseWith(event, await readJson(c));
        const inForce = await charter();
        if (!mayRecord(inForce, type)) {
          throw new ChanceryError('VALIDATION_ERROR', `Applications may not record ${type}.`, {
            reasons: [
              {
                code: 'unknown_event_type',
                path: '/type',
                message: `register ${type} under event_types in charter.yaml`,
                kind: 'invalid',
              },
            ],
          });
        }
        const caller = c.get('principal');
        const who = subject === undefined ? caller : personNamed(issuers, subject, issuer);
        const about = who.sub === caller.sub && who.issuer === caller.issuer;
        // A governed application is a service: an agent, or a person, speaks for nobody but itself.
        if (!about && (caller.kind !== 'service' || caller.act.length > 0)) throw notTheirs();
        const receipt = await ledger.append({
          type,
          trace: c.get('trace'),
          who,
          meta: { ...metaOf(callerOf(c)), charter: inForce.digest },
          // What an application writes may be personal, and nobody here can tell: all of it is sealed.
          data: { by_application: true },
          personal: { data, recorded_by: c.get('principal').sub, ...c.get('seen') },
        });
        return c.json({ recorded: true, receipt: receiptBody(receipt) }, 201);
      },
    );
  };
}

function notTheirs(): ChanceryError {
  const message = 'only a governed application, a service, records events about somebody else';
  return new ChanceryError('CHARTER_DENIED', message, {
    reasons: [{ code: 'not_your_principal', path: '/subject', message, kind: 'forbidden' }],
  });
}

function mayRecord(charter: Charter, type: string): boolean {
  if (charter.documents['charter.yaml'].event_types.includes(type)) return true;
  return (
    EVENT_TYPES.some((known) => known === type) &&
    APPLICATION_FAMILIES.some((family) => type.startsWith(family))
  );
}
