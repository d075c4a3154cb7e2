/** Metrics, health, objectives, and the description of the API. */
import { openObservatory } from '../src/observatory.ts';
import { serve } from './shared/http.ts';
import { OBSERVE } from './shared/mounts.ts';

export const handler = await serve((kit) => {
  const { office, authenticator, clock, wait, world } = kit;
  const observatory = openObservatory({
    office,
    authenticator,
    ledgerTable: world.table('LEDGER_TABLE'),
    state: world.table('STATE_TABLE'),
    clock,
    after: wait,
    // The projector runs elsewhere: this function shows what it stored.
    mode: { kind: 'stored', max_age_ms: 5_000 },
    readings: async () => [],
    verified: () => true,
    further: [],
  });
  return OBSERVE.map((family) => family({ ...kit, observatory }));
});
