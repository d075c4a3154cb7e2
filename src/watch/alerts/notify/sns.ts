/** Notices from SNS: Managed Prometheus with our template, and CloudWatch alarms. */
import * as z from 'zod';
import { ALERT_SEVERITIES, type AlertSeverity } from '../rules/rule.ts';
import { ALERTS } from '../rules/rules.ts';
import { fromCut } from './cut.ts';
import type { Notice } from './notice.ts';
import { digest, fromWebhook, severityIn, unreadable, webhookDoor } from './parse.ts';

export interface SnsMessage {
  readonly message: string;
  readonly subject?: string;
  /** When SNS got it, RFC 3339. */
  readonly received_at: string;
  /** Ours end in the severity of what they carry. */
  readonly topic?: string;
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

function fromAlarm(
  alarm: z.infer<typeof alarmSchema>,
  severity: AlertSeverity | undefined,
): Notice | undefined {
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
          ...(severity === undefined ? {} : { severity }),
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

/** Undefined: an alarm's change of state that is no news. Everything else becomes a notice. */
export function fromSns({ message, subject, received_at, topic = '' }: SnsMessage): Notice | undefined {
  const body = json(message);
  const severity = ALERT_SEVERITIES.find((each) => topic.endsWith(`-${each}`));
  const alarm = alarmSchema.safeParse(body);
  if (alarm.success) return fromAlarm(alarm.data, severity);
  const webhook = webhookDoor.safeParse(body);
  if (webhook.success) return fromWebhook(webhook.data, received_at);
  const cut = body === undefined ? fromCut(message, received_at, severity) : undefined;
  if (cut !== undefined) return cut;
  const worst = severity ?? severityIn(message);
  const alert = unreadable(message, received_at, {
    ...(subject === undefined ? {} : { summary: subject }),
    ...(worst === undefined ? {} : { severity: worst }),
  });
  return { group_key: `unreadable:${alert.fingerprint}`, status: 'firing', truncated: 0, alerts: [alert] };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
