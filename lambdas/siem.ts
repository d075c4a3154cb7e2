/** Every minute: exports the records since the watermark to the event bus, as CloudEvents; by default those that a SIEM looks at. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { spanned } from '../adapters/aws/call-spans.ts';
import { eventBus } from '../adapters/aws/event-bus.ts';
import { need } from '../adapters/aws/settings.ts';
import { lanesOf } from '../src/watch/alerting.ts';
import { createExporter } from '../src/watch/siem/export.ts';
import { isNotable } from '../src/watch/siem/notable.ts';
import { whereOf } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

const world = awsWorld();
const { settings } = world;
const client = spanned(new EventBridgeClient(whereOf(settings)), world.tracer);
const exporter = createExporter({
  ...world,
  table: world.table('STATE_TABLE'),
  lanes: lanesOf(world.table('LEDGER_TABLE')),
  sink: eventBus(client, need(settings, 'EVENT_BUS'), need(settings, 'LOG_ORIGIN')),
  ...(settings.EVENTS === 'all' ? {} : { wanted: isNotable }),
});

export async function handler(): Promise<void> {
  const { failed } = await exporter.run();
  // Late, not lost; the function's own failure is what CloudWatch alarms on.
  if (failed > 0) throw new Error(`${failed} records could not be exported and stay due`);
}
