/**
 * Notices from Alertmanager's webhook. Nothing that arrives is dropped for its shape: an alert that cannot be
 * read is told as such, and never keeps those beside it from being heard.
 */
import * as z from 'zod';
import { sha256 } from '../../../basics/digest.ts';
import { ALERT_SEVERITIES, ROUTING_LABELS } from '../rules/rule.ts';
import type { AlertInstance, Notice } from './notice.ts';

const texts = z.record(z.string(), z.string());
/** Alertmanager writes the zero time for an end that is not known. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }).optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().optional(),
});

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, version 4; our SNS template makes the same. */
export const webhookSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().optional(),
  groupLabels: texts.default({}),
  truncatedAlerts: z.number().int().nonnegative().optional(),
  alerts: z.array(alertSchema).min(1).max(10_000),
});

/** The same as it is read: what is wrong with one alert is wrong with the notification only when none is right. */
export const webhookDoor = webhookSchema.extend({
  alerts: z
    .array(z.unknown())
    .min(1)
    .max(10_000)
    .superRefine((alerts, context) => {
      if (alerts.some((alert) => alertSchema.safeParse(alert).success)) return;
      for (const { path, message } of alertSchema.safeParse(alerts[0]).error?.issues ?? []) {
        context.addIssue({ code: 'custom', path: [0, ...path], message });
      }
    }),
});

export const digest = (text: string): string => sha256(text).slice(0, 16);

/** A group's key where the sender gives none. */
export const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * What one alert may keep: an item of the store holds 400 KB, escapes and all, and callers write labels.
 * The names that route and that people read stay whatever else there is.
 */
const LABELS = { first: [...ROUTING_LABELS], most: 40, longest: 300 };
const ANNOTATIONS = { first: ['summary', 'description', 'runbook_url'], most: 10, longest: 1_000 };
const NAME_LONGEST = 100;

const cut = (text: string, longest: number): string => text.slice(0, longest).toWellFormed();

export function bounded(
  given: Readonly<Record<string, string>>,
  to: typeof LABELS = LABELS,
): Record<string, string> {
  const rank = ([name]: readonly [string, string]): number => (to.first.includes(name) ? 0 : 1);
  return Object.fromEntries(
    Object.entries(given)
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, to.most)
      .map(([name, value]) => [cut(name, NAME_LONGEST), cut(value, to.longest)]),
  );
}

/** The sender's, where it can be a key of the store and of an incident as it is. */
function fingerprintOf({ fingerprint = '', labels }: z.infer<typeof alertSchema>): string {
  if (fingerprint.trim() === '') return digest(keyOf(labels));
  return /^[\x21-\x7e]{1,64}$/.test(fingerprint) ? fingerprint : digest(fingerprint);
}

function instance(alert: z.infer<typeof alertSchema>): AlertInstance {
  return {
    fingerprint: fingerprintOf(alert),
    status: alert.status,
    labels: bounded(alert.labels, LABELS),
    annotations: bounded(alert.annotations, ANNOTATIONS),
    starts_at: alert.startsAt,
    ...(alert.endsAt === undefined || alert.endsAt === ZERO_TIME ? {} : { ends_at: alert.endsAt }),
    ...(alert.generatorURL === undefined ? {} : { generator_url: cut(alert.generatorURL, 1_000) }),
  };
}

/** A notification, or one alert of it, that cannot be read: told as such, with its beginning. */
export function unreadable(
  text: string,
  received_at: string,
  known: { readonly summary?: string; readonly severity?: string } = {},
): AlertInstance {
  return {
    fingerprint: digest(text),
    status: 'firing',
    labels: {
      alertname: 'UnreadableNotification',
      severity: known.severity ?? 'warning',
      group: 'infrastructure',
    },
    annotations: {
      summary: known.summary ?? 'A notification could not be read',
      description: cut(text, 1_000),
    },
    starts_at: received_at,
  };
}

/** The worst severity that a text of JSON names. Inside of a value its quotation marks would be escaped. */
export function severityIn(text: string): string | undefined {
  return ALERT_SEVERITIES.find((severity) => new RegExp(`"severity"\\s*:\\s*"${severity}"`, 'i').test(text));
}

/** @param received_at RFC 3339, for alerts that do not say when they began */
export function fromWebhook(body: z.infer<typeof webhookDoor>, received_at: string): Notice {
  return {
    group_key: groupKey(body.groupKey ?? keyOf(body.groupLabels)),
    status: body.status,
    alerts: body.alerts.map((alert) => readAlert(alert, received_at)),
    truncated: body.truncatedAlerts ?? 0,
  };
}

/** Keys and lanes of the store hold so much and no more. */
const groupKey = (text: string): string => (text.length <= 500 ? text.toWellFormed() : digest(text));

function readAlert(alert: unknown, received_at: string): AlertInstance {
  const read = alertSchema.safeParse(alert);
  if (read.success) return instance(read.data);
  const text = JSON.stringify(alert);
  const severity = severityIn(text);
  return unreadable(text, received_at, severity === undefined ? {} : { severity });
}
