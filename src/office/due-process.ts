/** Due process: cases, what they rest on, what follows from them. */
import { type Collection, createCollection } from '../govern/cases/attempts.ts';
import { type CaseStore, createCaseStore } from '../govern/cases/case-store.ts';
import { type Cases, createCases } from '../govern/cases/cases.ts';
import { type Consequences, createConsequences } from '../govern/cases/consequences.ts';
import { type CaseEvidence, createEvidence } from '../govern/cases/evidence.ts';
import { groundsOf } from '../govern/cases/grounds.ts';
import { createSanctions, type Sanctions } from '../govern/sanctions/sanctions.ts';
import { createTurns, type Turns } from '../govern/turns.ts';
import type { Front } from './front.ts';

export interface DueProcess {
  readonly cases: Cases;
  readonly caseStore: CaseStore;
  readonly evidence: CaseEvidence;
  readonly sanctions: Sanctions;
  readonly consequences: Consequences;
  readonly collection: Collection;
  /** What changes one after the other, each change on record once. */
  readonly turns: Turns;
}

export function openDueProcess(front: Front, wait: (ms: number) => Promise<void>): DueProcess {
  const { table, lane: ledger, clock, ids, records } = front;
  const turns = createTurns({
    table,
    ledger,
    recordsSince: (ms) => records({ from: new Date(ms).toISOString() }),
    clock,
    ids,
    wait,
  });
  const caseStore = createCaseStore(table);
  const sanctions = createSanctions({
    table,
    turns,
    async grounds(case_id, subject) {
      const kase = await caseStore.get(case_id);
      return kase && groundsOf(kase, subject, await front.charter());
    },
    clock,
  });
  const evidence = createEvidence({
    subjects: front.subjectKeys,
    random: front.random,
    record: async (id) => (await front.justifier.read(id))?.record,
  });
  const consequences = createConsequences({ table, cases: caseStore, sanctions, clock });
  return {
    turns,
    caseStore,
    sanctions,
    evidence,
    consequences,
    cases: createCases({ ...front, ledger, turns, cases: caseStore, evidence, consequences }),
    collection: createCollection({
      ...front,
      ledger,
      turns,
      cases: caseStore,
      nanos: () => front.micros() * 1_000,
    }),
  };
}
