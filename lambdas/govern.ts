/** Changes governance state: approvals, charters, violations, limits, emergency stop, alerts that people take on. */
import { GOVERN } from '../http/govern/families.ts';
import { openAlerting } from '../src/watch/alerting.ts';
import { openAwsGovern } from './shared/govern.ts';
import { serve } from './shared/http.ts';

export const handler = await serve(openAwsGovern, (kit) => {
  const { world, office, ledgerTable } = kit;
  const state = world.table('STATE_TABLE');
  // It has no targets: what it lays into the outbox, the notifier's next round sends (lambdas/notify.ts).
  const alerting = openAlerting({ ...world, ledger: office.ledger, ledgerTable, state, couriers: new Map() });
  const further = {
    state,
    ids: world.ids,
    alerting,
    ringOutbox: () => {},
    production: world.settings.CHANCERY_ENVIRONMENT === 'prod',
  };
  return GOVERN.map((family) => family({ ...kit, ...further }));
});
