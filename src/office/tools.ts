/** The tools' wing: servers behind the office, what was reviewed of them, missions, and what callers hold while people decide. */
import { createStandingWatch } from '../gate/standing-watch.ts';
import type { ToolOffice } from '../gate/tool-call.ts';
import { recordsOfExecution } from '../ledger/places/execution-records.ts';
import { createMissions } from '../tools/missions.ts';
import { createRequestStates } from '../tools/request-state.ts';
import { createReviews, type Reviews } from '../tools/reviews.ts';
import type { ToolServers } from '../tools/server.ts';
import { createShelf } from '../tools/shelf.ts';
import type { Gate } from './gate.ts';
import type { FrontWorld } from './world.ts';

export interface Tools extends ToolOffice, Pick<Gate, 'issuers'> {
  readonly reviews: Reviews;
}

/** What needs a key of the office: the key that its pseudonyms are made under seals what callers hold. */
export function openTools(
  gate: Gate,
  world: Pick<FrontWorld, 'pseudonymKey' | 'wait'>,
  servers: ToolServers,
): Tools {
  const { table, ledger, lane, justifier, clock, random, log, vault, pseudonym, ids, ledgerTable } = gate;
  const reviews = createReviews({ table, ledger: lane, justifier, clock });
  return {
    ...gate,
    ledger,
    reviews,
    shelf: createShelf({ servers, reviews, ledger: lane, table, clock, log }),
    missions: createMissions({ table, ledger: lane, vault, justifier, pseudonym, clock, ids }),
    states: createRequestStates(world.pseudonymKey, { clock, random }),
    standingWatch: createStandingWatch({ standing: gate.standing, clock, wait: world.wait, log }),
    // Genuine or not: a record that somebody spoilt says none the less that the call was made.
    recordsOfExecution: (execution_id) => recordsOfExecution(ledgerTable, execution_id),
  };
}
