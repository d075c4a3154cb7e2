/** The ledger over HTTP: entries and verification. That it was read is itself recorded. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { entryConditions } from '../../src/ledger/entry-filter.ts';
import { type GenuineDeps, genuineEntry } from '../../src/ledger/genuine.ts';
import { type EntryFilter, readEntries } from '../../src/ledger/reader.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Verification } from '../../src/ledger/verdict.ts';
import { readQuery } from '../body.ts';
import { limit } from '../number.ts';
import { inOrder, period } from '../period.ts';
import { type People, subjectNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily, RouteSpec } from '../routes.ts';

export interface LedgerRoutesDeps extends People, GenuineDeps {
  readonly ledger: Ledger;
  /** Runs off the event loop: it may take seconds. */
  readonly verify: () => Promise<Verification>;
}

export const entriesQuery = closed({
  ...entryConditions,
  /** A `sub`, or the pseudonym that entries show. */
  subject: z.string().max(256).optional(),
  /** Whose person a `sub` is; needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
  ...period,
  cursor: z.string().max(200).optional(),
  limit: limit(1_000, 100),
  order: z.enum(['newest', 'oldest']).default('newest'),
}).check(inOrder);

export function ledgerRoutes(deps: LedgerRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/ledger/entries',
        scope: 'ledger:read',
        summary: 'Entries that match, newest first, a page at a time',
        tag: 'ledger',
        query: entriesQuery,
        responses: { 200: { description: '`entries`, and `next` while there may be more' } },
      },
      async (c) => {
        const { cursor, limit, order, subject, issuer, ...rest } = readQuery(c, entriesQuery);
        const filter: EntryFilter = {
          ...rest,
          ...(subject === undefined ? {} : { subject: subjectNamed(deps, subject, issuer) }),
        };
        const page = await readEntries(deps.table, filter, {
          limit,
          order,
          ...(cursor === undefined ? {} : { cursor }),
        });
        await recordReading(deps, c, { what: 'entries', count: page.entries.length });
        return c.json(page);
      },
    );

    mount(
      {
        method: 'get',
        path: '/ledger/entries/:id',
        scope: 'ledger:read',
        summary: 'One entry with its hash and signature; one’s own without the scope as well',
        tag: 'ledger',
        own: ownEntry(deps),
      },
      async (c) => {
        const id = c.req.param('id') ?? '';
        const entry = await genuineEntry(deps, id);
        if (entry === undefined) throw new ChanceryError('NOT_FOUND', 'There is no entry of this id.');
        await recordReading(deps, c, { what: 'entry', id: entry.id });
        return c.json(entry);
      },
    );

    mount(
      {
        method: 'post',
        path: '/ledger/verify',
        scope: 'ledger:read',
        summary: 'Verify the whole ledger now',
        tag: 'ledger',
        standing: 'read',
        responses: {
          200: { description: 'The verdict with its findings, whatever they are' },
          422: {
            description: 'It takes longer than a request may; the command `ledger verify` has no limit',
          },
        },
      },
      async (c) => {
        const verification = await deps.verify();
        const { verdict, entries, tree_size } = verification;
        await recordReading(deps, c, { what: 'verification', verdict, entries, tree_size });
        return c.json(verification);
      },
    );
  };
}

/** Whether the entry of the path is about the caller. */
export const ownEntry =
  (deps: GenuineDeps & Pick<LedgerRoutesDeps, 'pseudonym'>): NonNullable<RouteSpec['own']> =>
  async (c, caller) => {
    const entry = await genuineEntry(deps, c.req.param('id') ?? '');
    return entry?.record.subject === deps.pseudonym(caller);
  };

export async function recordReading(
  { ledger }: { readonly ledger: Ledger },
  c: Ctx,
  data: JsonObject,
): Promise<void> {
  await ledger.append(onRecord(c, 'admin.access', { resource: 'ledger', ...data }));
}
