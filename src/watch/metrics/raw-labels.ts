/**
 * Which label values of a record come from outside and therefore need admission (admission.ts) before it is
 * appended. Pure: the values as they are, by the name under which they will stand in `record.labels`.
 */

import { CATALOGUE, type MetricName } from '../../catalogue/catalogue.ts';
import type { JsonObject } from '../../json.ts';
import { EVENT_TYPES, type NewRecord } from '../../ledger/record.ts';
import { object, objects, text, texts } from './read.ts';

/** The label that carries several values parallel to a list in `data`. */
export const SEPARATOR = ' ';

export interface RawLabel {
  /** Name in `record.labels`. */
  readonly name: string;
  /** Names the admitted set in the catalogue. */
  readonly dictionary: string;
  readonly value: string;
}

/** These have their places in the budget already and need no label. */
export const STANDARD_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** The dictionaries that a label given by the caller belongs to. */
const GIVEN: Readonly<Record<string, string>> = { workflow: 'workflow', actor_role: 'actor_role' };

export function rawLabels(record: NewRecord): RawLabel[] {
  const raw: RawLabel[] = [];
  const add = (name: string, value: string | undefined, dictionary = name): void => {
    if (value !== undefined && value !== '') raw.push({ name, dictionary, value });
  };
  if (!STANDARD_TYPES.has(record.type)) add('event_type', record.type);
  for (const [name, value] of Object.entries(record.labels ?? {})) {
    const dictionary = GIVEN[name];
    if (dictionary !== undefined) add(name, value, dictionary);
  }
  const { data } = record;
  switch (record.type) {
    case 'decision.made':
    case 'decision.dry_run':
      add('reason', firstReason(data));
      for (const policy of objects(data, 'policies')) add('policies', text(policy, 'id'), 'policy');
      for (const policy of texts(data, 'policy_errors')) add('policy_errors', policy, 'policy');
      break;
    case 'workflow.failed':
      add('error_type', text(data, 'error_type'));
      break;
    case 'auth.scope_denied':
      add('scope', text(data, 'scope'));
      break;
    case 'rate_limit.hit':
      add('reason', text(data, 'reason'), 'limit_reason');
      add('scope', text(data, 'scope'));
      break;
    case 'security.suspicious_activity':
    case 'security.brute_force_attempt':
      add('pattern', text(data, 'pattern') ?? record.type.slice('security.'.length));
      break;
    case 'tool.invoked':
    case 'tool.failed':
    case 'tool.unreviewed':
      add('tool', text(data, 'tool'));
      break;
    case 'metric.blocked':
      add('metric_name', text(data, 'metric_name'));
      add('node_or_service', nodeOf(data));
      break;
    case 'violation.reported':
      add('node_or_service', nodeOf(data));
      break;
  }
  return raw;
}

const firstReason = (data: JsonObject): string | undefined => {
  const [first] = objects(data, 'reasons');
  return first === undefined ? undefined : text(first, 'code');
};

const nodeOf = (data: JsonObject): string | undefined =>
  text(data, 'node_or_service') ??
  text(data, 'source') ??
  text(object(data, 'violation') ?? {}, 'node_or_service');

/** How many values each dictionary admits: as the catalogue declares. */
export const DICTIONARIES: ReadonlyMap<string, number> = new Map(
  (Object.keys(CATALOGUE) as MetricName[]).flatMap((metric) =>
    Object.values(CATALOGUE[metric].labels).flatMap((label): [string, number][] =>
      'dictionary' in label ? [[label.dictionary, label.max]] : [],
    ),
  ),
);
