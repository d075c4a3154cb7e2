/**
 * The record: the one thing the ledger keeps and everything else is read off. Type only, plus the closed
 * list of event types; how it becomes bytes is in `bytes.ts`, how it is appended in `lane.ts`.
 */
import type { JsonObject } from '../json.ts';
import type { PrincipalId } from '../terms.ts';

/** Every type of record. A governed application registers further `family.verb` types in the charter. */
export const EVENT_TYPES = [
  'auth.unauthorized',
  'auth.scope_denied',
  'auth.jwt_invalid',
  'decision.made',
  'decision.dry_run',
  'workflow.succeeded',
  'workflow.failed',
  'workflow.stale',
  'approval.requested',
  'approval.approved',
  'approval.rejected',
  'approval.expired',
  'violation.reported',
  'violation.confirmed',
  'violation.dismissed',
  'violation.appealed',
  'violation.restored',
  'sanction.applied',
  'sanction.lifted',
  'sanction.expired',
  'healing.planned',
  'healing.executed',
  'healing.failed',
  'charter.drafted',
  'charter.validated',
  'charter.activated',
  'charter.rolled_back',
  'charter.load_failed',
  'metric.allowed',
  'metric.rejected',
  'metric.blocked',
  'revocation.requested',
  'revocation.exported',
  'revocation.erased',
  'override.started',
  'override.renewed',
  'override.ended',
  'committee.notified',
  'whistleblower.received',
  'whistleblower.answered',
  'admin.access',
  'admin.config_changed',
  'user.created',
  'user.updated',
  'user.deleted',
  'user.profile_accessed',
  'user.settings_changed',
  'ws.connect',
  'ws.disconnect',
  'ws.message_sent',
  'ws.error',
  'api.request',
  'rate_limit.hit',
  'tool.invoked',
  'tool.failed',
  'tool.reviewed',
  'tool.unreviewed',
  'mission.registered',
  'mission.ended',
  'memory.accessed',
  'memory.modified',
  'memory.searched',
  'security.suspicious_activity',
  'security.brute_force_attempt',
  'security.tamper_detected',
  'system.startup',
  'system.shutdown',
  'system.emergency_stop',
  'system.emergency_release',
  'system.drain',
  'alert.fired',
  'alert.acknowledged',
  'alert.resolved',
  'deployment.recorded',
  'ledger.lane_opened',
  'ledger.lane_closed',
  'ledger.key_rotated',
  'ledger.pruned',
] as const;

export type EventType = (typeof EVENT_TYPES)[number] | (string & {});

/** Personal fields under AES-256-GCM with the subject's own key; the chain covers this ciphertext. */
export interface Sealed {
  /** Names the subject's key: its pseudonym and the key's generation. */
  readonly key: string;
  /** base64, 12 bytes. */
  readonly nonce: string;
  /** base64, ciphertext followed by the 16-byte tag. */
  readonly box: string;
}

export interface LedgerRecord {
  /** 1: signed alone. 2: signed with the records that were committed with it (`run-signature.ts`). */
  readonly v: 1 | 2;
  readonly lane: number;
  readonly seq: number;
  /** Link hash (hex SHA-256; `linkHash`) of this lane's record seq−1; 64 zeros at seq 0. */
  readonly prev: string;
  /** Record hash of the previous record of the same workflow execution, if any. */
  readonly after?: string;
  readonly type: EventType;
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string;
  /** W3C trace id, 32 hex. */
  readonly trace: string;
  /** Pseudonym of the principal, hex (`people/pseudonym.ts`). */
  readonly subject?: string;
  readonly meta?: {
    readonly request_id?: string;
    readonly session_id?: string;
    readonly connection_id?: string;
    /** Which issuer the principal is of: its name in the settings. */
    readonly issuer?: string;
    /** Digest of the charter in force. */
    readonly charter?: string;
  };
  /** Metric label values as admitted at append: themselves or `other`. The fold reads these and never guesses. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly data: JsonObject;
  /** sub, name, e-mail, IP address, user agent, AIM text, parameters. */
  readonly personal?: Sealed;
}

/** What a caller of the ledger says; lane, seq, prev, time and sealing are the ledger's. */
export interface NewRecord {
  readonly type: EventType;
  readonly trace: string;
  /** Whose record it is: the ledger makes the pseudonym, so no caller can forget to. */
  readonly who?: PrincipalId;
  /** Their pseudonym, where they themselves are not known any more: long after a revocation was asked for. */
  readonly subject?: string;
  readonly after?: string;
  readonly meta?: LedgerRecord['meta'];
  readonly labels?: Readonly<Record<string, string>>;
  readonly data: JsonObject;
  /** Sealed under the key of `who` before it is hashed. */
  readonly personal?: JsonObject;
}

/** Of every record that comes of a request; the lane adds the charter in force. */
export function metaOf(caller: {
  readonly request_id?: string;
  readonly principal: { readonly session?: string };
}): NonNullable<LedgerRecord['meta']> {
  const { request_id, principal } = caller;
  return {
    ...(request_id === undefined ? {} : { request_id }),
    ...(principal.session === undefined ? {} : { session_id: principal.session }),
  };
}

/** The promise that a caller gets: this record, in this place, in the tree within the merge delay. */
export interface Receipt {
  /** `{lane}.{seq}`, the id that GET /ledger/entries/{id} takes. */
  readonly id: string;
  readonly lane: number;
  readonly seq: number;
  /** Hex SHA-256: the RFC 6962 leaf hash of bytes ‖ signature. */
  readonly record_hash: string;
  /** base64 of `s`: Ed25519 by the lane's key, over the record or over the run that it was committed with. */
  readonly signature: string;
  /** Record hash of the lane's record 0. */
  readonly certificate_hash: string;
  readonly time: string;
  readonly max_merge_delay_seconds: number;
}

/** Durable on return. Throws LEDGER_UNAVAILABLE when it cannot say that the record is stored. */
export interface Ledger {
  append(record: NewRecord): Promise<Receipt>;
}
