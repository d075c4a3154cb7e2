/** A notice as each target takes it: Slack's blocks, an event for PagerDuty, text with attributes for a topic. */
import * as z from 'zod';
import type { JsonObject } from '../../json.ts';
import type { Priority } from '../../terms.ts';
import { forSlack, forSlackCode, plain, safeUrl } from '../alerts/notify/clean.ts';
import { PAGERDUTY, slackCourier } from '../alerts/notify/messages.ts';
import type { Job } from '../alerts/notify/outbox.ts';
import type { CommitteeNotice } from './told.ts';

/** What the committee answers for stands in one channel. */
export const COMMITTEE_SLACK = slackCourier('violations');

/** Whoever subscribes to the topic of notices. */
export const TOPIC = 'sns';

export const topicMessage = z.object({
  /** At most 100 characters of ASCII. */
  subject: z.string(),
  message: z.string(),
  /** What subscriptions filter by. */
  attributes: z.record(z.string(), z.string()),
});
type TopicMessage = z.infer<typeof topicMessage>;

/** How PagerDuty calls each priority (Events API v2, `payload.severity`). Those without a name page nobody. */
const PAGED: Readonly<Partial<Record<Priority, string>>> = { high: 'error', critical: 'critical' };
const SIGN: Readonly<Record<Priority, string>> = { low: '🔵', medium: '🟡', high: '🟠', critical: '🔴' };

/** The same for all that is told of one thing. */
const incidentOf = ({ thing }: CommitteeNotice): string => `chancery/${plain(thing, 96)}`;

/** @param url where the API is, without a slash at the end; undefined where nobody knows */
const linkOf = ({ path }: CommitteeNotice, url: string | undefined): string | undefined =>
  url === undefined ? undefined : safeUrl(`${url}${path}`);

/** Jobs for those of the couriers that are there. Told twice they are the same jobs. */
export function lettersOf(
  notice: CommitteeNotice,
  couriers: ReadonlySet<string>,
  url: string | undefined,
): Job[] {
  const common = { lane: incidentOf(notice), content: `notice ${notice.id}` };
  const bodies: [string, JsonObject | undefined][] = [
    [COMMITTEE_SLACK, toSlack(notice, linkOf(notice, url))],
    [PAGERDUTY, toPager(notice, linkOf(notice, url))],
    [TOPIC, toTopic(notice, linkOf(notice, url))],
  ];
  return bodies.flatMap(([courier, body]) =>
    body === undefined || !couriers.has(courier) ? [] : [{ ...common, courier, body }],
  );
}

function toSlack(notice: CommitteeNotice, link: string | undefined): JsonObject {
  const { title, facts, priority, incident, command, id, record_hash } = notice;
  const sign = incident === 'ends' ? '✅' : SIGN[priority];
  const lines = [
    `${sign} *${forSlack(title, 150)}*`,
    Object.entries(facts)
      .map(([label, value]) => `${label} ${forSlackCode(value, 200)}`)
      .join(' · '),
    [
      ...(link === undefined ? [] : [`<${link}|Open it>`]),
      `run ${forSlackCode(command, 120)}`,
      `record ${forSlackCode(id, 40)} ${forSlackCode(record_hash.slice(0, 16), 16)}`,
    ].join(' · '),
  ];
  return {
    text: forSlack(`${sign} ${title}`, 150),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, 2_900) } }],
  };
}

function toPager(notice: CommitteeNotice, link: string | undefined): JsonObject | undefined {
  const { title, facts, priority, incident, kind, id, record_hash, trace, at, command } = notice;
  const dedup_key = incidentOf(notice);
  // However little it presses by now: it may have been raised when it pressed more.
  if (incident === 'ends') return { event_action: 'resolve', dedup_key };
  const severity = PAGED[priority];
  if (severity === undefined) return undefined;
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Chancery',
    payload: {
      summary: plain(title, 1_024),
      source: plain(facts.where ?? facts.workflow ?? 'chancery', 255) || 'chancery',
      severity,
      timestamp: at,
      component: 'chancery',
      group: 'governance',
      class: kind,
      custom_details: {
        ...Object.fromEntries(Object.entries(facts).map(([label, value]) => [label, plain(value, 300)])),
        record: id,
        record_hash,
        trace,
        run: command,
      },
    },
    ...(link === undefined ? {} : { links: [{ href: link, text: 'Open it' }] }),
  };
}

/** Titles are ours, and ASCII. */
function toTopic(notice: CommitteeNotice, link: string | undefined): TopicMessage {
  const { title, facts, priority, severity, incident, kind, about, command, at, id, record_hash } = notice;
  const lines = [
    plain(title, 150),
    '',
    ...Object.entries(facts).map(([label, value]) => `${label}: ${plain(value, 300)}`),
    `priority: ${priority}`,
    `when: ${at}`,
    '',
    ...(link === undefined ? [] : [link]),
    `run: ${plain(command, 120)}`,
    `record: ${id} ${record_hash}`,
  ];
  return {
    subject: `Chancery: ${plain(title, 80)}`,
    message: lines.join('\n'),
    attributes: { kind, about: plain(about, 96), priority, severity, incident },
  };
}
