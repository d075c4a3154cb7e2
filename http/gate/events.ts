/** Events that governed applications put on record about their own people, as the charter gives it to them. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { eventObjection } from '../../src/decision/application-event.ts';
import { sanctionsOf } from '../../src/decision/standing.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import type { JsonObject } from '../../src/json.ts';
import { type Ledger, metaOf } from '../../src/ledger/record.ts';
import type { Clock, Item } from '../../src/ports.ts';
import type { PrincipalId } from '../../src/terms.ts';
import { parseWith, readJson } from '../body.ts';
import { personNamed } from '../person.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';

export interface EventRoutesDeps {
  readonly ledger: Ledger;
  readonly charter: () => Promise<Charter>;
  readonly issuers: Issuers;
  /** What is kept of a principal, sanctions included. */
  readonly standing: (who: PrincipalId) => Promise<Item | undefined>;
  readonly clock: Clock;
}

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

export function eventRoutes({ ledger, charter, issuers, standing, clock }: EventRoutesDeps): RouteFamily {
  /** Nothing personal is kept of who was revoked: it would need a new key. */
  async function isKept(about: PrincipalId): Promise<boolean> {
    const item = await standing(about);
    const sanctions = sanctionsOf(item, clock());
    return (
      item === undefined ||
      (sanctions.readable && sanctions.active.every(({ kind }) => kind !== 'revocation'))
    );
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/events',
        scope: 'decisions:evaluate',
        summary: 'Record an event of a governed application',
        tag: 'tools',
        body: event,
        responses: {
          201: {
            description:
              'Recorded; its data is sealed under the key of its subject, or dropped if there is none',
          },
          403: {
            description: 'Of a family, or about a person, that the charter does not give to the caller',
          },
        },
      },
      async (c) => {
        const { type, subject, issuer, data } = parseWith(event, await readJson(c));
        const inForce = await charter();
        const caller = c.get('principal');
        const about = subject === undefined ? caller : personNamed(issuers, subject, issuer);
        const reason = eventObjection(inForce, issuers, caller, { type, about });
        if (reason !== undefined) {
          const code = reason.kind === 'invalid' ? 'VALIDATION_ERROR' : 'CHARTER_DENIED';
          throw new ChanceryError(code, reason.message, { reasons: [reason] });
        }
        const data_kept = await isKept(about);
        const receipt = await ledger.append({
          type,
          trace: c.get('trace'),
          who: about,
          meta: { ...metaOf(callerOf(c)), charter: inForce.digest },
          // What an application writes may be personal, and nobody here can tell: all of it is sealed.
          data: { by_application: true, ...(data_kept ? {} : { data_kept }) },
          ...(data_kept ? { personal: { data, recorded_by: caller.sub, ...c.get('seen') } } : {}),
        });
        return c.json({ recorded: true, data_kept, receipt: receiptBody(receipt) }, 201);
      },
    );
  };
}
