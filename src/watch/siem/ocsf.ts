/**
 * A ledger record as an event of the Open Cybersecurity Schema Framework (schema.ocsf.io), version 1.5.0. Six
 * classes are used; a type that none of them fits is a base event, so every record has a form.
 *
 * Personal fields are sealed in the record and are not opened for this: users are pseudonyms.
 */

import type { Json, JsonObject } from '../../json.ts';
import type { LedgerRecord } from '../../ledger/record.ts';

export const OCSF_VERSION = '1.5.0';

/** A record with its place and hash, as the reader gives it. */
export interface Exported {
  /** `{lane}.{seq}`. */
  readonly id: string;
  readonly record_hash: string;
  readonly record: LedgerRecord;
}

const CLASSES = {
  base: { class_uid: 0, category_uid: 0 },
  detection_finding: { class_uid: 2004, category_uid: 2 },
  authentication: { class_uid: 3002, category_uid: 3 },
  entity_management: { class_uid: 3004, category_uid: 3 },
  application_lifecycle: { class_uid: 6002, category_uid: 6 },
  api_activity: { class_uid: 6003, category_uid: 6 },
} as const;
export type OcsfClass = keyof typeof CLASSES;

/** `severity_id`: 1 informational, 3 medium, 4 high, 5 critical. */
type Severity = 1 | 2 | 3 | 4 | 5;
interface Kind {
  readonly as: OcsfClass;
  readonly activity: number;
  readonly severity: Severity;
  readonly failed?: boolean;
}

const OTHER = 99;
const kind = (as: OcsfClass, activity: number, severity: Severity = 1, failed = false): Kind => ({
  as,
  activity,
  severity,
  failed,
});

/** Families first, single types after: the longest entry that fits decides. */
const KINDS: Readonly<Record<string, Kind>> = {
  auth: kind('authentication', OTHER),
  'auth.unauthorized': kind('authentication', 1, 2, true),
  'auth.jwt_invalid': kind('authentication', 1, 2, true),
  'auth.scope_denied': kind('authentication', OTHER, 3, true),
  decision: kind('api_activity', OTHER),
  workflow: kind('api_activity', OTHER),
  'workflow.failed': kind('api_activity', OTHER, 2, true),
  'workflow.stale': kind('api_activity', OTHER, 3, true),
  tool: kind('api_activity', OTHER),
  'tool.failed': kind('api_activity', OTHER, 2, true),
  memory: kind('api_activity', 2),
  'memory.modified': kind('api_activity', 3),
  api: kind('api_activity', OTHER),
  rate_limit: kind('api_activity', OTHER, 2, true),
  'admin.access': kind('api_activity', 2),
  admin: kind('entity_management', 3, 2),
  user: kind('entity_management', 3),
  'user.created': kind('entity_management', 1),
  'user.deleted': kind('entity_management', 4),
  'user.profile_accessed': kind('entity_management', 2),
  charter: kind('entity_management', 3, 2),
  'charter.drafted': kind('entity_management', 1),
  'charter.load_failed': kind('entity_management', 3, 4, true),
  approval: kind('entity_management', 3),
  sanction: kind('entity_management', 3, 3),
  revocation: kind('entity_management', 4, 2),
  override: kind('entity_management', 3, 3),
  whistleblower: kind('detection_finding', 1, 3),
  committee: kind('entity_management', 3),
  healing: kind('entity_management', 3, 2),
  metric: kind('api_activity', 1),
  'metric.blocked': kind('detection_finding', 1, 3),
  violation: kind('detection_finding', 2, 4),
  'violation.reported': kind('detection_finding', 1, 4),
  'violation.dismissed': kind('detection_finding', 3, 1),
  security: kind('detection_finding', 1, 4),
  'security.tamper_detected': kind('detection_finding', 1, 5),
  'alert.fired': kind('detection_finding', 1, 4),
  'alert.acknowledged': kind('detection_finding', 2, 1),
  'alert.resolved': kind('detection_finding', 3, 1),
  'system.startup': kind('application_lifecycle', 3),
  'system.shutdown': kind('application_lifecycle', 4),
  'system.drain': kind('application_lifecycle', 4, 2),
  'system.emergency_stop': kind('application_lifecycle', 7, 5),
  'system.emergency_release': kind('application_lifecycle', 6, 3),
  'deployment.recorded': kind('application_lifecycle', 8),
};

const kindOf = (type: string): Kind => KINDS[type] ?? KINDS[type.split('.')[0] ?? ''] ?? kind('base', OTHER);

/** CRIMINAL violations and critical alerts are critical whatever their type says. */
function severityOf({ data }: LedgerRecord, found: Kind): Severity {
  if (data.severity === 'CRIMINAL' || data.severity === 'critical') return found.severity === 1 ? 1 : 5;
  return found.severity;
}

const FAILED = new Set<Json | undefined>(['deny', 'rejected', 'failure', 'stale', 'denied']);

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** Whoever did it, by pseudonym; the system itself where no principal did. */
const userOf = (record: LedgerRecord): JsonObject =>
  record.subject === undefined ? { name: 'chancery', type_id: 3 } : { uid: record.subject, type_id: 0 };

const resourceOf = ({ data, type }: LedgerRecord): string =>
  text(data.workflow) ?? text(data.tool) ?? text(data.metric_name) ?? type;

/** The attributes that the class requires beyond those of every event. */
function body(as: OcsfClass, exported: Exported): JsonObject {
  const { record, id } = exported;
  switch (as) {
    case 'base':
      return {};
    case 'authentication':
      return {
        user: userOf(record),
        service: { name: 'chancery' },
        auth_protocol_id: OTHER,
        auth_protocol: 'JWT',
      };
    case 'api_activity':
      return {
        actor: { user: userOf(record), app_name: 'chancery' },
        api: { operation: text(record.data.action) ?? record.type, service: { name: 'chancery' } },
        // The address is personal and sealed in the record; the endpoint is named, not located.
        src_endpoint: { name: 'caller' },
        resources: [{ name: resourceOf(record) }],
      };
    case 'entity_management':
      return {
        actor: { user: userOf(record), app_name: 'chancery' },
        entity: { type: record.type.split('.')[0] ?? record.type, name: resourceOf(record), uid: id },
      };
    case 'application_lifecycle':
      return { app: { name: 'Chancery', vendor_name: 'Chancery', version: text(record.data.version) ?? '' } };
    case 'detection_finding':
      return {
        finding_info: {
          uid: text(record.data.fingerprint) ?? text(record.data.violation_id) ?? id,
          title: text(record.data.alert) ?? text(record.data.violation_type) ?? record.type,
          types: [record.type],
          created_time: Date.parse(record.time),
        },
        is_alert: record.type.startsWith('alert.'),
        resources: [
          { name: text(record.data.node_or_service) ?? text(record.data.source) ?? resourceOf(record) },
        ],
      };
  }
}

/** Findings have a life of their own: 1 new, 2 in progress, 4 resolved. Others succeed or fail. */
function statusOf(found: Kind, record: LedgerRecord): number {
  if (found.as === 'detection_finding') return found.activity === 3 ? 4 : found.activity;
  return found.failed === true || FAILED.has(record.data.outcome) ? 2 : 1;
}

export function toOcsf(exported: Exported): JsonObject {
  const { record, id, record_hash } = exported;
  const found = kindOf(record.type);
  const { class_uid, category_uid } = CLASSES[found.as];
  return {
    activity_id: found.activity,
    ...(found.activity === OTHER ? { activity_name: record.type } : {}),
    category_uid,
    class_uid,
    type_uid: class_uid * 100 + found.activity,
    severity_id: severityOf(record, found),
    status_id: statusOf(found, record),
    time: Date.parse(record.time),
    message: record.type,
    metadata: {
      version: OCSF_VERSION,
      uid: id,
      event_code: record.type,
      correlation_uid: record.trace,
      sequence: record.seq,
      log_name: 'chancery-ledger',
      original_time: record.time,
      product: { name: 'Chancery', vendor_name: 'Chancery' },
    },
    ...body(found.as, exported),
    unmapped: { record_hash, lane: record.lane, labels: { ...record.labels }, data: record.data },
  };
}

/** One line of JSON, as collectors read it. */
export const ocsfLine = (exported: Exported): string => `${JSON.stringify(toOcsf(exported))}\n`;

export const OCSF_CLASSES = CLASSES;
