/** Who asks most and who fails most, by pseudonym. Read from the ledger, so it takes the right to read the ledger. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { busiestUsers, ORDERS } from '../../src/identity/busiest.ts';
import type { TableReader } from '../../src/ledger/entry.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { readQuery } from '../body.ts';
import { limit } from '../number.ts';
import { period } from '../period.ts';
import { onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { recordsSince } from './since.ts';

export interface UserRoutesDeps {
  readonly ledger: Ledger;
  readonly table: TableReader;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

export const topUsersQuery = closed({
  /** By how many decisions, or by how many requests that were refused or failed. */
  by: z.enum(ORDERS).default('decisions'),
  /** Default: 24 hours ago. */
  from: period.from,
  limit: limit(1_000, 10),
});

export function userRoutes({ ledger, table, clock }: UserRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/ledger/top-users',
        scope: 'ledger:read',
        summary: 'The busiest users, or those whose requests failed most, by pseudonym',
        tag: 'ledger',
        query: topUsersQuery,
        responses: {
          200: {
            description:
              '`users`, the first by `by`; `complete` is false when older records were not looked at',
          },
        },
      },
      async (c) => {
        const query = readQuery(c, topUsersQuery);
        const from = new Date(query.from ?? clock() - DAY_MS).toISOString();
        const { records, complete } = await recordsSince(table, from);
        const users = busiestUsers(records, query.by, query.limit);
        await ledger.append(
          onRecord(c, 'admin.access', { resource: 'ledger', what: 'top-users', count: users.length }),
        );
        return c.json({ users, by: query.by, from, complete });
      },
    );
  };
}
