/** Governing's wing: what changes the rules, and what is done to people and their data. */
import { createDrafts } from '../charter/drafts.ts';
import { createCharterStore } from '../charter/store.ts';
import { type Amendments, createAmendments } from '../govern/amendments.ts';
import { createHolds, type Holds } from '../govern/holds.ts';
import { createOverrides, type Overrides } from '../govern/overrides/overrides.ts';
import { readingOf } from '../govern/reading.ts';
import { recordedDecisions, replay } from '../govern/replay.ts';
import { createRevocations, type Revocations } from '../govern/revocations.ts';
import { createWhistleblower, type Whistleblower } from '../govern/whistleblower.ts';
import { type DueProcess, openDueProcess } from './due-process.ts';
import type { Front } from './front.ts';
import type { Gate } from './gate.ts';
import type { PowerWing } from './power.ts';
import type { GovernWorld } from './world.ts';

export interface Govern extends DueProcess {
  readonly amendments: Amendments;
  readonly holds: Holds;
  readonly revocations: Revocations;
  readonly overrideDesk: Overrides;
  readonly whistleblower: Whistleblower;
  /** Compares working state with the ledger. */
  readonly power: PowerWing;
}

export function openGovern(
  front: Front & Pick<Gate, 'vault' | 'approvals'>,
  world: Pick<GovernWorld, 'documents' | 'workflows' | 'reading' | 'replay' | 'wait'>,
): Govern {
  const { table, ledgerTable, lane: ledger, clock, ids, records } = front;
  const holds = createHolds({ table, ledger, clock, ids });
  const dueProcess = openDueProcess(front, world.wait);
  return {
    ...dueProcess,
    holds,
    overrideDesk: createOverrides({
      table,
      turns: dueProcess.turns,
      vault: front.vault,
      committee: async () => (await front.charter()).documents['charter.yaml'].committee.size,
      clock,
      ids,
    }),
    whistleblower: createWhistleblower({ ...front, ledger, subjects: front.subjectKeys }),
    power: front.ownPower ?? front.powerOver({ documents: world.documents }),
    revocations: createRevocations({
      ...front,
      documents: world.documents,
      subjects: front.subjectKeys,
      holds,
      openCase: async (subject) => (await dueProcess.caseStore.openWith(subject))?.violation_id,
      withdraw: (subject) => front.approvals.withdraw(subject),
      recordsOf: (subject) => records({ subject }),
    }),
    amendments: createAmendments({
      drafts: createDrafts(table),
      reading: world.reading ?? readingOf(world.workflows.all),
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
