/** Who is active, from the ledger, so that every process gives the same answer. */
import { activeSessions, activeSince } from '../../src/identity/active.ts';
import type { TableReader } from '../../src/ledger/entry.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { recordsSince } from './since.ts';

export interface SessionRoutesDeps {
  readonly ledger: Ledger;
  readonly table: TableReader;
  readonly clock: Clock;
}

export function sessionRoutes({ ledger, table, clock }: SessionRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/sessions',
        scope: 'admin:security:read',
        summary: 'Sessions seen in the last 15 minutes',
        tag: 'ledger',
        responses: { 200: { description: '`sessions`, the most recent first, by pseudonym' } },
      },
      async (c) => {
        const now = clock();
        const { records, complete } = await recordsSince(table, activeSince(now));
        const sessions = activeSessions(records, now);
        await ledger.append(onRecord(c, 'admin.access', { resource: 'sessions', count: sessions.length }));
        return c.json({ sessions, complete });
      },
    );
  };
}
