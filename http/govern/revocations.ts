/** Revoking a person's data, and what became of it. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Revocations } from '../../src/govern/revocations.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { REVOCATION_REASONS } from '../../src/terms.ts';
import { parseWith, readJson } from '../body.ts';
import { personNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface RevocationRoutesDeps {
  readonly revocations: Revocations;
  readonly ledger: Ledger;
  readonly issuers: Issuers;
}

const order = closed({
  /** The `sub` of whose data it is. */
  subject: z.string().min(1).max(256),
  /** Whose person it is; needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
  reason: z.enum(REVOCATION_REASONS),
});

const listQuery = closed({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional(),
});

const about = { scope: 'revocations:write', tag: 'revocations' } as const;

export function revocationRoutes({ revocations, ledger, issuers }: RevocationRoutesDeps): RouteFamily {
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
          202: { description: 'Access is stopped; the rest goes on by itself, or waits for a legal hold' },
        },
      },
      async (c) => {
        const { subject, issuer, reason } = parseWith(order, await readJson(c));
        const view = await revocations.request(
          { who: personNamed(issuers, subject, issuer), reason },
          (data) => onRecord(c, 'revocation.requested', data),
        );
        const body = { success: true, trace_id: c.get('trace'), ...view };
        return c.json(body, view.status === 'erased' ? 201 : 202);
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
        const { limit, cursor } = parseWith(listQuery, c.req.query());
        return c.json(await revocations.list({ limit, ...(cursor === undefined ? {} : { after: cursor }) }));
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

const NO_EXPORT = 'There is no export of this revocation, or none any more.';

const idOf = (c: Ctx): string => c.req.param('id') ?? '';
