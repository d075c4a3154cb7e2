/**
 * What the published schema (schema.ocsf.io, 1.5.0) says of the classes used: category, required attributes
 * (dotted: required within an object), which activities and statuses there are, and which attributes may occur.
 */
interface Published {
  readonly category_uid: number;
  readonly required: readonly string[];
  readonly activities: readonly number[];
  readonly statuses: readonly number[];
  readonly attributes: readonly string[];
}

const EVERY_REQUIRED = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata.version',
  'metadata.product',
  'severity_id',
  'time',
  'type_uid',
];
const EVERY = [
  'activity_id',
  'activity_name',
  'category_uid',
  'class_uid',
  'message',
  'metadata',
  'severity_id',
  'status_id',
  'time',
  'type_uid',
  'unmapped',
];
const OUTCOMES = [0, 1, 2, 99];

const published = (
  category_uid: number,
  activities: readonly number[],
  required: readonly string[],
  attributes: readonly string[] = [],
  statuses: readonly number[] = OUTCOMES,
): Published => ({
  category_uid,
  activities: [0, 99, ...activities],
  required: [...EVERY_REQUIRED, ...required],
  statuses,
  attributes: [...EVERY, ...required.map((path) => path.split('.')[0] ?? path), ...attributes],
});

export const REQUIRED: Readonly<Record<string, Published>> = {
  base: published(0, [], []),
  detection_finding: published(
    2,
    [1, 2, 3],
    ['finding_info.uid', 'finding_info.title'],
    ['is_alert', 'resources'],
    [0, 1, 2, 3, 4, 5, 6, 99],
  ),
  // `service` or `dst_endpoint` must be there; we give the first.
  authentication: published(
    3,
    [1, 2, 3, 4, 5, 6, 7],
    ['user', 'service'],
    ['auth_protocol', 'auth_protocol_id'],
  ),
  entity_management: published(3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], ['entity.name'], ['actor']),
  application_lifecycle: published(6, [1, 2, 3, 4, 5, 6, 7, 8], ['app.vendor_name']),
  api_activity: published(6, [1, 2, 3, 4], ['actor.user', 'api.operation', 'src_endpoint'], ['resources']),
};
