/**
 * May this sample be collected? Pure; what follows from a blocked attempt is in
 * `../govern/cases/attempts.ts`.
 */
import type { Json } from '../json.ts';
import type { Severity } from '../terms.ts';
import type { Charter } from './charter.ts';

export const ENFORCEMENTS = ['ALLOW', 'REJECT', 'BLOCK'] as const;
export type Enforcement = (typeof ENFORCEMENTS)[number];

export interface SampleName {
  readonly metric_name: string;
  readonly source: string;
}

export interface SampleJudgement {
  /** The sample is well formed, whatever the charter says of it. */
  readonly is_valid: boolean;
  readonly allowed: boolean;
  readonly enforcement_action: Enforcement;
  readonly reason: 'ALLOWED' | 'MALFORMED' | 'FUTURE_DATED' | 'FORBIDDEN' | 'NOT_WHITELISTED' | 'SANCTIONED';
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Who and what, as far as it could be read; absent parts are `unknown`. */
  readonly sample: SampleName;
  readonly access_level?: string;
  /** The roles that the charter lets read it; with `public` everybody may. */
  readonly access_roles?: readonly string[];
  readonly retention_days?: number;
  /** Of the notification about a forbidden metric. */
  readonly priority?: string;
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_SOURCE = 128;
const MAX_TEXT = 256;
const STALE_MS = 24 * 3600 * 1000;

/**
 * A forbidden metric is blocked even when the rest of the sample is malformed: else one could probe for it
 * without its counting as an attempt.
 */
export function judgeSample(charter: Charter, input: Json, now: number): SampleJudgement {
  const { allowed, forbidden, clock_skew } = charter.documents['metrics.yaml'];
  const fields = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  const { metric_name, value, timestamp, source } = fields;
  const errors: string[] = [];
  const warnings: string[] = [];

  if (fields !== input) errors.push('a sample is an object');
  const named = typeof metric_name === 'string' && NAME.test(metric_name);
  if (!named) errors.push('metric_name: lower-case letters, digits and _, at most 64');
  const from = typeof source === 'string' ? source.trim() : '';
  const sourced = from !== '' && from.length <= MAX_SOURCE;
  if (!sourced) errors.push(`source: a text of 1 to ${MAX_SOURCE} characters`);
  if (!isValue(value)) errors.push('value: a finite number, a boolean or a short text');
  const at = timeOf(timestamp);
  if (at === undefined) errors.push('timestamp: RFC 3339 text, or seconds or milliseconds since 1970');
  if (at !== undefined && at < now - STALE_MS) warnings.push('timestamp: older than a day');
  if (named && metric_name.endsWith('_percent') && typeof value === 'number' && (value < 0 || value > 100)) {
    warnings.push('value: outside of 0 to 100 per cent');
  }

  const sample = { metric_name: named ? metric_name : 'unknown', source: sourced ? from : 'unknown' };
  const future = at !== undefined && at > now + clock_skew * 1000;
  if (future) errors.push('timestamp: in the future');
  const base = { is_valid: errors.length === 0, errors, warnings, sample };

  const banned = forbidden.find(({ name }) => name === sample.metric_name);
  if (banned !== undefined) {
    return {
      ...base,
      allowed: false,
      enforcement_action: 'BLOCK',
      reason: 'FORBIDDEN',
      priority: banned.priority,
    };
  }
  if (errors.length > 0) {
    const reason = future && errors.length === 1 ? 'FUTURE_DATED' : 'MALFORMED';
    return { ...base, allowed: false, enforcement_action: 'REJECT', reason };
  }
  const listed = allowed.find(({ name }) => name === sample.metric_name);
  if (listed === undefined) {
    return { ...base, allowed: false, enforcement_action: 'BLOCK', reason: 'NOT_WHITELISTED' };
  }
  return {
    ...base,
    allowed: true,
    enforcement_action: 'ALLOW',
    reason: 'ALLOWED',
    access_level: listed.access,
    access_roles: charter.documents['charter.yaml'].access_control[listed.access],
    retention_days: listed.retention_days,
  };
}

/** Where a case stands after attempts at these times (ms), the last of them now. */
export function severityOfAttempts(charter: Charter, times: readonly number[], now: number): Severity {
  const { ladder } = charter.documents['metrics.yaml'];
  const recent = times.filter((time) => isWithin(time, now, ladder.window)).length;
  return ladder.steps.reduce<Severity>(
    (reached, step) => (recent >= step.attempts ? step.severity : reached),
    ladder.first,
  );
}

/** Both ends count: an attempt exactly one window ago is still within it. */
export function isWithin(time: number, now: number, seconds: number): boolean {
  return now - time <= seconds * 1000;
}

function isValue(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return (
    typeof value === 'boolean' || (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT)
  );
}

function timeOf(timestamp: Json | undefined): number | undefined {
  if (typeof timestamp === 'number' && Number.isFinite(timestamp) && timestamp > 0) {
    // Seconds until the year 5138 are below this, milliseconds since 1973 above.
    return timestamp < 1e11 ? timestamp * 1000 : timestamp;
  }
  const date = typeof timestamp === 'string' ? /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}/.exec(timestamp) : null;
  if (date === null || !isDay(date[1] ?? '')) return undefined;
  const at = Date.parse(date.input);
  return Number.isNaN(at) ? undefined : at;
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
