/**
 * What the notifier is told, whoever tells it: Alertmanager by webhook, Managed Prometheus or a CloudWatch
 * alarm by SNS. One shape from here on.
 */
import { sha256 } from '../../../basics/digest.ts';
import {
  ALERT_SEVERITIES,
  type AlertSeverity,
  CHANNELS,
  type Channel,
  channelOf,
  GROUPS,
  type Group,
} from '../rules/rule.ts';
import { alertNamed } from '../rules/rules.ts';

export interface AlertInstance {
  /** Equal for the same alert with the same labels, so one incident has one. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly starts_at: string;
  readonly ends_at?: string;
  readonly generator_url?: string;
}

/** One notification about a group of alerts. */
export interface Notice {
  /** The same for all notifications about this group. */
  readonly group_key: string;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly AlertInstance[];
  /** Alerts of the group that the sender left out. */
  readonly truncated: number;
  /** It was cut on its way: its last alert stands for those that were lost. */
  readonly cut?: true;
}

/** The fingerprint of the alert that stands for what was cut off a group's notifications. */
export const restOf = (group_key: string): string => sha256(`cut ${group_key}`).slice(0, 16);

export const nameOf = (alert: AlertInstance): string => alert.labels.alertname?.trim() || 'UnnamedAlert';

/** The label, else what the declaration says, else the most cautious: an alert of unknown origin is a warning. */
export function severityOf(alert: AlertInstance): AlertSeverity {
  const label = alert.labels.severity?.trim().toLowerCase();
  const said = ALERT_SEVERITIES.find((severity) => severity === label);
  return said ?? alertNamed(nameOf(alert))?.severity ?? 'warning';
}

export function groupOf(alert: AlertInstance): Group {
  const said = GROUPS.find((group) => group === alert.labels.group);
  return said ?? alertNamed(nameOf(alert))?.group ?? 'infrastructure';
}

const CHANNEL_NAMES: ReadonlySet<string> = new Set(CHANNELS);
const isChannel = (name: string | undefined): name is Channel =>
  name !== undefined && CHANNEL_NAMES.has(name);

/** The rule's own label wins: a service-level alert on integrity belongs with the violations. */
export const channelFor = (alert: AlertInstance): Channel =>
  isChannel(alert.labels.channel) ? alert.labels.channel : channelOf(groupOf(alert), severityOf(alert));

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/** The worst of a group. */
export const worstOf = (alerts: readonly AlertInstance[]): AlertSeverity =>
  alerts
    .map(severityOf)
    .reduce((worst, severity) => (RANK[severity] > RANK[worst] ? severity : worst), 'info');
