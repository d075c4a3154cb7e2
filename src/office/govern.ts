/** Governing's wing: what changes the rules, and what is done to people and their data. */
import { createDrafts } from '../charter/drafts.ts';
import { createCharterStore } from '../charter/store.ts';
import { type Amendments, createAmendments } from '../govern/amendments.ts';
import { CASES, caseOf } from '../govern/cases/case.ts';
import { groundsOf } from '../govern/cases/grounds.ts';
import { createHolds, type Holds } from '../govern/holds.ts';
import { type Collection, createCollection } from '../govern/metric-cases.ts';
import { recordedDecisions, replay } from '../govern/replay.ts';
import { createRevocations, type Revocations } from '../govern/revocations.ts';
import { createSanctions, type Sanctions } from '../govern/sanctions/sanctions.ts';
import { createTurns } from '../govern/turns.ts';
import type { Front } from './front.ts';
import type { PowerWing } from './power.ts';
import type { GovernWorld } from './world.ts';

export interface Govern {
  readonly amendments: Amendments;
  readonly collection: Collection;
  readonly holds: Holds;
  readonly revocations: Revocations;
  readonly sanctions: Sanctions;
  /** Compares working state with the ledger. */
  readonly power: PowerWing;
}

export function openGovern(
  front: Front,
  world: Pick<GovernWorld, 'documents' | 'workflows' | 'replay' | 'wait'>,
): Govern {
  const { table, ledgerTable, lane: ledger, clock, ids, records } = front;
  const holds = createHolds({ table, ledger, clock, ids });
  const turns = createTurns({
    table,
    ledger,
    recordsSince: (ms) => records({ from: new Date(ms).toISOString() }),
    clock,
    ids,
    wait: world.wait,
  });
  const sanctions = createSanctions({
    table,
    turns,
    async grounds(case_id, subject) {
      const item = await table.get(CASES, case_id);
      const kase = item && caseOf(item.sk, item);
      return kase && groundsOf(kase, subject, await front.charter());
    },
    clock,
  });
  return {
    holds,
    sanctions,
    power: front.ownPower ?? front.powerOver({ documents: world.documents }),
    revocations: createRevocations({
      ...front,
      documents: world.documents,
      subjects: front.subjectKeys,
      holds,
      recordsOf: (subject) => records({ subject }),
    }),
    collection: createCollection({
      table,
      ledger,
      charter: front.charter,
      clock,
      ids,
      nanos: () => front.micros() * 1_000,
    }),
    amendments: createAmendments({
      drafts: createDrafts(table),
      workflows: world.workflows,
      ledger,
      store: createCharterStore(table, world.documents),
      library: front.library,
      watch: front.charterWatch,
      replay:
        world.replay ??
        ((base, candidate, since) =>
          replay(base, candidate, recordedDecisions(ledgerTable, since), () => world.wait(0))),
      marked: front.marked,
      clock,
    }),
  };
}
