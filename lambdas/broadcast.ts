/**
 * Tells those who listen to the live feed, woken by whoever sees new records or lets somebody in, and every minute. One
 * does at a time, and goes on while there is something to tell.
 */
import { randomUUID } from 'node:crypto';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { gatewayConnections } from '../adapters/aws/gateway-connections.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { sanctionsOf, standingKey } from '../src/decision/standing.ts';
import { covers } from '../src/identity/scopes.ts';
import { openBroadcast } from '../src/watch/live/gateway/broadcast.ts';
import { lapseOf } from '../src/watch/live/gateway/lapse.ts';
import { openRoster } from '../src/watch/live/gateway/roster.ts';
import { takeTurn } from '../src/watch/live/gateway/turn.ts';
import { openAwsFront } from './shared/front.ts';
import { whereOf } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

/** Between two looks: a record waits for no longer while there is something to tell. */
const PACE_MS = 250;
/** The stream wakes it every five seconds at most; for so long it looks by itself after what it told last. */
const QUIET_MS = 5_000;
const KEEP_MS = 5_000;
/** Left over for a round that has begun. */
const RESERVE_MS = 15_000;

const world = awsWorld();
const { settings, clock, meter, log } = world;
const front = await openAwsFront(world);
const roster = openRoster({ table: front.table, clock });
const broadcast = openBroadcast({
  roster,
  ledger: front.lane,
  ledgerTable: front.ledgerTable,
  gateway: gatewayConnections({
    api: need(settings, 'LIVE_API'),
    ...whereOf(settings),
    sign: signer('execute-api', settings.AWS_REGION, defaultProvider()),
    fetch,
    clock,
  }),
  origin: need(settings, 'LOG_ORIGIN'),
  lapseOf: (kept) =>
    lapseOf(
      {
        justifier: front.justifier,
        rolesSuffice: (roles) => covers(front.scopesOfRoles(roles), 'ledger:read'),
        sanctionsOf: async (pseudonym) => {
          const key = standingKey(pseudonym);
          const inForce = sanctionsOf((await front.table.get(key.pk, key.sk)) ?? key, clock());
          return inForce.readable ? inForce.active.map(({ kind }) => kind) : undefined;
        },
        clock,
      },
      kept,
    ),
  clock,
  meter,
  log,
});

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const turn = await takeTurn({ table: front.table, clock, own: randomUUID() });
  if (turn === undefined) return;
  let [kept, told] = [clock(), clock()];
  for (;;) {
    await front.charter();
    const { listeners, busy } = await broadcast.round();
    const now = clock();
    if (busy) told = now;
    const over = context.getRemainingTimeInMillis() < RESERVE_MS;
    if (over || listeners === 0 || now - told > QUIET_MS) {
      if (await turn.giveBack()) break;
    } else if (now - kept > KEEP_MS) {
      if (!(await turn.keep())) break;
      kept = now;
    }
    if (!over) await world.wait(PACE_MS);
  }
  world.flushMetrics();
}
