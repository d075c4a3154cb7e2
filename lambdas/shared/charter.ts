/** The charter in force and the workflows, for a function that only tells of them: no lane, no office. */
import { join } from 'node:path';
import { readCharter, readWorkflows } from '../../adapters/bundled-files.ts';
import { createCharterStore, createLibrary, lookInStore } from '../../src/charter/store.ts';
import { createCharterWatch } from '../../src/charter/watch.ts';
import type { Gate } from '../../src/office/gate.ts';
import type { AwsWorld } from './world.ts';

/** Throws when the bundled charter or workflows do not load. */
export function openCharterWatch(world: AwsWorld): Pick<Gate, 'charterWatch' | 'workflows'> {
  const { settings, clock } = world;
  const shipped = readCharter(join(settings.LAMBDA_TASK_ROOT, 'charter'));
  const store = createCharterStore(world.table('STATE_TABLE'));
  const look = lookInStore(store, createLibrary(store, shipped), shipped, () => world.wait(0));
  return {
    charterWatch: createCharterWatch({ shipped, look, clock }),
    workflows: readWorkflows(join(settings.LAMBDA_TASK_ROOT, 'workflows')),
  };
}
