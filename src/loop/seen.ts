/** Monitor: what the loop reads off a record of the ledger. Pure. It reads nothing else: no sample that anybody collected. */
import type { Basis } from '../govern/sanctions/terms.ts';
import type { Json, JsonObject } from '../json.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { SEVERITIES, type Severity } from '../terms.ts';

/** One violation, as its record tells it. */
export interface Seen {
  /** `{lane}.{seq}` of the record. */
  readonly record: string;
  /** Milliseconds. */
  readonly at: number;
  readonly trace: string;
  /** As callers name it; empty where the record does not say. */
  readonly node: string;
  /** The forbidden metric, where it was an attempt to collect one. */
  readonly metric?: string;
  readonly case_id: string;
  /** Of the case, after this record. */
  readonly severity: Severity;
  readonly basis: Basis;
  /** Pseudonym of the principal that is accused; empty while nobody can say who it is. */
  readonly accused: string;
  /** True where the record changes the case, or opens it: further attempts ask for nothing that was not asked for. */
  readonly moves: boolean;
  /** Pseudonym of who reported it; empty where the system saw it. */
  readonly reporter: string;
}

/** A case that gives no reason for anything any more. */
export interface Closed {
  readonly case_id: string;
  readonly record: string;
  readonly trace: string;
}

export type Heard = { readonly seen: Seen } | { readonly closed: Closed } | undefined;

/** Undefined for what is no matter of the loop's. */
export function heardIn(record: LedgerRecord): Heard {
  const read = READ[record.type];
  return read === undefined ? undefined : read(record, record.data);
}

const READ: Readonly<Record<string, (record: LedgerRecord, data: JsonObject) => Heard>> = {
  'metric.blocked'(record, data) {
    const violation = object(data.violation);
    // What is merely not on the list is a mistake, and no violation.
    if (violation === undefined) return undefined;
    const metric = text(data.metric_name);
    return seen(record, {
      node: text(violation.node_or_service),
      severity: severityOf(object(data.case)?.severity ?? violation.severity),
      basis: 'observed',
      moves: object(data.case)?.change !== undefined,
      // Who collects is who asked.
      accused: text(object(data.accused)?.by) || (record.subject ?? ''),
      ...(metric === '' ? {} : { metric }),
    });
  },
  'violation.reported': (record, data) =>
    seen(record, {
      node: text(data.node_or_service),
      severity: severityOf(data.severity),
      basis: 'reported',
      reporter: text(object(data.person)?.by),
    }),
  'violation.confirmed': (record, data) =>
    data.final === false
      ? undefined
      : seen(record, {
          node: text(data.node_or_service),
          severity: severityOf(object(data.case)?.severity ?? data.severity),
          basis: 'confirmed',
        }),
  'violation.dismissed': closed,
  'violation.restored': closed,
};

/** Records of these types are read; a reader of the store may leave out all others. */
export const HEEDED: readonly string[] = Object.keys(READ);

function seen(
  record: LedgerRecord,
  about: Pick<Seen, 'node' | 'basis'> & Partial<Seen> & { readonly severity: Severity | undefined },
): Heard {
  const { severity, ...rest } = about;
  const case_id = caseIdOf(record.data);
  if (case_id === '' || severity === undefined) return undefined;
  return {
    seen: {
      record: idOf(record),
      at: Date.parse(record.time),
      trace: record.trace,
      case_id,
      severity,
      accused: text(object(record.data.accused)?.by),
      reporter: '',
      moves: true,
      ...rest,
    },
  };
}

function closed(record: LedgerRecord, data: JsonObject): Heard {
  const case_id = caseIdOf(data);
  return case_id === '' ? undefined : { closed: { case_id, record: idOf(record), trace: record.trace } };
}

const idOf = ({ lane, seq }: LedgerRecord): string => `${lane}.${seq}`;
const caseIdOf = (data: JsonObject): string => text(object(data.case)?.id ?? data.violation_id);
const severityOf = (value: Json | undefined): Severity | undefined =>
  SEVERITIES.find((known) => known === value);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const object = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
