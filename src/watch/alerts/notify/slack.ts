/** A notice as a Slack message: Block Kit for an incoming webhook, within Slack's limits. */
import type { JsonObject } from '../../../json.ts';
import { ROUTING_LABELS } from '../rules/rule.ts';
import { forSlack, forSlackCode, plain, safeUrl } from './clean.ts';
import type { AlertInstance, Notice } from './notice.ts';
import { nameOf, severityOf, worstOf } from './notice.ts';

/** What the ledger knows of an alert: the record of its firing, and the newest record of what it is about. */
export interface Proof {
  readonly record_id: string;
  readonly record_hash: string;
  readonly trace: string;
  readonly type: string;
}
export interface Evidence {
  /** `alert.fired` or `alert.resolved` of this notification. */
  readonly own?: Proof;
  readonly cause?: Proof;
}

const SHOWN = 8;
const SIGN = { critical: '🔴', warning: '🟠', info: '🔵' } as const;

/** Labels that route, or that the text says already. */
const QUIET = new Set(ROUTING_LABELS);

const labelsOf = (alert: AlertInstance): string =>
  Object.entries(alert.labels)
    .filter(([name]) => !QUIET.has(name))
    .slice(0, 8)
    .map(([name, value]) => forSlackCode(`${name}=${value}`, 120))
    .join(' ');

const lines = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n');

function proofLine(evidence: Evidence): string | undefined {
  const proof = evidence.cause ?? evidence.own;
  if (proof === undefined) return undefined;
  return [
    `Record ${forSlackCode(proof.record_id, 40)} ${forSlackCode(proof.record_hash.slice(0, 16), 16)}`,
    `trace ${forSlackCode(proof.trace, 32)}`,
    `run ${forSlackCode(`chancery ledger show ${proof.record_id}`, 80)}`,
  ].join(' · ');
}

function section(alert: AlertInstance, evidence: Evidence): JsonObject {
  const runbook = safeUrl(alert.annotations.runbook_url);
  const text = lines(
    `${alert.status === 'resolved' ? '✅' : SIGN[severityOf(alert)]} *${forSlack(alert.annotations.summary ?? nameOf(alert), 200)}*`,
    forSlack(alert.annotations.description ?? '', 900),
    labelsOf(alert),
    proofLine(evidence),
    runbook === undefined ? undefined : `<${runbook}|Runbook>`,
  );
  return { type: 'section', text: { type: 'mrkdwn', text: [...text].slice(0, 2900).join('') } };
}

const context = (text: string): JsonObject => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text }],
});

/** `evidence` by fingerprint. */
export function slackMessage(notice: Notice, evidence: ReadonlyMap<string, Evidence>): JsonObject {
  const first = notice.alerts[0];
  const name = plain(first === undefined ? 'Alert' : nameOf(first), 80);
  const firing = notice.alerts.filter((alert) => alert.status === 'firing').length;
  const resolved = notice.alerts.length - firing;
  const count = [firing > 0 ? `${firing} firing` : '', resolved > 0 ? `${resolved} resolved` : '']
    .filter((part) => part !== '')
    .join(', ');
  const sign = notice.status === 'resolved' ? '✅' : SIGN[worstOf(notice.alerts)];
  const title = plain(`${sign} ${name}: ${count}`, 150);
  const left = notice.alerts.length - SHOWN + notice.truncated;
  return {
    text: forSlack(title, 150),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: true } },
      ...notice.alerts.slice(0, SHOWN).map((alert) => section(alert, evidence.get(alert.fingerprint) ?? {})),
      ...(left > 0 ? [context(`and ${left} more`)] : []),
    ],
  };
}

/** An alert that a person took on. */
export const slackAcknowledgement = (alert: AlertInstance, by: string): JsonObject => ({
  text: forSlack(`👀 ${nameOf(alert)} acknowledged by ${by}`, 200),
  blocks: [
    {
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: `👀 *${forSlack(nameOf(alert), 80)}* acknowledged by ${forSlackCode(by, 80)}\n${labelsOf(alert)}`,
      },
    },
  ],
});

/** Says that an earlier attempt may have arrived: its answer was lost, and Slack cannot tell the two apart. */
export function marked(message: JsonObject): JsonObject {
  const blocks = Array.isArray(message.blocks) ? message.blocks : [];
  return {
    ...message,
    blocks: [...blocks, context('↻ Possible duplicate: an earlier attempt had no clear answer.')],
  };
}
