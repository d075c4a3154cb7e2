/** Alerts as PagerDuty events (Events API v2): one incident per alert and label set, by its `dedup_key`. */
import type { JsonObject } from '../../../json.ts';
import { plain, safeUrl } from './clean.ts';
import type { AlertInstance } from './notice.ts';
import { groupOf, nameOf, severityOf } from './notice.ts';
import type { Evidence } from './slack.ts';

/** At most 255 characters; the fingerprint alone is enough, the name is for the reader. */
export const dedupKey = (alert: AlertInstance): string =>
  `chancery/${plain(nameOf(alert), 100)}/${plain(alert.fingerprint, 64)}`;

const proofs = (evidence: Evidence): JsonObject => {
  const proof = evidence.cause ?? evidence.own;
  return proof === undefined
    ? {}
    : {
        record: proof.record_id,
        record_hash: proof.record_hash,
        trace: proof.trace,
        run: `chancery ledger show ${proof.record_id}`,
      };
};

/** `routing_key` is added by the adapter, which alone holds it. */
export function trigger(alert: AlertInstance, evidence: Evidence): JsonObject {
  const runbook = safeUrl(alert.annotations.runbook_url);
  const labels = Object.fromEntries(
    Object.entries(alert.labels)
      .slice(0, 30)
      .map(([name, value]) => [plain(name, 100), plain(value, 300)]),
  );
  return {
    event_action: 'trigger',
    dedup_key: dedupKey(alert),
    client: 'Chancery',
    payload: {
      summary: plain(`${nameOf(alert)}: ${alert.annotations.summary ?? ''}`, 1024),
      source: plain(alert.labels.node_or_service ?? alert.labels.instance ?? 'chancery', 255),
      severity: severityOf(alert),
      timestamp: alert.starts_at,
      component: 'chancery',
      group: groupOf(alert),
      class: plain(nameOf(alert), 100),
      custom_details: {
        description: plain(alert.annotations.description ?? '', 1000),
        labels,
        ...proofs(evidence),
      },
    },
    ...(runbook === undefined ? {} : { links: [{ href: runbook, text: 'Runbook' }] }),
  };
}

export const follow = (alert: AlertInstance, action: 'acknowledge' | 'resolve'): JsonObject => ({
  event_action: action,
  dedup_key: dedupKey(alert),
});
