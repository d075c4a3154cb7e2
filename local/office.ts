/** The office on one machine, with the engine that runs its workflows in this process. */
import { type LocalEngine, localEngine } from '../adapters/local/engine.ts';
import { SubjectKeys } from '../src/ledger/people/personal.ts';
import { createPseudonym } from '../src/ledger/people/pseudonym.ts';
import { type OpenOffice, openOffice } from '../src/office/office.ts';
import { shippedTasks } from '../src/workflow/tasks/shipped.ts';
import type { LocalSettings } from './settings.ts';
import type { LocalWorld, Replacements } from './world.ts';

export interface LocalOffice {
  readonly office: OpenOffice;
  /** Resolves when nothing runs any more and every end was heard. */
  idle(): Promise<void>;
}

export async function openLocalOffice(
  world: LocalWorld,
  settings: LocalSettings,
  replaced: Replacements,
): Promise<LocalOffice> {
  const { state, clock, random, log, workflows, documents } = world;
  const tasks = shippedTasks({
    table: world.ledgerTable,
    subjects: new SubjectKeys({ table: world.subjects, clock, random }),
    issuers: world.issuers,
    pseudonym: createPseudonym(world.pseudonymKey, world.issuers.home),
    documents,
    clock,
    fetch: world.fetch,
    endpoints: { DEPLOY_ENDPOINT: settings.deployEndpoint },
    tracer: world.tracer,
  });
  const engines: LocalEngine[] = [];
  const office = await openOffice(world, (ended) => {
    const engine = localEngine({
      workflows,
      table: state,
      log,
      tasks,
      ended: async ({ name, result }) => {
        if (result.status !== 'started') await ended(name, result);
      },
      ...(replaced.retryMs === undefined ? {} : { retry_ms: replaced.retryMs }),
    });
    engines.push(engine);
    return replaced.engine?.(engine) ?? engine;
  });
  return {
    office,
    async idle() {
      for (const engine of engines) await engine.idle();
    },
  };
}
