/** Metrics, health, objectives, the description of the API, and the console. */
import { join } from 'node:path';
import { readConsole, readRoutes, readWorkflows } from '../adapters/bundled-files.ts';
import { OBSERVE } from '../http/observe/families.ts';
import { signInsOf } from '../src/identity/settings.ts';
import { publishedCheckpoint } from '../src/ledger/check/proof.ts';
import { watchStart } from '../src/ledger/check/start-check.ts';
import { openObservatory } from '../src/office/observatory.ts';
import { charterReadings, readingsOf } from '../src/office/readings.ts';
import { aboutOf } from './shared/about.ts';
import { blobsOf, wormOf } from './shared/blobs.ts';
import { openAwsFront } from './shared/front.ts';
import { type Kit, serve } from './shared/http.ts';
import { publishedOf } from './shared/published.ts';
import { awsTrust } from './shared/trust.ts';
import { verdictOf } from './shared/verdict.ts';
import type { AwsWorld } from './shared/world.ts';

/** The front, and the workflows that its gauges tell of. */
const open = async (world: AwsWorld) => ({
  ...(await openAwsFront(world)),
  workflows: readWorkflows(join(world.settings.LAMBDA_TASK_ROOT, 'workflows')),
});

type Observing = Awaited<ReturnType<typeof open>>;

const NO_TRACE = '0'.repeat(32);

const familiesOf = async (kit: Kit<Observing>) => {
  const { office, authenticator, clock, wait, world } = kit;
  const about = aboutOf(world);
  const published = publishedOf(world);
  const log = blobsOf(world, 'LOG_BUCKET');
  const trust = await awsTrust(world);
  const start = watchStart(
    {
      table: world.table('LEDGER_TABLE'),
      log,
      worm: wormOf(world),
      trust,
      sealer: verdictOf(world),
    },
    clock,
    (data) => office.ledger.append({ type: 'security.tamper_detected', trace: NO_TRACE, data }),
  );
  await start.standing();
  const observatory = openObservatory({
    office,
    authenticator,
    ledgerTable: world.table('LEDGER_TABLE'),
    state: world.table('STATE_TABLE'),
    clock,
    after: wait,
    // The projector runs elsewhere: this function shows what it stored.
    mode: { kind: 'stored', max_age_ms: 5_000 },
    readings: async () => [
      ...readingsOf(office, about),
      ...(await charterReadings(office)),
      ...(await published()),
    ],
    checkpoint: async () => (await publishedCheckpoint({ log, trust }))?.text,
    finding: async () => {
      const standing = await start.standing();
      return standing && `${standing.head}: ${standing.detail}`;
    },
    // A table takes writes while it is there.
    probe: () =>
      Promise.all(
        (['LEDGER_TABLE', 'STATE_TABLE'] as const).map((name) => world.table(name).get('HEALTH', 'probe')),
      ),
    further: [],
  });
  const { ISSUERS, LIVE_URL: live } = world.settings;
  const consoleFiles = readConsole(join(world.settings.LAMBDA_TASK_ROOT, 'console'));
  return OBSERVE.map((family) =>
    family({
      ...kit,
      observatory,
      consoleFiles: async () => consoleFiles,
      signIns: signInsOf(ISSUERS),
      ...(live === undefined ? {} : { live }),
    }),
  );
};

/** Preflights of the whole API come here: what nobody has to show a token for must reach nothing that can run. */
export const handler = await serve(open, familiesOf, {
  elsewhere: ({ settings }) => readRoutes(settings.LAMBDA_TASK_ROOT),
});
