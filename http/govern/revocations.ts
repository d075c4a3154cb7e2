/** Revoking a person's data, and what became of it. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import type { Revocations } from '../../src/govern/revocations.ts';
import type { Authenticator } from '../../src/identity/authenticator.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import { type Marked, notAPerson } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Ledger, NewRecord } from '../../src/ledger/record.ts';
import type { Principal, PrincipalId } from '../../src/terms.ts';
import { REVOCATION_REASONS } from '../../src/terms.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { pageAsked, pageQuery } from '../page.ts';
import { personNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface RevocationRoutesDeps {
  readonly revocations: Revocations;
  readonly ledger: Ledger;
  readonly issuers: Issuers;
  readonly marked: (principal: Principal) => Marked;
  /** Knows the token that a person shows for their own revocation. */
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
}

const order = closed({
  /** The `sub` of whose data it is. */
  subject: z.string().min(1).max(256),
  /** Whose person it is; needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
  reason: z.enum(REVOCATION_REASONS),
  /** The person's own token: with it, and `user_request`, nobody else has to agree. */
  subject_token: z.string().min(1).max(16_384).optional(),
});

const listQuery = closed({
  ...pageQuery('rev'),
});

const about = { scope: 'revocations:write', tag: 'revocations' } as const;

export function revocationRoutes(deps: RevocationRoutesDeps): RouteFamily {
  const { revocations, ledger, issuers } = deps;

  const personOf = (c: Ctx): Marked => {
    const principal = c.get('principal');
    const reason = notAPerson(principal, 'a revocation');
    if (reason !== undefined) throw denied(reason);
    return deps.marked(principal);
  };

  /** Throws CHARTER_DENIED when the token is not the person's own, or not for this. */
  async function checkOwn(who: PrincipalId, reason: string, token: string): Promise<void> {
    const shown = await deps.authenticator.authenticate(`Bearer ${token}`);
    const theirs = shown.ok && isSame(shown.claims, who) && shown.claims.act === undefined;
    if (theirs && reason === 'user_request') return;
    throw denied({
      code: 'not_their_request',
      path: '/subject_token',
      message:
        'this is no token of the person themselves for a user_request; a second person can agree instead',
      kind: 'forbidden',
    });
  }

  return (mount) => {
    mount(
      {
        ...about,
        method: 'post',
        path: '/revocations',
        summary: "Stop a person's access, export what is held of them, erase it, prove it",
        body: order,
        responses: {
          201: { description: 'Erased; `proof` is the receipt of the record that says so' },
          202: {
            description:
              'Access is stopped; the rest goes on by itself, or waits for a second person or a legal hold',
          },
          403: { description: 'Not a person, or a token of somebody else' },
        },
      },
      async (c) => {
        const { subject, issuer, reason, subject_token } = parseWith(order, await readJson(c));
        const by = personOf(c);
        const who = personNamed(issuers, subject, issuer);
        if (subject_token !== undefined) await checkOwn(who, reason, subject_token);
        const caller = c.get('principal');
        const own = subject_token !== undefined || (caller.sub === who.sub && caller.issuer === who.issuer);
        const view = await revocations.request({ who, reason, by, own }, recordOf(c));
        const body = { success: true, trace_id: c.get('trace'), ...view };
        return c.json(body, view.status === 'erased' ? 201 : 202);
      },
    );

    mount(
      {
        ...about,
        method: 'post',
        path: '/revocations/:id/confirm',
        summary: 'The second person agrees: the export and the erasure go on',
        responses: {
          200: { description: 'It goes on; how far it has come' },
          403: { description: 'Not a person' },
          409: { description: 'You asked for it yourself, or it was lifted' },
        },
      },
      async (c) => {
        const view = await revocations.confirm(idOf(c), personOf(c), recordOf(c));
        if (view === undefined) throw new ChanceryError('NOT_FOUND', NO_REVOCATION);
        return c.json(view);
      },
    );

    for (const [method, path] of [
      ['post', '/revocations/:id/lift'],
      ['delete', '/revocations/:id'],
    ] as const)
      mount(
        {
          ...about,
          method,
          path,
          summary: 'It was a mistake: access is restored, as long as nothing is erased',
          responses: {
            200: { description: 'Lifted' },
            403: { description: 'Not a person' },
            409: { description: 'It is erased' },
          },
        },
        async (c) => {
          personOf(c);
          const view = await revocations.lift(idOf(c), recordOf(c));
          if (view === undefined) throw new ChanceryError('NOT_FOUND', NO_REVOCATION);
          return c.json(view);
        },
      );

    mount(
      {
        ...about,
        method: 'get',
        path: '/revocations',
        summary: 'Revocations, newest first',
        query: listQuery,
      },
      async (c) => {
        return c.json(await revocations.list(pageAsked(readQuery(c, listQuery))));
      },
    );

    mount(
      { ...about, method: 'get', path: '/revocations/:id', summary: 'How far one has come' },
      async (c) => {
        const view = await revocations.get(idOf(c));
        if (view === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such revocation.');
        return c.json(view);
      },
    );

    mount(
      {
        ...about,
        method: 'get',
        path: '/revocations/:id/export',
        summary: "The person's records, to be handed to them; kept 30 days",
        produces: ['application/jsonl'],
        responses: { 200: { description: 'JSON Lines' }, 404: { description: 'None, or none any more' } },
      },
      async (c) => {
        const bytes = await revocations.exported(idOf(c));
        if (bytes === undefined) throw new ChanceryError('NOT_FOUND', NO_EXPORT);
        const data = { resource: 'revocation_export', revocation_id: idOf(c), bytes: bytes.byteLength };
        await ledger.append(onRecord(c, 'admin.access', data));
        return c.body(new Uint8Array(bytes), 200, {
          'content-type': 'application/jsonl',
          'cache-control': 'no-store',
        });
      },
    );

    mount(
      {
        ...about,
        method: 'delete',
        path: '/revocations/:id/export',
        summary: 'Destroy the export once it was handed over',
      },
      async (c) => {
        if (!(await revocations.removeExport(idOf(c)))) throw new ChanceryError('NOT_FOUND', NO_EXPORT);
        const data = { what: 'revocation_export_removed', revocation_id: idOf(c) };
        const receipt = await ledger.append(onRecord(c, 'admin.config_changed', data));
        return c.json({ removed: true, revocation_id: idOf(c), receipt: { ...receipt } });
      },
    );
  };
}

const recordOf =
  (c: Ctx) =>
  (type: NewRecord['type'], data: JsonObject): NewRecord =>
    onRecord(c, type, data);

const denied = (reason: Reason): ChanceryError =>
  new ChanceryError('CHARTER_DENIED', reason.message, { reasons: [reason] });

const isSame = (claims: { readonly iss: string; readonly sub: string }, who: PrincipalId): boolean =>
  claims.iss === who.issuer && claims.sub === who.sub;

const NO_REVOCATION = 'There is no such revocation.';
const NO_EXPORT = 'There is no export of this revocation, or none any more.';

const idOf = (c: Ctx): string => c.req.param('id') ?? '';
