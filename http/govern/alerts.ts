/** Alerts over HTTP: Alertmanager's webhook, what fires, taking an alert on, and dead letters. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Clock } from '../../src/ports.ts';
import type { Notifier } from '../../src/watch/alerts/notify/notifier.ts';
import type { Outbox } from '../../src/watch/alerts/notify/outbox.ts';
import { fromWebhook, webhookDoor, webhookSchema } from '../../src/watch/alerts/notify/parse.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { limit } from '../number.ts';
import { cursorAfter, nameInCursor } from '../page.ts';
import type { RouteFamily } from '../routes.ts';

export interface AlertRoutesDeps {
  readonly notifier: Notifier;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Tells the pump that there is work; it does not wait for it. */
  readonly ring: () => void;
}

const listQuery = closed({
  limit: limit(1_000, 200),
  /** `next` of the page before: fingerprints are whatever their senders make them. */
  cursor: z
    .string()
    .max(200)
    .refine((cursor) => nameInCursor(cursor) !== undefined, 'is `next` of the page before')
    .optional(),
});

const redriveBody = closed({
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** Where Alertmanager runs beside it. On AWS it tells the notifier through SNS. */
export function notificationRoutes(deps: AlertRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/notify/alertmanager',
        scope: 'alerts:notify',
        summary: 'Take a notification of Alertmanager’s webhook (version 4)',
        tag: 'notifications',
        body: webhookSchema,
        responses: { 202: { description: 'Every step is in the ledger and every message in the outbox' } },
      },
      async (c) => {
        const body = parseWith(webhookDoor, await readJson(c));
        const notice = fromWebhook(body, new Date(deps.clock()).toISOString());
        await deps.notifier.hear(notice);
        deps.ring();
        return c.json({ accepted: notice.alerts.length }, 202);
      },
    );
  };
}

export function alertRoutes(deps: AlertRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/alerts',
        scope: 'alerts:read',
        summary: 'Alerts that the notifier knows, with the record of their last step',
        tag: 'alerts',
        query: listQuery,
      },
      async (c) => {
        const { limit, cursor } = readQuery(c, listQuery);
        const after = cursor === undefined ? undefined : nameInCursor(cursor);
        const { alerts, next } = await deps.notifier.alerts({
          limit,
          ...(after === undefined ? {} : { after }),
        });
        return c.json({ alerts, ...(next === undefined ? {} : { next: cursorAfter(next) }) });
      },
    );

    mount(
      {
        method: 'post',
        path: '/alerts/:fingerprint/acknowledge',
        scope: 'alerts:acknowledge',
        summary: 'Take a firing alert on: recorded, and told to PagerDuty and Slack',
        tag: 'alerts',
      },
      async (c) => {
        const principal = c.get('principal');
        const receipt = await deps.notifier.acknowledge(c.req.param('fingerprint') ?? '', {
          who: principal,
          name: principal.name ?? principal.sub,
        });
        deps.ring();
        return c.json({ acknowledged: true, receipt });
      },
    );

    mount(
      {
        method: 'get',
        path: '/alerts/dead-letters',
        scope: 'alerts:read',
        summary: 'Notifications that were given up on, with the last answer',
        tag: 'alerts',
      },
      async (c) => c.json({ dead_letters: await deps.outbox.dead() }),
    );

    mount(
      {
        method: 'post',
        path: '/alerts/redrive',
        scope: 'alerts:acknowledge',
        summary: 'Try dead letters again, all or one by its id',
        tag: 'alerts',
        body: redriveBody,
      },
      async (c) => {
        const { id } = parseWith(redriveBody, await readJson(c));
        const redriven = await deps.outbox.redrive(id);
        deps.ring();
        return c.json({ redriven });
      },
    );
  };
}
