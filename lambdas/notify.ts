/**
 * Tells people what waits for them, read off the ledger; hears alerts from the SNS topics (Managed Prometheus, CloudWatch alarms), and every minute sends what is still
 * due. What it throws, SNS sends again and then dead-letters: nothing is taken that was not written down.
 */
import * as z from 'zod';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { type NotifyTargets, readNotifyTargets } from '../adapters/aws/notify-secret.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { snsTopic } from '../adapters/aws/sns-topic.ts';
import { couriersOf } from '../adapters/couriers.ts';
import { type Alerting, openAlerting } from '../src/watch/alerting.ts';
import { fromSns } from '../src/watch/alerts/notify/sns.ts';
import { TOPIC } from '../src/watch/notices/letters.ts';
import { openAwsLane } from './shared/lane.ts';
import { causesOf, starting } from './shared/process.ts';
import { awsWorld } from './shared/world.ts';

const eventSchema = z.object({
  Records: z
    .array(
      z.object({
        Sns: z.object({
          Message: z.string(),
          Subject: z.string().nullish(),
          Timestamp: z.string(),
          TopicArn: z.string().optional(),
        }),
      }),
    )
    .optional(),
});

/** Left over for the write after the last attempt. */
const RESERVE_MS = 15_000;
const TARGETS_MS = 15_000;

const world = awsWorld();
const { settings, clock } = world;
const ledger = await starting(world, () => openAwsLane(world));
const secret = {
  region: settings.AWS_REGION,
  ...(settings.AWS_ENDPOINT_URL ? { endpoint: settings.AWS_ENDPOINT_URL } : {}),
  sign: signer('secretsmanager', settings.AWS_REGION, defaultProvider()),
  fetch,
  clock,
};

const topic = snsTopic({
  ...secret,
  topic: need(settings, 'NOTICES_TOPIC'),
  sign: signer('sns', settings.AWS_REGION, defaultProvider()),
});

const openWith = (targets: NotifyTargets): Alerting =>
  openAlerting({
    ...world,
    ledger,
    ledgerTable: world.table('LEDGER_TABLE'),
    state: world.table('STATE_TABLE'),
    couriers: new Map([...couriersOf(targets, { fetch, clock }), [TOPIC, topic]]),
    ...(settings.API_URL === undefined ? {} : { url: settings.API_URL.replace(/\/$/, '') }),
  });

let known = {
  at: clock(),
  alerting: openWith(await readNotifyTargets(need(settings, 'NOTIFY_SECRET'), secret)),
};

/** With the targets as they are now: an administrator fills the secret in, and rotates what is in it, while we run. */
async function current(): Promise<Alerting> {
  if (clock() - known.at < TARGETS_MS) return known.alerting;
  try {
    const targets = await readNotifyTargets(need(settings, 'NOTIFY_SECRET'), secret);
    known = { at: clock(), alerting: openWith(targets) };
  } catch (error) {
    // Alerts that come now are told where they were told before.
    world.log.write('error', 'alerts', 'the targets cannot be read again', { causes: causesOf(error) });
  }
  return known.alerting;
}

/** Sends until nothing is due before the function's time is up; the schedule goes on with the rest. */
async function pump({ outbox }: Alerting, remaining: () => number): Promise<void> {
  for (;;) {
    const { next_due } = await outbox.pump();
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
  const alerting = await current();
  await alerting.herald.gather();
  const heard = await Promise.allSettled(
    (eventSchema.parse(event).Records ?? []).map(async ({ Sns }) => {
      const notice = fromSns({
        message: Sns.Message,
        received_at: Sns.Timestamp,
        ...(Sns.Subject ? { subject: Sns.Subject } : {}),
        ...(Sns.TopicArn === undefined ? {} : { topic: Sns.TopicArn }),
      });
      if (notice !== undefined) await alerting.notifier.hear(notice);
    }),
  );
  await pump(alerting, () => context.getRemainingTimeInMillis());
  await alerting.herald.conclude();
  // Only now, when the others are told: SNS sends it all again, and what is written then is not written twice.
  for (const one of heard) if (one.status === 'rejected') throw one.reason;
}
