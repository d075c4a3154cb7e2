/**
 * Hears alerts from the SNS topics (Managed Prometheus, CloudWatch alarms), and every minute sends what is still
 * due. What it throws, SNS sends again and then dead-letters: nothing is taken that was not written down.
 */
import * as z from 'zod';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { readNotifyTargets } from '../adapters/aws/notify-secret.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { couriersOf } from '../adapters/couriers.ts';
import { openAlerting } from '../src/alerting.ts';
import { fromSns } from '../src/alerts/parse.ts';
import { openAwsOffice } from './shared/office.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({
  Records: z
    .array(
      z.object({
        Sns: z.object({ Message: z.string(), Subject: z.string().nullish(), Timestamp: z.string() }),
      }),
    )
    .optional(),
});

/** Left over for the write after the last attempt. */
const RESERVE_MS = 15_000;

const world = awsWorld();
const { settings, clock } = world;
const office = await openAwsOffice(world);
const targets = await readNotifyTargets(need(settings, 'NOTIFY_SECRET'), {
  region: settings.AWS_REGION,
  ...(settings.AWS_ENDPOINT_URL ? { endpoint: settings.AWS_ENDPOINT_URL } : {}),
  sign: signer('secretsmanager', settings.AWS_REGION, defaultProvider()),
  fetch,
  clock,
});
const alerting = openAlerting({
  ...world,
  ledger: office.ledger,
  ledgerTable: world.table('LEDGER_TABLE'),
  state: world.table('STATE_TABLE'),
  couriers: couriersOf(targets, { fetch, clock }),
});

/** Sends until nothing is due before the function's time is up; the schedule goes on with the rest. */
async function pump(remaining: () => number): Promise<void> {
  for (;;) {
    const { next_due } = await alerting.outbox.pump();
    if (next_due === undefined) return;
    const pause = Math.max(0, next_due - clock());
    if (pause > remaining() - RESERVE_MS) return;
    await world.wait(pause);
  }
}

export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  for (const { Sns } of eventSchema.parse(event).Records ?? []) {
    const notice = fromSns(Sns.Message, Sns.Subject ?? undefined, Sns.Timestamp);
    if (notice !== undefined) await alerting.notifier.hear(notice);
  }
  await pump(() => context.getRemainingTimeInMillis());
}
