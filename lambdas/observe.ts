/** Metrics, health, objectives, and the description of the API. */
import { sealerVerdict, watchStart } from '../src/ledger/start-check.ts';
import { openObservatory } from '../src/observatory.ts';
import { serve } from './shared/http.ts';
import { OBSERVE } from './shared/mounts.ts';
import { awsTrust } from './shared/trust.ts';

const NO_TRACE = '0'.repeat(32);

export const handler = await serve(async (kit) => {
  const { office, authenticator, clock, wait, world } = kit;
  const start = watchStart(
    {
      table: world.table('LEDGER_TABLE'),
      log: world.blobs('LOG_BUCKET'),
      worm: world.blobs('WORM_BUCKET'),
      trust: await awsTrust(world),
      sealer: sealerVerdict(world.table('STATE_TABLE')).read,
    },
    clock,
    (data) => office.ledger.append({ type: 'security.tamper_detected', trace: NO_TRACE, data }),
  );
  await start.verified();
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
    verified: start.verified,
    further: [],
  });
  return OBSERVE.map((family) => family({ ...kit, observatory }));
});
