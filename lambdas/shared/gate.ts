/** The gate's wing over the world of a deployed function that may decide and run. */
import { join } from 'node:path';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { need } from '../../adapters/aws/settings.ts';
import { createSfnClient, sfnEngine } from '../../adapters/aws/sfn-engine.ts';
import { readWorkflows } from '../../adapters/bundled-files.ts';
import type { Front } from '../../src/office/front.ts';
import { type Gate, openGate } from '../../src/office/gate.ts';
import { blobsOf } from './blobs.ts';
import { openAwsFront } from './front.ts';
import { starting, whereOf } from './process.ts';
import type { AwsWorld } from './world.ts';

/** Throws as `openAwsFront` does, and when the workflows do not load. `opening` is a front that was begun before. */
export async function openAwsGate(
  world: AwsWorld,
  how: { readonly endsStops?: boolean } = {},
  opening: Promise<Front> = openAwsFront(world, how),
): Promise<Gate> {
  const front = await opening;
  return starting(world, async () => {
    const stepFunctions = spanned(createSfnClient(whereOf(world.settings)), world.tracer);
    return openGate(
      front,
      {
        documents: blobsOf(world, 'DOCUMENTS_BUCKET'),
        workflows: readWorkflows(join(world.settings.LAMBDA_TASK_ROOT, 'workflows')),
      },
      () => sfnEngine(stepFunctions, need(world.settings, 'STATE_MACHINE_PREFIX')),
    );
  });
}
