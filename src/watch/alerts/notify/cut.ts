/**
 * A notification that SNS cut at its limit of 256 KB: the alerts before the cut are told as they are, and the rest
 * as one alert that names and pages as its group does.
 */
import * as z from 'zod';
import type { AlertInstance, Notice } from './notice.ts';
import { restOf } from './notice.ts';
import { bounded, fromWebhook, keyOf, severityIn, unreadable, webhookDoor } from './parse.ts';

/**
 * The beginning of a JSON object that was cut, closed after the last whole member, or the last whole element of
 * an array that is a member. Undefined when there is none.
 */
export function closeCut(text: string): string | undefined {
  const open: string[] = [];
  let inText = false;
  let whole: string | undefined;
  const keep = (end: number): void => {
    whole =
      text.slice(0, end) +
      open
        .map((bracket) => (bracket === '[' ? ']' : '}'))
        .reverse()
        .join('');
  };
  const listed = (): boolean => open.length === 2 && open[1] === '[';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (inText) {
      if (letter === '\\') at += 1;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === '{' || letter === '[') {
      open.push(letter);
      if (listed()) keep(at + 1);
    } else if (letter === '}' || letter === ']') {
      open.pop();
      if (listed()) keep(at + 1);
    } else if (letter === ',' && open.length === 1) keep(at);
  }
  return whole;
}

const labels = z.record(z.string(), z.string()).catch({});
const cutSchema = z.object({
  status: z.enum(['firing', 'resolved']).catch('firing'),
  groupLabels: labels,
  commonLabels: labels,
  alerts: z.array(z.unknown()).catch([]),
});

/**
 * Undefined when nothing of the group can be read.
 * @param severity of the topic that it came by, if that says one
 */
export function fromCut(text: string, received_at: string, severity?: string): Notice | undefined {
  const closed = closeCut(text);
  if (closed === undefined) return undefined;
  const head = cutSchema.safeParse(parsed(closed));
  if (!head.success) return undefined;
  const { status, groupLabels, commonLabels, alerts } = head.data;
  if (Object.keys(groupLabels).length + alerts.length === 0) return undefined;
  const before = webhookDoor.safeParse({ status, groupLabels, alerts });
  const read = before.success
    ? fromWebhook(before.data, received_at)
    : { group_key: '', status, alerts: [], truncated: 0 };
  const group_key = before.success ? read.group_key : keyOf(groupLabels);
  const worst = severity ?? severityIn(text);
  const rest = unreadable(text, received_at, {
    summary: `Alerts of this group after the first ${read.alerts.length} were cut off: the notification was too long`,
    ...(worst === undefined ? {} : { severity: worst }),
  });
  const cut: AlertInstance = {
    ...rest,
    fingerprint: restOf(group_key),
    status,
    labels: bounded({ ...rest.labels, ...commonLabels, ...groupLabels }),
    ...(status === 'resolved' ? { ends_at: received_at } : {}),
  };
  return { ...read, group_key, alerts: [...read.alerts, cut], cut: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // It was no JSON before it was cut; the caller tells it as unreadable.
  }
}
