/** Comparing working state with the ledger, on demand: the background does it all the time. */
import type { StateCheck } from '../../src/govern/power/check.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { onRecord } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';

export interface StateRoutesDeps {
  readonly check: Pick<StateCheck, 'verify'>;
  readonly ledger: Ledger;
}

export function stateRoutes({ check, ledger }: StateRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/state/verify',
        scope: 'ledger:read',
        standing: 'read',
        summary:
          'Compare everything that gives power with the records that justify it, and mend what differs',
        tag: 'maintenance',
        responses: {
          200: {
            description:
              '`verdict` is OK or TAMPERED; `findings` name what differed, and whether it was mended',
          },
        },
      },
      async (c) => {
        const { verdict, items, findings } = await check.verify();
        const data = { what: 'state_verified', verdict, items, findings: findings.length };
        const receipt = await ledger.append(onRecord(c, 'admin.access', data));
        return c.json({
          verdict,
          items,
          findings: findings.map((each) => ({ ...each })),
          receipt: { ...receipt },
        });
      },
    );
  };
}
