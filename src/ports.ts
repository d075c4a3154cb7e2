/**
 * Every interface between Chancery and the world, with its contract in prose. `src` knows these and
 * nothing else of the outside; `adapters/` implements them; `lambdas/`, `local/` and `cli/` wire them.
 *
 * All adapters throw ChanceryError STORE_UNAVAILABLE (with `cause`) when they cannot say whether an
 * operation happened; callers must treat that as "happened or not" and retry the identical operation.
 */

import type { CounterName, GaugeName, HistogramName, LabelNames } from './catalogue/catalogue.ts';
import type { Json } from './json.ts';

/** What an attribute may hold: DynamoDB's types, and no others. Numbers are safe integers or finite doubles. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | Value[]
  | { readonly [name: string]: Value | undefined };

/** One stored thing. `pk` names the partition, `sk` orders within it (bytewise UTF-8). */
export interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: Value;
}

/** Attributes beside the keys. */
export type Attributes = { readonly [attribute: string]: Value };

/**
 * When a put may happen.
 * - `absent`: nothing is stored under the key.
 * - `absent-or-identical`: nothing is stored, or what is stored has the same `b` and `s` bytes. So a retry
 *   of an ambiguous write succeeds without a read, and another body under the same key is refused.
 * - `{ version }`: the stored item's `version` attribute equals this one.
 */
export type Condition = 'absent' | 'absent-or-identical' | { readonly version: number };

export type PutResult = { readonly stored: true } | { readonly stored: false };

/**
 * A counter inside an item: `by` is added if the stored window equals `window` (or is the next one: this writer's
 * clock is late), else the slot restarts at `by`. `countInto` in slots.ts is the rule.
 */
export interface Slot {
  /** `[a-z0-9_]{1,40}`; the item gets attributes `{name}` (the count) and `{name}_w` (the window). */
  readonly name: string;
  readonly window: number;
  readonly by: number;
}

/**
 * How long a power cut may take a count away: until the next write to the same store, other than such a count, is
 * acknowledged. For who counts, then records what they are about to do, and does it then; a store whose every write
 * costs the same keeps it at once.
 */
export type Lasting = 'with-the-next';

export interface Page {
  readonly items: readonly Item[];
  /** Opaque; pass it as `after` for the next page. Absent on the last page. */
  readonly next?: string;
}

export interface Range {
  /** Inclusive bounds on `sk`. */
  readonly from?: string;
  readonly to?: string;
  readonly reverse?: boolean;
  /** At most this many items (default: one page as the adapter likes, never unbounded). */
  readonly limit?: number;
  readonly after?: string;
}

/**
 * DynamoDB's single-table model and nothing more. Reads are strongly consistent. Every method is one store
 * round trip unless it says otherwise. Uniqueness and order are conditional writes here, never a read
 * followed by a write above.
 */
export interface Table {
  get(pk: string, sk: string): Promise<Item | undefined>;
  put(item: Item, condition: Condition): Promise<PutResult>;
  /**
   * Stores a contiguous run of items of one partition, in order, each under `absent-or-identical`.
   * After any failure what is stored is a prefix of the run, never a gap; repeating the call with the
   * identical items completes it. `{stored: false}` means that an item was refused: items before it are stored.
   */
  putRun(items: readonly Item[]): Promise<PutResult>;
  query(pk: string, range?: Range): Promise<Page>;
  /**
   * Adds to the slots of one item (made when absent) and returns the item as it is after. A retry may count
   * twice, never less: limits may refuse early, never late. One round trip, two when a window turns.
   */
  add(pk: string, sk: string, slots: readonly Slot[], lasting?: Lasting): Promise<Item>;
  /**
   * Sets these attributes of one item (made when absent), keeps the others, and returns the item as it is after.
   * The last one to merge wins; repeating it changes nothing. For what must live beside counts, such as a sanction.
   */
  merge(pk: string, sk: string, attributes: Attributes): Promise<Item>;
  /**
   * Removes working state (idempotency keys, quotas, expired sanctions). Never called on ledger records. With a
   * `version`, only while the stored item has it: what others changed since it was read stays, and that is no error.
   */
  remove(pk: string, sk: string, condition?: { readonly version: number }): Promise<void>;
}

/**
 * What a store tells, after the fact, of its items: DynamoDB Streams on AWS, triggers in the embedded store.
 * Old images come with `modified` and `removed`: they are what the sentinel preserves.
 */
export type Change =
  | { readonly kind: 'inserted'; readonly item: Item }
  | { readonly kind: 'modified'; readonly before: Item; readonly after: Item }
  /** `expired`: removed by DynamoDB itself for its TTL, not by anybody's call. */
  | { readonly kind: 'removed'; readonly before: Item; readonly expired: boolean };

/** Named immutable or replaceable bytes: a folder locally, an S3 bucket on AWS. Names use `/`, never `..`. */
export interface Blobs {
  get(name: string): Promise<Uint8Array | undefined>;
  /** `ifAbsent` refuses to replace (If-None-Match: *): `exists` is then the answer and nothing is written. */
  put(name: string, bytes: Uint8Array, options?: { ifAbsent?: boolean }): Promise<'stored' | 'exists'>;
  /** Names under a prefix in bytewise order. */
  list(prefix: string): AsyncIterable<string>;
  remove(name: string): Promise<void>;
}

/** A long-lived Ed25519 key that signs where it is kept (KMS `ED25519_SHA_512` RAW, or a file locally). */
export interface Signer {
  /** 32 raw bytes, RFC 8032. */
  readonly publicKey: Uint8Array;
  /** Pure Ed25519 over `message` (≤ 4,096 bytes, KMS's limit); 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Milliseconds since the epoch. Passed in, so that tests own time. */
export type Clock = () => number;

/** A new identifier, `{prefix}_{ULID}`: sortable by creation time, unguessable in its last 80 bits. */
export type Ids = (prefix: string) => string;

/** Cryptographically secure random bytes. */
export type Random = (length: number) => Uint8Array;

export type EngineResult =
  | { readonly status: 'succeeded'; readonly output: Json; readonly duration_us: number }
  | {
      readonly status: 'failed';
      readonly error: string;
      readonly cause: string;
      readonly duration_us: number;
    }
  /** A long run: its end is heard by `settle`, not here. */
  | { readonly status: 'started' };

/** Runs Amazon States Language. Starting twice under one `name` starts once (Step Functions' own rule). */
export interface Engine {
  run(execution: {
    /** Derived from the decision id: `[A-Za-z0-9-_]{1,80}`. */
    readonly name: string;
    readonly workflow: string;
    readonly input: Json;
    /** Wait for the end (Express) or return `started` (Standard). */
    readonly wait: boolean;
  }): Promise<EngineResult>;
}

/** Tells readers that the ledger grew. Rings may be lost, doubled or late: it is never the data. */
export interface Doorbell {
  ring(): void;
  /** Returns the function that stops listening. */
  listen(heard: () => void): () => void;
}

/** From the most talkative. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines. The adapter adds timestamp and redacts; callers never pass tokens or personal fields knowingly. */
export interface Log {
  write(level: LogLevel, logger: string, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * In-process operational figures (source `process` in the catalogue): they ride unsigned on the next record's
 * item, at most every 5 s. Names without the `chancery_` prefix.
 */
export interface Meter {
  /** `by` in the stored integers of the metric (`Family.scale`): things, microseconds. */
  count<M extends CounterName>(metric: M, labels: LabelNames<M>, by?: number): void;
  /** Value in the metric's base unit (seconds, bytes); `trace` leads from the figure to what was measured. */
  observe<M extends HistogramName>(metric: M, labels: LabelNames<M>, value: number, trace?: string): void;
  set<M extends GaugeName>(metric: M, labels: LabelNames<M>, value: number): void;
}

/** By OpenTelemetry's semantic conventions where they have a name for it; else ours, without a dot. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** On which side of a call a span stands; `internal` is neither. */
export type SpanKind = 'internal' | 'server' | 'client';

/** What of a span is none of its attributes. */
export interface SpanPlace {
  readonly kind?: SpanKind;
  /** The trace that it begins or joins, if that is another one than it runs in; then also whose span is above it. */
  readonly trace_id?: string;
  readonly parent_id?: string;
  readonly tracestate?: string;
  /** An id that others can know too. */
  readonly span_id?: string;
}

/** What a call carries on of the trace that it is made in (W3C Trace Context). */
export interface TraceHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** A span around a step. Errors thrown by `work` mark the span and go on; so does `error.type` where it is noted. */
export interface Tracer {
  /** @param work calls `note` with what is known only at the end of the step */
  span<T>(
    name: string,
    attributes: SpanPlace & SpanAttributes,
    work: (note: (attributes: SpanAttributes) => void) => Promise<T>,
  ): Promise<T>;
  /** Runs without a trace, whatever goes on around it: for whoever must not be found by one. */
  untraced<T>(work: () => Promise<T>): Promise<T>;
  /** Names the span that runs now; the caller's `tracestate` is handed on with it. Empty outside any trace. */
  headers(): TraceHeaders;
}
