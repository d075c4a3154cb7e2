/**
 * What Slack and PagerDuty document of their payloads, as schemas: the stand-ins refuse what these refuse.
 * Slack: docs.slack.dev, Block Kit reference (blocks, header, section, context, text object).
 * PagerDuty: developer.pagerduty.com, Events API v2, "Send an event".
 */
import * as z from 'zod';

const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max) });
const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText(150) }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn(3000) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn(3000)).min(1).max(10) }),
]);

export const slackSchema = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(block).min(1).max(50),
});

const link = z.strictObject({ href: z.url(), text: z.string().optional() });
const routing = { routing_key: z.string().length(32), dedup_key: z.string().min(1).max(255) };

export const pagerDutySchema = z.discriminatedUnion('event_action', [
  z.strictObject({
    event_action: z.literal('trigger'),
    ...routing,
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(link).optional(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime({ offset: true }),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.strictObject({ event_action: z.literal('acknowledge'), ...routing }),
  z.strictObject({ event_action: z.literal('resolve'), ...routing }),
]);
