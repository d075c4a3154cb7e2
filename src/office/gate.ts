/** The gate's wing: what decides, runs, settles, and waits for approval. */
import { compilePhrases, type PhraseBook } from '../aim/phrase-book.ts';
import type { Charter } from '../charter/charter.ts';
import { type Capabilities, createCapabilities } from '../decision/capability.ts';
import type { Finished } from '../execution/ended.ts';
import { createIdempotency, type Idempotency } from '../execution/idempotency.ts';
import { countOpen } from '../execution/open-runs.ts';
import { findStale, hearEnd, type SettlingDeps, type Swept } from '../execution/settling.ts';
import { type Office, resume } from '../gate/mediate.ts';
import { isToolCall } from '../gate/tool-question.ts';
import { type Approvals, createApprovals } from '../govern/approvals/approvals.ts';
import { findOverrides } from '../govern/overrides/in-force.ts';
import { createVault, type Vault } from '../ledger/people/vault.ts';
import { genuineRecordsOfExecution } from '../ledger/places/execution-records.ts';
import type { Engine, EngineResult, Signer } from '../ports.ts';
import type { Front } from './front.ts';
import type { GateWorld } from './world.ts';

export interface Gate extends Front, SettlingDeps, Pick<Office, 'phrases' | 'overrides'> {
  readonly vault: Vault;
  readonly approvals: Approvals;
  readonly idempotency: Idempotency;
  /** Executions that have begun and not ended, whichever process started them. */
  running(): Promise<number>;
  /** Tells the office that a long run ended. */
  ended(
    execution_id: string,
    result: Exclude<EngineResult, { status: 'started' }>,
  ): Promise<Finished | undefined>;
  /** Records runs that were cut off (`settling.ts`). */
  sweepRuns(dead_before?: number): Promise<Swept>;
}

/** @param engineOf given the function to call when a long run ends */
export function openGate(
  front: Front,
  world: Pick<GateWorld, 'documents' | 'workflows'>,
  engineOf: (ended: Gate['ended']) => Engine,
): Gate {
  const { table, lane, ledgerTable, clock, ids, log, pseudonym } = front;
  const { documents, workflows } = world;
  const vault = createVault({
    subjects: front.subjectKeys,
    pseudonym,
    home: front.issuers.home,
    random: front.random,
    documents,
    ids,
  });
  const parts = {
    ...front,
    workflows,
    documents,
    vault,
    phrases: phraseBooks(),
    overrides: findOverrides(front),
    recordsSince: (ms: number) => front.records({ from: new Date(ms).toISOString() }),
    recordsOfExecution: (execution_id: string) =>
      genuineRecordsOfExecution({ table: ledgerTable, justifier: front.justifier }, execution_id),
  };
  const ended: Gate['ended'] = (execution_id, result) => hearEnd({ ...parts, engine }, execution_id, result);
  const engine = engineOf(ended);
  const approvals: Approvals = createApprovals({
    table,
    ledger: lane,
    vault,
    clock,
    ids,
    log,
    marked: front.marked,
    pseudonym,
    recordsSince: parts.recordsSince,
    run: async (granted) =>
      isToolCall(granted.body) ? { kind: 'held' } : resume({ ...parts, engine, approvals }, granted),
  });
  return {
    ...parts,
    engine,
    approvals,
    idempotency: createIdempotency({ table, vault, clock, ids, log, pseudonym }),
    running: () => countOpen(parts),
    ended,
    sweepRuns: (dead_before) => findStale({ ...parts, engine }, dead_before),
  };
}

/** Signed grants of what was decided: for whoever may sign with the key, and nobody else. */
export function openCapabilities({ table, clock, ids }: Front, signer: Signer, issuer: string): Capabilities {
  return createCapabilities({ signer, issuer, table, clock, ids });
}

/** Phrases are compiled once for each charter. */
function phraseBooks(): (charter: Charter) => PhraseBook {
  const books = new WeakMap<Charter, PhraseBook>();
  return (charter) => {
    const known = books.get(charter);
    if (known) return known;
    const book = compilePhrases(charter.documents['phrases.yaml']);
    books.set(charter, book);
    return book;
  };
}
