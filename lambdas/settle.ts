/** Hears long workflows end, and records their outcome. EventBridge may say it twice: it is recorded once. */
import * as z from 'zod';
import { spanned } from '../adapters/aws/call-spans.ts';
import { createSfnClient, describeEnd } from '../adapters/aws/sfn-engine.ts';
import { openAwsGate } from './shared/gate.ts';
import { whereOf } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({
  detail: z.object({ executionArn: z.string().min(1), name: z.string().min(1) }),
});

const world = awsWorld();
const stepFunctions = spanned(createSfnClient(whereOf(world.settings)), world.tracer);
const office = await openAwsGate(world);

export async function handler(event: unknown): Promise<void> {
  const { executionArn, name } = eventSchema.parse(event).detail;
  // Asked, not taken from the event: EventBridge leaves large outputs out.
  const end = await describeEnd(stepFunctions, executionArn);
  if (end !== undefined) await office.ended(name, end);
}
