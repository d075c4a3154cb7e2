/** The end of a connection that a gateway held: claimed by one, put on record, and forgotten. */
import type { Ledger } from '../../../ledger/record.ts';
import type { Clock, Meter } from '../../../ports.ts';
import type { Ending } from '../connection.ts';
import { errorOf, recordEnd, recordSent } from '../on-record.ts';
import type { KeptConnection, Listed, Roster } from './roster.ts';

export interface FarewellDeps {
  readonly roster: Roster;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly meter: Meter;
}

const TRIES = 20;

/** The connection, if it is ours to end; undefined where it is unknown or another ends it. */
export async function claimEnd(
  { roster, clock }: Pick<FarewellDeps, 'roster' | 'clock'>,
  gateway: string,
  ending: Ending,
): Promise<Listed | undefined> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const found = await roster.get(gateway);
    if (found === undefined || found.kept.ending !== undefined) return undefined;
    const claimed = await roster.replace(found, { ...found.kept, ending, ended: clock() });
    if (claimed !== undefined) return claimed;
  }
  return undefined;
}

/** Once it is claimed. Throws LEDGER_UNAVAILABLE: it is claimed still then, and done again by the broadcaster. */
export async function seeOff(deps: FarewellDeps, { gateway, kept }: Listed): Promise<void> {
  const { roster, ledger, clock, meter } = deps;
  // A handshake that was never on record has no end to record.
  if (kept.record !== undefined) {
    const reason = kept.ending ?? 'lost';
    const error = errorOf(reason);
    await recordSent(ledger, kept, kept.sent);
    await recordEnd(ledger, kept, {
      reason,
      ...(error === undefined ? {} : { error }),
      totals: {
        sent: kept.messages,
        received: await roster.heard(gateway),
        duration_us: lasted(kept, clock()),
      },
    });
    if (error !== undefined) meter.count('ws_errors_total', { error_type: error });
  }
  await roster.remove(gateway);
}

const lasted = ({ since, ended }: KeptConnection, now: number): number =>
  Math.max(0, Math.round(((ended ?? now) - since) * 1_000));
