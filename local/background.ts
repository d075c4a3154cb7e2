/** What goes on beside the requests: folding, sealing's watch, sweeping, notifying. Each is one round, repeated. */

import { CHARTER_POLL_MS } from '../src/charter/watch.ts';
import { stayingPatrol } from '../src/ledger/check/patrol-round.ts';
import { sealedPrunings } from '../src/ledger/check/sentinel.ts';
import { removeOldBoxes } from '../src/ledger/people/vault.ts';
import type { Observatory } from '../src/office/observatory.ts';
import type { OpenOffice } from '../src/office/office.ts';
import type { TamperNotice } from '../src/terms.ts';
import type { Alerting } from '../src/watch/alerting.ts';
import { startLoop } from './loop.ts';
import { type Rounds, startRounds } from './rounds.ts';
import { localSentinel } from './sentinel.ts';
import type { LocalWorld } from './world.ts';

/** Rings this close together are one look at the lanes. */
const GATHER_MS = 25;

export interface BackgroundDeps {
  readonly world: LocalWorld;
  readonly office: OpenOffice;
  readonly observatory: Observatory;
  readonly alerting: Alerting;
  /** Puts an alarm on record now, or throws. */
  readonly tampered: (data: TamperNotice) => Promise<unknown>;
  /** The same, waiting for as long as something stands against it. */
  readonly alarm: (data: TamperNotice) => Promise<unknown>;
  /** Calls this when a record is durable that people are to be told of. */
  readonly onTold: (ring: () => void) => void;
  /** Calls this when the counters have come to the end of the ledger. */
  readonly folded: () => void;
  /** Runs that began before this are of a process that is gone. */
  readonly startedAt: number;
}

export interface Background {
  readonly rounds: Rounds;
  /** Sends what waits in the outbox now. */
  ringOutbox(): void;
}

export async function startBackground(deps: BackgroundDeps): Promise<Background> {
  const { world, office, observatory, alerting, startedAt } = deps;
  const { projector } = observatory;
  const rounds = startRounds({ log: world.log, meter: world.meter });
  // Each ring folds into memory, where a scrape sees it; what is stored once a second is folded again after a crash.
  const folding = rounds.every('fold', 1_000, async () => {
    await world.wait(GATHER_MS);
    await projector.catchUp('busy');
  });
  world.doorbell.listen(folding.ring);
  rounds.every('project', 1_000, async () => {
    await projector.run(undefined, () => !rounds.ending());
    deps.folded();
  });
  rounds.every('objectives', 60_000, () => observatory.objectives.remember());
  rounds.every('drift', 10_000, () => observatory.checkDrift()).ring();
  rounds.every('refusals', 1_000, () => office.refusals.flush());
  rounds.every('lookout', 1_000, () => office.lookout.flush());
  rounds.every('decisions', 1_000, () => office.checkDecisions());
  // Requests look too; an idle process must notice a new charter, and show that somebody looks.
  rounds.every('charter', CHARTER_POLL_MS, () => office.charterWatch.refresh());
  rounds.every('state', 1_000, async () => {
    // Before the comparison: a stop whose record only came late is no forgery.
    await office.stopRecords.retry();
    await office.power.check.round();
  });
  rounds.every('state-all', 60_000, async () => {
    await office.power.check.verify();
    await office.power.fold.save();
  });
  rounds.every('approvals', 30_000, () => office.approvals.sweep());
  // A run lives in its process: what an earlier one had begun and not ended is stale, and known before we serve. What is
  // older than any run can be is looked at in slices beside the requests, where no sweep has come to it yet.
  const sweep = async () => (await office.sweepRuns(startedAt)).behind;
  let behind = await sweep();
  rounds.every('runs', 60_000, async () => {
    behind = await sweep();
  });
  rounds.every('runs-behind', 1_000, async () => {
    if (behind) behind = await sweep();
  });
  rounds.every('sanctions', 5_000, () => office.sanctions.sweep());
  rounds.every('consequences', 60_000, () => office.consequences.sweep());
  startLoop(world, office.loop, rounds);
  rounds.every('whistleblower', 30_000, () => office.whistleblower.sweep());
  rounds.every('overrides', 5_000, () => office.overrideDesk.sweep());
  rounds.every('revocations', 60_000, () => office.revocations.sweep());
  // On AWS the table's TTL and the bucket's lifecycle rule do it.
  rounds.every('expired', 3_600_000, async () => {
    const now = world.clock();
    await world.stores.table.removeExpired(Math.floor(now / 1000));
    await removeOldBoxes(world.stores.documents, now);
  });
  const { exporter } = alerting;
  if (exporter !== undefined) rounds.every('siem', 2_000, () => exporter.run());
  const outbox = rounds.every('outbox', 1_000, async () => {
    await alerting.outbox.pump();
    await alerting.herald.conclude();
  });
  const notices = rounds.every('notices', 1_000, async () => {
    await world.wait(GATHER_MS);
    if ((await alerting.herald.gather()) > 0) outbox.ring();
  });
  deps.onTold(notices.ring);
  const { stores, state, trust, hold, meter } = world;
  const pruned = sealedPrunings({ log: stores.log, table: state, trust });
  const sentinel = localSentinel({
    store: stores.table,
    state,
    key: stores.pseudonymKey,
    keep: stores.worm,
    alarm: deps.tampered,
    pruned,
  });
  rounds.every('sentinel', 1_000, sentinel);
  rounds.every('files', 1_000, async () => {
    const detail = stores.table.lost() ?? stores.subjects.lost();
    hold.set('files', detail === undefined ? undefined : { head: 'files', detail });
  });
  const view = { log: stores.log, table: state, trust };
  const bite = stayingPatrol({ view, notes: state, pruned }, state);
  const raise = (data: TamperNotice): void => {
    void deps
      .alarm(data)
      .catch((error: unknown) =>
        world.log.write('error', 'ledger', 'An alarm could not be recorded', { error: String(error) }),
      );
  };
  let unreadable = 0;
  const patrol = async (): Promise<void> => {
    const { standing, found, mended } = await bite().catch((error: unknown) => {
      unreadable += 1;
      // One failure may pass; what cannot be read again and again is lost, however well the rest answers.
      if (unreadable > 1)
        hold.set('patrol', {
          head: 'store',
          detail: `a part cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        });
      throw error;
    });
    unreadable = 0;
    hold.set('patrol', standing);
    if (mended !== undefined) raise({ kind: 'notes_changed', detail: mended });
    if (standing === undefined || found === undefined) return;
    meter.count('ledger_integrity_checks_total', { result: found.verdict });
    raise({ kind: 'head_conflict', ...standing });
  };
  // What an earlier process found stands before this one takes its first request.
  await rounds.every('patrol', 1_000, patrol).round();
  return { rounds, ringOutbox: outbox.ring };
}
