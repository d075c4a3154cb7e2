/** Hears long workflows end, and records their outcome. EventBridge may say it twice: it is recorded once. */
import * as z from 'zod';
import { createSfnClient, describeEnd } from '../adapters/aws/sfn-engine.ts';
import { openAwsGate } from './shared/gate.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({
  detail: z.object({ executionArn: z.string().min(1), name: z.string().min(1) }),
});

const world = awsWorld();
const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = world.settings;
const stepFunctions = createSfnClient({ region, ...(endpoint ? { endpoint } : {}) });
const office = await openAwsGate(world);

export async function handler(event: unknown): Promise<void> {
  const { executionArn, name } = eventSchema.parse(event).detail;
  // Asked, not taken from the event: EventBridge leaves large outputs out.
  const end = await describeEnd(stepFunctions, executionArn);
  if (end !== undefined) await office.ended(name, end);
}
