/** Notices from the bytes that Alertmanager and SNS send. Nothing that arrives is dropped for its shape. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ALERTS } from '../rules/rules.ts';
import type { AlertInstance, Notice } from './notice.ts';

const texts = z.record(z.string(), z.string());
/** Alertmanager writes the zero time for an end that is not known. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.string().optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().max(200).optional(),
});

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, version 4; our SNS template makes the same. */
export const webhookSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().optional(),
  groupLabels: texts.default({}),
  truncatedAlerts: z.number().int().nonnegative().optional(),
  alerts: z.array(alertSchema).min(1).max(10_000),
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const sorted = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

function instance(alert: z.infer<typeof alertSchema>): AlertInstance {
  return {
    fingerprint: alert.fingerprint ?? digest(sorted(alert.labels)),
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    starts_at: alert.startsAt,
    ...(alert.endsAt === undefined || alert.endsAt === ZERO_TIME ? {} : { ends_at: alert.endsAt }),
    ...(alert.generatorURL === undefined ? {} : { generator_url: alert.generatorURL }),
  };
}

export function fromWebhook(body: z.infer<typeof webhookSchema>): Notice {
  return {
    group_key: body.groupKey ?? sorted(body.groupLabels),
    status: body.status,
    alerts: body.alerts.map(instance),
    truncated: body.truncatedAlerts ?? 0,
  };
}

/**
 * What CloudWatch puts into an alarm's SNS message (Amazon CloudWatch user guide, "Alarm notifications"). Some messages
 * lack the ARN: account, region and name say which alarm it is as well.
 */
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmArn: z.string().optional(),
  AWSAccountId: z.string().optional(),
  Region: z.string().optional(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string(),
  StateChangeTime: z.string(),
});

/** CloudWatch writes `+0000`, which RFC 3339 does not know. */
const rfc3339 = (time: string): string => time.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');

/** Alarms are named `chancery-{environment}-{alert}[-{resource}]`. */
function ruleOfAlarm(alarm: string) {
  const parts = new Set(alarm.split('-'));
  return ALERTS.find((rule) => parts.has(rule.name));
}

function fromAlarm(alarm: z.infer<typeof alarmSchema>): Notice | undefined {
  // No data is judged by the alarm's own treatment of it; the state itself says nothing new.
  if (alarm.NewStateValue === 'INSUFFICIENT_DATA') return undefined;
  const rule = ruleOfAlarm(alarm.AlarmName);
  const status = alarm.NewStateValue === 'ALARM' ? 'firing' : 'resolved';
  const time = rfc3339(alarm.StateChangeTime);
  const identity = alarm.AlarmArn ?? JSON.stringify([alarm.AWSAccountId, alarm.Region, alarm.AlarmName]);
  return {
    group_key: identity,
    status,
    truncated: 0,
    alerts: [
      {
        fingerprint: digest(identity),
        status,
        labels: {
          alertname: rule?.name ?? alarm.AlarmName,
          alarm: alarm.AlarmName,
          ...(rule === undefined ? {} : { severity: rule.severity, group: rule.group }),
        },
        annotations: {
          summary: rule?.summary ?? alarm.AlarmName,
          description: `${rule?.description ?? alarm.AlarmDescription ?? ''} ${alarm.NewStateReason}`.trim(),
        },
        starts_at: time,
        ...(status === 'resolved' ? { ends_at: time } : {}),
      },
    ],
  };
}

/** A message that cannot be read (SNS cuts at 256 KB) is told as such, with its beginning. */
function unreadable(message: string, subject: string | undefined, received_at: string): Notice {
  return {
    group_key: `unreadable:${digest(message)}`,
    status: 'firing',
    truncated: 0,
    alerts: [
      {
        fingerprint: digest(message),
        status: 'firing',
        labels: { alertname: 'UnreadableNotification', severity: 'warning', group: 'infrastructure' },
        annotations: {
          summary: subject ?? 'A notification could not be read',
          description: message.slice(0, 1000),
        },
        starts_at: received_at,
      },
    ],
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined: an alarm's change of state that is no news. Everything else becomes a notice. */
export function fromSns(
  message: string,
  subject: string | undefined,
  received_at: string,
): Notice | undefined {
  const body = json(message);
  const alarm = alarmSchema.safeParse(body);
  if (alarm.success) return fromAlarm(alarm.data);
  const webhook = webhookSchema.safeParse(body);
  return webhook.success ? fromWebhook(webhook.data) : unreadable(message, subject, received_at);
}
